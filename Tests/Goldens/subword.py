"""Writes subword.json: small vocabularies of every supported kind, with the reference's tokens.

Needs `pip install tokenizers sentencepiece` (made with 0.23.3 and 0.2.3). "documents" are
tokenizer.json files of the tokenizers library, trained here, with what it makes of the texts:
`special` with all added tokens, `plain` without those that only a template may write, `text` what
`plain` decodes to. "models" are models of SentencePiece as a GGUF file keeps them. "composed" has
texts and their form NFC.

Usage: python3 subword.py > subword.json
"""

import io
import json
import random
import sys
import unicodedata

import sentencepiece
import tokenizers
from tokenizer import PARTS, QWEN35, TRAINING, LLAMA3, regex_splitter
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers
from tokenizers import processors, trainers

MARKS = ["<s>", "</s>", "<start_of_turn>", "[INST]"]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
ALPHABET = sorted({c for line in TRAINING[:7] for c in line if c > " "} | {"▁", "\n"})
MORE = [
    "▁", "a▁b", " ▁", "▁▁x", "<s>", "</s>", " <start_of_turn> ", "[INST] hi [/INST]", "\n\n", "\n\n\n",
    "e\u0301", "a\u0308\u0323", "\u1100\u1161\u11a8", "\u212b", "\u0958", "ﬁ", "x<tag>y", "<tag>", " <tag>",
    "é<tag>", "‿<tag>", "<tag>²", "<tag>_", "<table>", "</b>", "  <mask>  ",
    "\t<mask>", "naïve", "  ", "€", "\x00", "日",
]


def lines(generator):
    return TRAINING + [
        "".join(generator.choice(PARTS[:60]) for _ in range(12)) for _ in range(120)]


def added(content, special=True, **flags):
    return AddedToken(content, special=special, normalized=flags.pop("normalized", False), **flags)


def sequence(kind, *parts):
    return kind.Sequence(list(parts))


LLAMA_DECODER = sequence(
    decoders, decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
    decoders.Strip(" ", 1, 0))
GEMMA_DECODER = sequence(
    decoders, decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse())
BYTE_LEVEL = decoders.ByteLevel()


def character_document(training, normalizer, pre_tokenizer, decoder, extra=(), **options):
    trained = Tokenizer(models.BPE(unk_token="<unk>"))
    trained.normalizer = normalizer
    if pre_tokenizer:
        trained.pre_tokenizer = pre_tokenizer
    falls_back = options.get("byte_fallback", False)
    specials = ["<unk>", *MARKS, *(BYTES if falls_back else [])]
    trained.train_from_iterator(training, trainers.BpeTrainer(
        vocab_size=len(specials) + 330, special_tokens=specials, show_progress=False,
        initial_alphabet=ALPHABET, limit_alphabet=len(ALPHABET), max_token_length=8))
    model = json.loads(trained.to_str())["model"]
    tokenizer = Tokenizer(models.BPE(
        vocab=model["vocab"], merges=[tuple(m) for m in model["merges"]], unk_token="<unk>",
        **options))
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoder
    tokenizer.add_special_tokens([added("<unk>"), *(added(mark) for mark in MARKS)])
    tokenizer.add_tokens(list(extra))
    bos = tokenizer.token_to_id("<s>")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", bos)])
    return tokenizer


def byte_document(training, normalizer, pre_tokenizer, extra=(), **options):
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    trained.train_from_iterator(training, trainers.BpeTrainer(
        vocab_size=520, special_tokens=MARKS, show_progress=False, max_token_length=8,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    model = json.loads(trained.to_str())["model"]
    tokenizer = Tokenizer(models.BPE(
        vocab=model["vocab"], merges=[tuple(m) for m in model["merges"]], **options))
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = BYTE_LEVEL
    tokenizer.add_special_tokens([added(mark) for mark in MARKS])
    tokenizer.add_tokens(list(extra))
    return tokenizer


def documents(training):
    prepend = sequence(
        normalizers, normalizers.Prepend("▁"), normalizers.Replace(" ", "▁"))
    replace = normalizers.Replace(" ", "▁")
    plain = {"special": False}
    yield "llama", character_document(
        training, prepend, None, LLAMA_DECODER, byte_fallback=True, fuse_unk=True)
    for scheme, decoder in [
        ("first", LLAMA_DECODER), ("always", decoders.Metaspace()), ("never", GEMMA_DECODER)]:
        space = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=scheme != "first")
        yield f"metaspace-{scheme}", character_document(
            training, None, space, decoder, byte_fallback=scheme != "always",
            fuse_unk=scheme == "always")
    yield "gemma", character_document(
        training, replace, pre_tokenizers.Split(" ", "merged_with_previous"), GEMMA_DECODER,
        [added("\n\n", **plain), added("\n\n\n", **plain), added("▁▁", **plain),
         added("<table>", **plain), added("</b>", **plain), added("<tag>", **plain)],
        byte_fallback=True, fuse_unk=True)
    yield "nfc", byte_document(
        training, normalizers.NFC(), regex_splitter(LLAMA3.replace("{1,3}", "")),
        [added("<tag>", **plain), added("<\u00e9>", normalized=True, **plain)])
    yield "qwen35", byte_document(training, sequence(normalizers, normalizers.NFC()), regex_splitter(QWEN35))
    yield "llama3", byte_document(training, None, regex_splitter(LLAMA3), ignore_merges=True)
    yield "flags", byte_document(
        training, None, pre_tokenizers.ByteLevel(add_prefix_space=True),
        [added("<mask>", lstrip=True), added("<end>", rstrip=True),
         added("<tag>", single_word=True, **plain), added("dog", normalized=True, **plain)])
    yield "whole", byte_document(
        training, None, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False))


def without_marks(tokenizer):
    """The same tokenizer, but nobody may write a mark."""
    document = json.loads(tokenizer.to_str())
    document["added_tokens"] = [
        token for token in document["added_tokens"]
        if not token["content"].strip("▁ \n\t") or token["content"] in ("<table>", "</b>")]
    # Merges must not make one either.
    return Tokenizer.from_str(json.dumps(document))


def encoded(tokenizer, plain, texts):
    """A tokenizer, and what it makes of texts; `plain` is the same one, to which marks are text."""
    tokens = [plain.encode(text, add_special_tokens=False).ids for text in texts]
    return {
        "tokenizer": json.loads(tokenizer.to_str()),
        "special": [tokenizer.encode(text).ids for text in texts],
        "plain": tokens,
        "text": [tokenizer.decode(ids, skip_special_tokens=True) for ids in tokens],
    }


def make_texts(generator):
    texts = ["", " ", "a", " a", "a ", "  \n  x", "\n", "Hello world", "don't  stop\n\n\nnow"]
    texts += TRAINING[:3] + TRAINING[6:9]
    for _ in range(60):
        length = generator.choice([1, 2, 3, 5, 8])
        texts.append("".join(generator.choice(PARTS + MORE * 2) for _ in range(length)))
    return texts


def sentencepiece_model(training, prefix, falls_back):
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(training), model_writer=written, model_type="bpe", vocab_size=520,
        byte_fallback=falls_back, add_dummy_prefix=prefix, remove_extra_whitespaces=False,
        normalization_rule_name="identity", character_coverage=0.98, minloglevel=2,
        user_defined_symbols=["\n", "\n\n"], allow_whitespace_only_pieces=True,
        split_by_whitespace=prefix, max_sentence_length=10000)
    model = sentencepiece.SentencePieceProcessor(model_proto=written.getvalue())
    count = range(model.get_piece_size())
    kinds = [
        2 if model.is_unknown(i) else 3 if model.is_control(i) else 6 if model.is_byte(i)
        else 4 if model.id_to_piece(i).strip("\n") == "" else 1 for i in count]
    return model, {
        "pieces": [model.id_to_piece(i) for i in count], "kinds": kinds,
        "scores": [model.get_score(i) for i in count], "prefix": prefix}


def models_of(training, texts):
    for name, prefix, falls_back in [
        ("llama", True, True), ("gemma", False, True), ("unknown", True, False)]:
        model, golden = sentencepiece_model(training, prefix, falls_back)
        tokens = [model.encode(text) for text in texts]
        yield name, golden | {
            "plain": tokens, "text": [model.decode(ids) for ids in tokens]}


def composed(generator):
    """Texts of characters that compose, decompose or change places, and their form NFC."""
    notable = [
        chr(c) for c in range(0x110000)
        if not 0xD800 <= c < 0xE000 and unicodedata.category(chr(c)) != "Cn"
        and (unicodedata.decomposition(chr(c)) or unicodedata.combining(chr(c)))]
    notable += [chr(c) for c in range(0x1100, 0x1200)] + list("aAeoOnIουαк한가각깋")
    for _ in range(400):
        text = "".join(generator.choice(notable) for _ in range(generator.randrange(1, 8)))
        yield [text, unicodedata.normalize("NFC", text)]
    for code in range(0x110000):
        text = chr(code)
        if unicodedata.decomposition(text)[:1] not in ("", "<"):
            decomposed = unicodedata.normalize("NFD", text)
            if code % 7 == 0:
                yield [decomposed, unicodedata.normalize("NFC", decomposed)]


def main():
    generator = random.Random(7)
    training = lines(generator)
    texts = make_texts(generator)
    # SentencePiece takes strings that end at the first NUL.
    short = [text for text in texts if "\x00" not in text]
    golden = {
        "tokenizers": tokenizers.__version__, "sentencepiece": sentencepiece.__version__,
        "composed": list(composed(generator)), "texts": texts, "documents": {}, "short": short,
        "models": dict(models_of([line.replace("\x00", "") for line in training], short)),
    }
    for name, tokenizer in documents(training):
        golden["documents"][name] = encoded(tokenizer, without_marks(tokenizer), texts)
    json.dump(golden, sys.stdout, separators=(",", ":"))
    print()


if __name__ == "__main__":
    main()
