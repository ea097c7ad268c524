"""Writes subword_models.json: small vocabularies of Unigram and WordPiece, and of byte pairs with other
normalizers and pre-tokenizers, each with the reference's tokens and text.

Made with tokenizers 0.23.3 and sentencepiece 0.2.3.

Usage: python3 subword_models.py [SEED [COUNT]] > subword_models.json
"""

import base64
import io
import json
import os
import random
import sys
import tempfile
import unicodedata

import sentencepiece
from tokenizers import (
    AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers)

import splitters
import subword

TRAINING = [
    "the quick brown fox jumps over the lazy dog and the dog does not mind, it is asleep.",
    "We'll say they've gone where you're going; I'm sure he'd agree. I can't, he won't!",
    "Größenwahn und Übermut; l'été à la plage; ¿dónde está el niño? Быстрая лиса.",
    "汉字和日本語、ひらがな。한국어 문장. العربية ٣٤٥. हिन्दी में लिखा। Việt Nam tiếng",
    "the theme of these three theses: thesis, antithesis, synthesis; other mothers, brothers",
    "running runner runs ran rerun; walking walker walks; talking talker talks; unhappily",
]

EXTRA = [
    "É", "e\u0301", "ﬁ", "ＡＢＣ", "①", "½", "Å", "\u212b", "ǅ", "İ", "ß", "ẞ", "\u0344", "ｶﾞ", "가", "각", "한",
    "\u1100\u1161\u11a8", "\ufdfa", "\u00b4", "\ufffd", "\u2581", "a\u2581b", "\x00", "\x01", "\u200d", "\u00ad",
    "\t", "\n", "\u3000", "[CLS]", "[MASK]", "☃", "𝔘", "x" * 101, "un", "the",
]


def make_texts(generator, count):
    texts = list(TRAINING) + ["", " ", "  ", " a", "a ", "  a  b  "]
    while len(texts) < count:
        parts = EXTRA + splitters.PARTS + " ".join(TRAINING).split() + [" "] * 60
        texts.append("".join(generator.choice(parts) for _ in range(generator.randrange(1, 9))))
    return texts


def lines(generator):
    words = " ".join(TRAINING).split()
    return TRAINING + [
        " ".join(generator.choice(words) for _ in range(12)) for _ in range(400)]


def character_map():
    """A compiled map with rules of one and several characters, as SentencePiece's trainer makes it."""
    rules = []
    for code in list(range(0xC0, 0x250)) + list(range(0xFF01, 0xFF5F)) + [0xFB01, 0x2460, 0x3000, 0x09]:
        new = unicodedata.normalize("NFKC", chr(code))
        if new != chr(code) or code == 9:
            new = " " if code in (9, 0x3000) else new
            rules.append(f"{code:X}\t{' '.join(f'{ord(c):X}' for c in new)}")
    rules += ["65 301\tE9", "41 30A\tC5", "41 42\t58", "41 42 43\t59 5A", "AD\t"]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rules.tsv")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(rules) + "\n")
        written = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(TRAINING * 4), model_writer=written, model_type="unigram",
            vocab_size=240, normalization_rule_tsv=path, minloglevel=2, hard_vocab_limit=False,
            user_defined_symbols=["<sep>"])
    return written.getvalue()


def unigram(training, marks):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.train_from_iterator(training, trainers.UnigramTrainer(
        vocab_size=400, special_tokens=marks, unk_token="<unk>", show_progress=False))
    return tokenizer


def documents(training):
    marks = ["<s>", "</s>", "<unk>", "<mask>"]
    tokenizer = unigram(training, marks)
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    yield "t5", tokenizer
    tokenizer = unigram(training, marks)
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Strip(left=False, right=True),
         normalizers.Replace(Regex(" {2,}"), "▁")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 1), ("<s>", 0))
    yield "xlm", tokenizer
    model = json.loads(tokenizer.to_str())
    pieces = [tuple(pair) for pair in model["model"]["vocab"]]
    pieces += [(f"<0x{byte:02X}>", -20.0) for byte in range(256)]
    fallback = Tokenizer(models.Unigram(pieces, unk_id=2, byte_fallback=True))
    fallback.normalizer = normalizers.Sequence(
        [normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()])
    fallback.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    fallback.decoder = decoders.Sequence(
        [decoders.ByteFallback(), decoders.Metaspace(prepend_scheme="first")])
    fallback.add_special_tokens(marks)
    yield "unigram-bytes", fallback
    for name, options in [("uncased", {}), ("cased", {"lowercase": False})]:
        tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.BertNormalizer(**options)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        tokenizer.decoder = decoders.WordPiece(cleanup=name == "uncased")
        tokenizer.train_from_iterator(training, trainers.WordPieceTrainer(
            vocab_size=500, show_progress=False,
            special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]))
        if name == "cased":
            tokenizer.add_tokens([AddedToken("[MASK]", lstrip=True, special=True)])
            tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
        else:
            tokenizer.post_processor = processors.TemplateProcessing(
                single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
                special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
        yield name, tokenizer
    yield from pairs(training)


def pairs(training):
    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    full = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    split = pre_tokenizers.Split
    kinds = {
        "falcon": (None, [
            pre_tokenizers.Punctuation(behavior="contiguous"), full,
            pre_tokenizers.Digits(individual_digits=False), split(Regex("[0-9][0-9][0-9]"), "isolated")]),
        "digits": (normalizers.NFKD(), [pre_tokenizers.Digits(individual_digits=False), full]),
        "spaces": (normalizers.Lowercase(), [pre_tokenizers.WhitespaceSplit(), level]),
        "words": (normalizers.Sequence([normalizers.Strip(), normalizers.NFC()]),
                  [pre_tokenizers.Whitespace(), level]),
        "previous": (normalizers.Replace("the", "ThE"), [split(" ", "merged_with_previous"), level]),
        "next": (normalizers.Prepend("xx"), [split(" ", "merged_with_next"), level]),
        "contiguous": (None, [split(Regex(r"\p{N}"), "contiguous"), level]),
        "removed": (normalizers.NFD(), [split(Regex(r"\s+"), "removed"), pre_tokenizers.Punctuation(), level]),
        "kept": (None, [split(Regex(r"\S+"), "removed", invert=True), level]),
    }
    for name, (normalizer, parts) in kinds.items():
        tokenizer = Tokenizer(models.BPE())
        if normalizer:
            tokenizer.normalizer = normalizer
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(parts)
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.train_from_iterator(training, trainers.BpeTrainer(
            vocab_size=500, show_progress=False, special_tokens=["<s>"],
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())))
        yield name, tokenizer


def without_marks(tokenizer):
    """The same tokenizer, to which marks are text."""
    document = json.loads(tokenizer.to_str())
    document["added_tokens"] = []
    return Tokenizer.from_str(json.dumps(document))


def main():
    seed, count = (int(word) for word in (sys.argv[1:] + ["5", "200"][len(sys.argv) - 1:]))
    generator = random.Random(seed)
    training = lines(generator)
    texts = make_texts(generator, count)
    model = character_map()
    golden = {"texts": texts, "documents": {}}
    for name, tokenizer in documents(training):
        golden["documents"][name] = subword.encoded(tokenizer, without_marks(tokenizer), texts)
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    # SentencePiece takes strings that end at the first NUL.
    short = [text for text in texts if "\x00" not in text]
    golden["file"] = {
        "model": base64.b64encode(model).decode(), "texts": short,
        "plain": [processor.encode(text) for text in short],
        "normal": [processor.normalize(text) for text in short],
    }
    json.dump(golden, sys.stdout, separators=(",", ":"))
    print()


if __name__ == "__main__":
    main()
