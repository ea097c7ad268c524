"""Writes structured/regular_expressions.json: patterns, texts, and whether Python's re finds them.

Run with the `regex` package, whose fullmatch and search are the witness (`re` agrees where it can).
The patterns are ECMA's; what differs is spelled out for Python by `python_of`.
"""

import json
import pathlib
import random

import regex

BLANKS = r"\t\n\x0b\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
ALPHABET = ["a", "b", "c", "A", "B", "0", "7", "_", "-", " ", "\n", ".", "é", "ß", "λ", "日", "😀", "\u00a0", "\u2028"]


WORD = "A-Za-z0-9_"


def spelled(letter, in_class):
    """An escape that ECMA keeps to ASCII, spelled out; None for others."""
    plain = {"d": "0-9", "w": WORD}.get(letter.lower())
    if plain:
        return plain if in_class else f"[{'^' if letter.isupper() else ''}{plain}]"
    border = f"(?:(?<=[{WORD}])(?![{WORD}])|(?<![{WORD}])(?=[{WORD}]))"
    inside = f"(?:(?<=[{WORD}])(?=[{WORD}])|(?<![{WORD}])(?![{WORD}]))"
    return {"b": border, "B": inside}.get(letter)


def python_of(pattern):
    """The same in Python's syntax, given the few spellings that the generator uses."""
    out, index, in_class = [], 0, False
    while index < len(pattern):
        two = pattern[index:index + 2]
        if two == "\\s":
            out.append(BLANKS if in_class else f"[{BLANKS}]")
            index += 2
        elif two == "\\S":
            out.append(f"[^{BLANKS}]")
            index += 2
        elif two in ("\\p", "\\P"):
            end = pattern.index("}", index) + 1
            out.append(pattern[index:end])
            index = end
        elif two[0] == "\\":
            out.append(spelled(two[1], in_class) or two)
            index += 2
        else:
            character = pattern[index]
            if character == "[":
                in_class = True
            elif character == "]":
                in_class = False
            if character == "." and not in_class:
                character = r"[^\n\r\u2028\u2029]"
            if character == "$" and not in_class:
                character = r"\Z"
            out.append(character)
            index += 1
    return "".join(out)


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def atom(self, depth):
        choice = self.random.random
        pick = self.random.choice
        kind = choice()
        if depth > 0 and kind < 0.25:
            opening = pick(["(", "(?:", "(", "(?<n%d>" % self.random.randrange(10**6), "(?i:"])
            return opening + self.alternatives(depth - 1) + ")"
        if kind < 0.6:
            return pick(["a", "b", "c", "A", "0", "_", "-", " ", "é", "λ", "日", "😀", r"\.", r"\n", r"\x61", r"\u00e9", "ß"])
        if kind < 0.7:
            return "."
        if kind < 0.85:
            return pick([r"\d", r"\w", r"\s", r"\D", r"\W", r"\S", r"\p{L}", r"\P{L}", r"\p{Lu}", r"\p{Script=Greek}", r"\p{Nd}"])
        members = "".join(
            pick(["a", "b-d", "0-9", r"\d", r"\w", "_", "é", "α-ω", "一-龥", "😀-😎", " ", r"\n", r"\s", "A-C"])
            for _ in range(self.random.randint(1, 3)))
        return "[" + pick(["", "", "^"]) + members + "]"

    def quantified(self, depth):
        atom = self.atom(depth)
        kind = self.random.random()
        if kind < 0.55:
            return atom
        low = self.random.randint(0, 3)
        quantifier = self.random.choice(["*", "+", "?", "{%d}" % low, "{%d,}" % low, "{%d,%d}" % (low, low + self.random.randint(0, 3))])
        return atom + quantifier + self.random.choice(["", "", "", "?"])

    def sequence(self, depth):
        parts = []
        for _ in range(self.random.choice([0, 1, 1, 2, 2, 3, 4])):
            kind = self.random.random()
            if kind < self.anchors:
                parts.append(self.random.choice(self.marks))
            parts.append(self.quantified(depth))
        if self.random.random() < self.anchors:
            parts.append(self.random.choice(self.marks))
        return "".join(parts)

    def alternatives(self, depth):
        return "|".join(self.sequence(depth) for _ in range(self.random.choice([1, 1, 1, 2, 3])))

    def pattern(self, marks, anchors):
        self.marks, self.anchors = marks, anchors
        return self.alternatives(self.random.choice([0, 1, 2]))

    def text(self):
        return "".join(self.random.choice(ALPHABET) for _ in range(self.random.choice([0, 1, 1, 2, 2, 3, 4, 6])))


def near(maker, matched):
    """A text close to one that was found."""
    text = list(matched)
    for _ in range(maker.random.choice([0, 1, 1, 2])):
        place = maker.random.randint(0, len(text))
        if maker.random.random() < 0.5:
            text.insert(place, maker.random.choice(ALPHABET))
        elif text:
            del text[min(place, len(text) - 1)]
    return "".join(text)


def case(maker, pattern):
    compiled = regex.compile(python_of(pattern), regex.V0)
    texts, seen = [], []
    for _ in range(60):
        text = near(maker, maker.random.choice(seen)) if seen and maker.random.random() < 0.4 else maker.text()
        found = compiled.search(text)
        if found:
            seen.append(found.group())
            seen.append(text)
        texts.append(text)
    rows = {}
    for text in texts:
        rows[text] = [int(bool(compiled.fullmatch(text))), int(bool(compiled.search(text)))]
    kept = sorted(rows, key=lambda t: (-rows[t][0], -rows[t][1]))
    chosen = kept[:6] + kept[-6:] if len(kept) > 12 else kept
    return {"pattern": pattern, "texts": [[t, *rows[t]] for t in dict.fromkeys(chosen)]}


def main():
    maker = Maker(20260412)
    cases, plans = [], [([], 0, 500), (["^", "$"], 0.3, 300), (["^", "$", r"\b", r"\B"], 0.25, 200)]
    for marks, anchors, count in plans:
        made = 0
        while made < count:
            pattern = maker.pattern(marks, anchors)
            try:
                cases.append(case(maker, pattern))
            except regex.error:
                continue
            made += 1
    target = pathlib.Path(__file__).parent / "structured" / "regular_expressions.json"
    lines = ",\n".join(json.dumps(c, ensure_ascii=True, separators=(",", ":")) for c in cases)
    target.write_text("[\n" + lines + "\n]\n")
    print(len(cases), sum(len(c["texts"]) for c in cases), target.stat().st_size,
          sum(t[1] for c in cases for t in c["texts"]), sum(t[2] for c in cases for t in c["texts"]))


if __name__ == "__main__":
    main()
