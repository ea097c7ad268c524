"""Writes tokenizer.json: what the reference tokenizer makes of a few hundred texts.

Needs `pip install tokenizers` (made with 0.23.3). The vocabulary is trained here on the texts and
parts below without splitting them into words, so that merges cross every boundary a splitter may
set: a wrong boundary changes the ids. Two bytes have no token, and one part uses the merges in shuffled
order, in which results are merged before their parts.

Usage: python3 -P tokenizer.py > tokenizer.json
"""

import json
import random
import sys

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers, trainers

SPECIALS = ["<|end|>", "<|start|>", "<|start|>role", "☃", "[tool]"]
WITHOUT_TOKEN = "\x07\x7f"

TRAINING = [
    "The quick brown fox jumps over the lazy dog, and the dog doesn't mind: it's asleep.\n",
    "We'll say they've gone where you're going; I'm sure he'd agree. I'M SURE HE'LL AGREE!\n",
    "def encode(self, text):\n    return [self.ids[t] for t in self.split(text)]\n\n\n",
    "\tif (x >= 10 && y != 200) {\r\n\t\tprintf(\"%d\\n\", x + 3000);\r\n\t}\r\n",
    "Phone 555-0123, 1,234,567.89 dollars, 2024-11-30 at 12:45; pi is 3.14159265.\n",
    "  two  spaces   three    four     five ... !!! ??? --- === ((())) [[]] {{}}\n",
    "Größenwahn und Übermut; l'été à la plage; ¿dónde está el niño? Быстрая лиса.\n",
    "汉字和日本語、ひらがな。한국어 문장. العربية والأرقام ٣٤٥. हिन्दी में लिखा।\n",
    "👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈 🇫🇷 e\u0301 a\u0308\u0301 \u00a0\u3000\u2028 x² ½ Ⅷ\n",
    "user\nhello there\nassistant\n | <- -> |\n",
]

PARTS = [
    "'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'LL", "'Ve", "'\u017f", "'", "''", '"',
    "don't", "I'M", "\r\n", "\n", "\n\n", "\r", "\t", "  ", "   ", " ", "\u00a0", "\u3000",
    "\u2028", "\u0085", "\u200b", "\ufeff", "0", "12", "345", "6789", "１２", "²", "½", "Ⅷ", "٣٤",
    "hello", "World", "the ", " dog", "Größe", "ÀÉ", "é", "e\u0301", "\u0301\u0302", "汉字",
    "日本語", "한국어", "العربية", "हिन्दी", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇫🇷", "👍🏽", "𝔘𝔫𝔦", "\x00", "\x1f", "\x07",
    "\x7f", "!", "!!", "...", "#$%", "<|end|>", "<|start|>", "<|start|>role", "<|", "☃", "|>",
    "<|end|", "end|>", "[tool]", "[too", "_", "-", "(x)", "{[", "\u202e", "\u0378", "\U000e0041",
    "\ue000", "ǅ", "ª", "ʰ", "‿", "€", "\ud7ff", "\U0010ffff",
]

LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
SPACE = r"\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN35 = (
    CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}"
    r"| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|" + SPACE
)
DEEPSEEK = [
    r"\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+",
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"""
    r"| ?[\p{P}\p{S}]+[\r\n]*|" + SPACE,
]


def cases(ending, number):
    upper, lower = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
    first = r"[^\r\n\p{L}\p{N}]?"
    return "|".join([
        f"{first}{upper}*{lower}+{ending}", f"{first}{upper}+{lower}*{ending}", number,
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*", SPACE,
    ])


def regex_splitter(*patterns):
    return pre_tokenizers.Sequence([
        *(pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])


SPLITTERS = {
    "gpt-2": pre_tokenizers.ByteLevel(add_prefix_space=False),
    "smollm": pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
    ]),
    "llama-bpe": regex_splitter(LLAMA3),
    "dbrx": regex_splitter(LLAMA3),
    "qwen2": regex_splitter(LLAMA3.replace("{1,3}", "")),
    "qwen35": regex_splitter(QWEN35),
    "gpt-4o": regex_splitter(cases(CONTRACTIONS + "?", r"\p{N}{1,3}")),
    "tekken": regex_splitter(cases("", r"\p{N}")),
    "deepseek-v3": regex_splitter(*DEEPSEEK),
}


WHOLE_WORDS = {"llama-bpe", "tekken"}


def train(generator):
    # No merge may lead to the text of a special token.
    allowed = [
        part for part in PARTS
        if part not in WITHOUT_TOKEN and not any(part in s or s in part for s in SPECIALS)
    ]
    lines = TRAINING + [
        "".join(generator.choice(allowed) for _ in range(20)) for _ in range(300)
    ]
    lines += ["".join(generator.choice(" a1'!\n") for _ in range(40)) for _ in range(60)]
    tokenizer = Tokenizer(models.BPE())
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = byte_level
    absent = {byte_level.pre_tokenize_str(c)[0][0] for c in WITHOUT_TOKEN}
    trainer = trainers.BpeTrainer(
        vocab_size=900, max_token_length=10, show_progress=False, special_tokens=SPECIALS,
        initial_alphabet=sorted(set(pre_tokenizers.ByteLevel.alphabet()) - absent))
    tokenizer.train_from_iterator(lines, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    pieces = [piece for piece, _ in sorted(model["vocab"].items(), key=lambda item: item[1])]
    return pieces, [tuple(merge) for merge in model["merges"]]


def reference(pieces, merges, splitter, specials=()):
    vocabulary = {piece: token for token, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.BPE(
        vocab=vocabulary, merges=merges, ignore_merges=splitter in WHOLE_WORDS))
    tokenizer.pre_tokenizer = SPLITTERS[splitter]
    tokenizer.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in specials])
    return lambda text: tokenizer.encode(text, add_special_tokens=False).ids


def make_texts(generator):
    texts = list(TRAINING) + ["", " ", "\n", "a", "'", "  \n  x", "x  1", "x\t\ty", " \t\n"]
    for length in (1, 2, 3, 5, 8, 13) * 16:
        texts.append("".join(generator.choice(PARTS) for _ in range(length)))
    for _ in range(20):
        texts.append("".join(generator.choice(" \t\n\r\u00a0'a1!") for _ in range(16)))
    letters = "".join(c for c in "".join(TRAINING[:2]) if c.isalpha())
    texts += [letters * 3, "the" * 120, "A" * 400, " " * 300 + "x", "=" * 200 + "\n" * 200]
    return texts


def classes():
    """Ranges of the characters that the reference's regular expressions call L, N and s."""
    ranges = {}
    for name in ("L", "N", "s"):
        pattern = "\\s" if name == "s" else "\\p{%s}" % name
        splitter = pre_tokenizers.Split(Regex(pattern), "isolated")
        found = ranges[name] = []
        for code in range(0x110000):
            if 0xD800 <= code < 0xE000:
                continue
            if len(splitter.pre_tokenize_str("\x01" + chr(code))) == 2:
                if found and found[-1][1] == code - 1:
                    found[-1][1] = code
                else:
                    found.append([code, code])
    return ranges


def main():
    generator = random.Random(20)
    pieces, merges = train(generator)
    texts = make_texts(generator)
    order = list(range(len(merges)))
    generator.shuffle(order)
    shuffled = reference(pieces, [merges[rank] for rank in order], "gpt-2")
    special = reference(pieces, merges, "smollm", SPECIALS)
    golden = {
        "tokenizers": tokenizers.__version__,
        "specials": len(SPECIALS),
        "pieces": pieces,
        "merges": [" ".join(merge) for merge in merges],
        "texts": texts,
        "plain": {
            name: [reference(pieces, merges, name)(text) for text in texts] for name in SPLITTERS
        },
        "special": [special(text) for text in texts],
        "order": order,
        "shuffled": [shuffled(text) for text in texts],
        "classes": classes(),
    }
    json.dump(golden, sys.stdout, separators=(",", ":"))
    print()


if __name__ == "__main__":
    main()
