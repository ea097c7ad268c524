"""Generated patterns and grammars with texts near them, and the programs that judge the same."""
import json, re, sys

LETTERS = "ab1 _é-"


def pattern(rng, depth=3):
    """A pattern of what all the libraries mean alike."""
    kind = rng.randrange(10 if depth else 4)
    if kind < 2:
        return rng.choice(["a", "b", "1", "é", "_", " ", "ab", "\\-", "\\.", "ba1"])
    if kind == 2:
        return rng.choice(["[ab]", "[^a]", "[a-z]", "\\d", "\\D", "[\\d_]", "[^\\s1]", ".", "[é1]", "[b-z_]"])
    if kind == 3:
        return rng.choice(["a", "b"])
    if kind < 6:
        return pattern(rng, depth - 1) + pattern(rng, depth - 1)
    if kind == 6:
        return f"(?:{pattern(rng, depth - 1)}|{pattern(rng, depth - 1)})"
    if kind == 7:
        return f"({pattern(rng, depth - 1)}){rng.choice(['*', '+', '?', '{2}', '{1,3}', '{2,}', '*?', '+?'])}"
    if kind == 8:
        return f"(?:{pattern(rng, depth - 1)})?{pattern(rng, depth - 1)}"
    return rng.choice(["^%s", "%s$", "^%s$", "(?:^%s|b)", "(?:%s$|a)"]) % pattern(rng, depth - 1)


def text_like(source, rng):
    """A text that may be near a pattern: its letters, and others."""
    near = [c for c in source if c.isalnum() or c in " _é"] or ["a"]
    return "".join(rng.choice(near) if rng.random() < 0.75 else rng.choice(LETTERS)
                   for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8])))


class Exact:
    """A library's pattern with the meaning that it has here: `$` is the end, digits are those of ASCII."""

    def __init__(self, library, source):
        # A final line break does not count as an end.
        source = source.replace("$", "\\Z")
        self.compiled = library.compile(source, library.ASCII)

    def fullmatch(self, text):
        return self.compiled.fullmatch(text)

    def search(self, text):
        return self.compiled.search(text)


def regex_libraries(source):
    yield "re", Exact(re, source)
    try:
        import regex
        yield "regex", Exact(regex, source)
    except ImportError:
        print("the package regex is left out", file=sys.stderr)


def expression(rng, names, quote, depth=3):
    """The right side of a rule in EBNF."""
    kind = rng.randrange(9 if depth else 3)
    if kind < 2:
        return quote + rng.choice(["a", "b", "ab", "ba", "(", ",", "é"]) + quote
    if kind == 2:
        return rng.choice(names)
    if kind < 6:
        return " ".join(expression(rng, names, quote, depth - 1) for _ in range(rng.randint(1, 3)))
    if kind == 6:
        return "(" + " | ".join(expression(rng, names, quote, depth - 1) for _ in range(rng.randint(1, 3))) + ")"
    return "(" + expression(rng, names, quote, depth - 1) + ")" + rng.choice(["*", "+", "?", "{2}", "{1,3}", "{0,2}"])


def near_texts(rng, count=24):
    return ["".join(rng.choice(["a", "b", "ab", "ba", "(", ",", "é", "x"])
                    for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 3, 4, 5, 7]))) for _ in range(count)]


def tag(rng, depth=2):
    """A format of a structural tag."""
    kind = rng.randrange(8 if depth else 3)
    if kind == 0:
        return {"type": "const_string", "value": rng.choice(["a", "b", "ab", "(", ","])}
    if kind == 1:
        return {"type": "regex", "pattern": rng.choice(["[ab]+", "a{1,3}", "(ab|b)?a", "[^x]"])}
    if kind == 2:
        return {"type": "grammar", "grammar": 'root ::= "a" root | "b"'}
    if kind == 3:
        return {"type": "sequence", "elements": [tag(rng, depth - 1) for _ in range(rng.randint(1, 3))]}
    if kind == 4:
        return {"type": "or", "elements": [tag(rng, depth - 1) for _ in range(rng.randint(1, 3))]}
    if kind == 5:
        return {"type": rng.choice(["optional", "star", "plus"]), "content": {"type": "const_string", "value": "ba"}}
    if kind == 6:
        return {"type": "tag", "begin": "(", "content": tag(rng, depth - 1), "end": ","}
    return {"type": "tags_with_separator", "separator": ",", "at_least_one": rng.random() < 0.5, "tags": [
        {"type": "tag", "begin": "(", "content": {"type": "regex", "pattern": "[ab]"}, "end": ")"}]}


def grammar(notation, rng):
    """A grammar, and texts that may be near it."""
    texts = near_texts(rng)
    if notation == "tag":
        return {"type": "structural_tag", "format": tag(rng)}, texts
    names = ["root", "x", "y"] if notation == "gbnf" else ["start", "x", "y"]
    mark = "::=" if notation == "gbnf" else ":"
    lines = [f'{name} {mark} {expression(rng, names, chr(34))} | "{rng.choice("ab,")}"' for name in names]
    # All rules are used, as Lark wants it.
    lines[0] += " | x y"
    return "\n".join(lines), texts


def lark_as_gbnf(source):
    """A generated grammar in the other spelling."""
    return "\n".join(line.replace(" : ", " ::= ", 1) for line in source.replace("start", "root").split("\n"))


class LLGuidance:
    """llguidance over a vocabulary."""
    name = "llguidance"

    def __init__(self, vocabulary):
        import llguidance
        self.library, self.vocabulary = llguidance, vocabulary
        end = len(vocabulary.texts) - 1

        class Tokens:
            eos_token_id, bos_token_id = end, None
            tokens = [t if t else b"\xff<%d>" % i for i, t in enumerate(vocabulary.texts)]
            special_token_ids = [i for i, t in enumerate(vocabulary.texts) if not t]

            def __call__(self, text):
                return vocabulary.longest_first(text.encode() if isinstance(text, str) else bytes(text))
        self.tokenizer = llguidance.LLTokenizer(llguidance.TokenizerWrapper(Tokens()))

    def matcher(self, grammar):
        """A matcher; None where the grammar is refused."""
        made = self.library.LLMatcher(self.tokenizer, grammar, log_level=0)
        return None if made.get_error() else made

    def compile(self, source, notation):
        """A grammar in Lark's notation; None where it is refused."""
        return self.matcher(self.library.LLMatcher.grammar_from_lark(source))

    def takes(self, matcher, data):
        matcher = matcher.deep_copy()
        for token in self.vocabulary.longest_first(data):
            if not matcher.consume_token(token):
                return False
        return matcher.is_accepting()


class XGrammar:
    """XGrammar over a vocabulary."""
    name = "xgrammar"

    def __init__(self, vocabulary):
        import xgrammar
        self.library, self.vocabulary = xgrammar, vocabulary
        texts = [t if t else b"" for t in vocabulary.texts]
        self.end = len(texts) - 1
        info = xgrammar.TokenizerInfo(
            texts, vocab_type=xgrammar.VocabType.RAW, vocab_size=len(texts), stop_token_ids=[self.end])
        self.compiler = xgrammar.GrammarCompiler(info, max_threads=1, cache_enabled=False)

    def compile(self, source, notation):
        """A grammar in EBNF or a structural tag; None where it is refused."""
        try:
            if notation == "gbnf":
                return self.compiler.compile_grammar(source)
            return self.compiler.compile_structural_tag(json.dumps(source))
        except Exception:
            return None

    def takes(self, grammar, data):
        matcher = self.library.GrammarMatcher(grammar)
        for token in self.vocabulary.longest_first(data):
            if not matcher.accept_token(token):
                return False
        return matcher.accept_token(self.end)


def engines(kinds, vocabulary):
    """Those of some programs that are installed."""
    for kind in kinds:
        try:
            yield kind(vocabulary)
        except ImportError as error:
            print(f"{kind.name} is left out: {error}", file=sys.stderr)
