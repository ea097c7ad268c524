"""Vocabularies, cuts of texts into tokens, and the tool that walks them through grammars."""
import json, pathlib, random, struct, subprocess, tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = ROOT / "Tests/Goldens/structured"


class Vocabulary:
    """The bytes of each token; None where a token is no text."""

    def __init__(self, name, texts):
        self.name, self.texts = name, texts
        self.tokens = {}
        for token, text in enumerate(texts):
            if text:
                self.tokens.setdefault(text, token)
        self.longest = max(len(text) for text in self.tokens)

    def save(self, folder):
        path = pathlib.Path(folder) / f"{self.name}.txt"
        path.write_text("".join(f"{t.hex() if t else '-'}\n" for t in self.texts))
        return path

    def longest_first(self, data):
        """Tokens of a text, each the longest that fits."""
        result, place = [], 0
        while place < len(data):
            for end in range(min(len(data), place + self.longest), place, -1):
                token = self.tokens.get(data[place:end])
                if token is not None:
                    break
            result.append(token)
            place = end
        return result

    def at_random(self, data, rng):
        """Tokens of a text, each of a length that fits, by chance."""
        result, place = [], 0
        while place < len(data):
            ends = [e for e in range(place + 1, min(len(data), place + self.longest) + 1)
                    if data[place:e] in self.tokens]
            end = rng.choice(ends)
            result.append(self.tokens[data[place:end]])
            place = end
        return result


def gguf_tokens(path):
    """The texts and kinds of a GGUF file's tokens."""
    data = pathlib.Path(path).open("rb")
    read = lambda form: struct.unpack("<" + form, data.read(struct.calcsize("<" + form)))[0]
    text = lambda: data.read(read("Q"))
    forms = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}

    def value(kind):
        if kind == 8:
            return text()
        if kind == 9:
            inner, count = read("I"), read("Q")
            return [value(inner) for _ in range(count)]
        return read(forms[kind])

    assert data.read(4) == b"GGUF"
    read("I"), read("Q")
    found = {}
    for _ in range(read("Q")):
        name = text().decode()
        found[name] = value(read("I"))
    return found["tokenizer.ggml.tokens"], found["tokenizer.ggml.token_type"]


def byte_level(path):
    """The vocabulary of a model whose tokens spell bytes as printable characters."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [b for b in range(256) if b not in plain]
    spelled = {chr(b): b for b in plain} | {chr(256 + i): b for i, b in enumerate(rest)}
    texts, kinds = gguf_tokens(path)
    return Vocabulary("byte-level", [
        bytes(spelled[c] for c in text.decode()) if kind == 1 else None
        for text, kind in zip(texts, kinds)])


def made(size, seed=1, name="made"):
    """A vocabulary of every byte, JSON's marks in clusters, and pieces of words, made for the test."""
    rng = random.Random(seed)
    texts = {}
    for byte in range(256):
        texts[bytes([byte])] = None
    marks = ['"', '":', '": ', '": "', '", "', '","', '"}', '"]', '"},', '{"', '[{"', "{}", "[]", "},{",
             '"}\n', "\n  ", "\n    ", '": {', '": [', "true", "false", "null", ": ", ", ", "-0.", '\\"', "\\n",
             "\\u00", "\\\\", "]}", "}}", "}]", '}",', "1.0", "e+"]
    for mark in marks:
        texts[mark.encode()] = None
    syllables = ["".join(p) for p in
                 [(a, b) for a in "bcdfghjklmnprstvwz" for b in "aeiou"]] + list("aeiouxyqé") + [
        "st", "th", "ing", "tion", "er", "name", "type", "id", "value", "日", "本", "ß", "ø", "и", "на", "😀"]
    digits = [f"{n}" for n in range(1000)] + [f"{n:02}" for n in range(100)]
    for text in digits:
        texts[text.encode()] = None
    while len(texts) < size - 16:
        word = "".join(rng.choice(syllables) for _ in range(rng.choice([1, 1, 2, 2, 2, 3, 3, 4, 6])))
        shape = rng.random()
        if shape < 0.4:
            word = " " + word
        elif shape < 0.5:
            word = word.capitalize()
        elif shape < 0.55:
            word = rng.choice(['"', '_', "-", "/", "<", ">", "(", "."]) + word
        elif shape < 0.6:
            word = word + rng.choice(['"', '":', '",', "_", ".", "()", "="])
        elif shape < 0.62:
            data = word.encode()
            texts[data[: rng.randint(1, len(data))]] = None
            continue
        texts[word.encode()] = None
    return Vocabulary(name, [None] * 16 + list(texts)[: size - 16])


def sentence_piece(size, seed=2):
    """One whose words begin with the sign for a blank, and whose bytes are tokens of their own."""
    base = made(size - 259, seed)
    texts = [None, None, None] + [bytes([b]) for b in range(256)]
    for text in base.texts[16:]:
        texts.append(text)
    # Tokens of one byte come twice there: as bytes and as pieces.
    return Vocabulary("sentence-piece", texts[:size])


def write(value):
    """JSON as answers have it: compact, letters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def resolved(schema, root):
    for _ in range(20):
        if not isinstance(schema, dict):
            return {}
        reference = schema.get("$ref")
        if not isinstance(reference, str) or "properties" in schema or not reference.startswith("#"):
            return schema
        target = root
        for part in reference.split("/")[1:]:
            if not isinstance(target, dict) or part not in target:
                return schema
            target = target[part]
        schema = target
    return schema


def ordered(value, schema, root):
    """A value with the members of `properties` first, in the order of the schema."""
    schema = resolved(schema, root)
    if isinstance(value, list):
        first = schema.get("prefixItems", schema.get("items"))
        def of(i):
            if isinstance(first, list) and i < len(first):
                return first[i]
            return schema.get("items")
        return [ordered(v, of(i), root) for i, v in enumerate(value)]
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return int(value)
    if not isinstance(value, dict):
        return value
    declared = schema.get("properties")
    declared = declared if isinstance(declared, dict) else {}
    names = [n for n in declared if n in value] + [n for n in value if n not in declared]
    more = schema.get("additionalProperties")
    return {n: ordered(value[n], declared.get(n, more), root) for n in names}


def schema_cases():
    """The schemas of the project's own set, with the texts of their instances."""
    for line in json.loads((CASES / "schemas_open.json").read_text()):
        texts = {}
        for kind in ("valid", "invalid"):
            values = [v["data"] if kind == "invalid" and isinstance(v, dict) and "why" in v and "data" in v
                      else v for v in line[kind]]
            texts[kind] = [write(ordered(v, line["schema"], line["schema"])) for v in values]
        yield line, texts


def walk(tool, vocabulary, cases, *options):
    """What the tool says of cases, in their order."""
    with tempfile.TemporaryDirectory() as folder:
        path = vocabulary.save(folder)
        process = subprocess.run(
            [str(tool), str(path), *options], text=True, stdout=subprocess.PIPE, check=True,
            input="".join(json.dumps(case) + "\n" for case in cases))
    return [json.loads(line) for line in process.stdout.splitlines()]
