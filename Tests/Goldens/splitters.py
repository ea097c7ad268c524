"""Writes splitters.json: how the patterns of published vocabularies cut random texts into words.

The patterns are those of the vocabularies' own files; `tokenizers` runs them with its engine for
regular expressions. Made with tokenizers 0.23.3.

Usage: python3 splitters.py [SEED [COUNT]] > splitters.json
"""

import json
import random
import sys

from tokenizers import Regex, pre_tokenizers

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
SPACE = r"\s*[\r\n]+|\s+(?!\S)|\s+"
SIGNS = r" ?[^\s\p{L}\p{N}]+[\r\n]*|"
WORD = r"[^\r\n\p{L}\p{N}]?\p{L}+|"
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = CONTRACTIONS + "|" + WORD + r"\p{N}{1,3}|" + SIGNS + SPACE
CL100K = (r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*"
          r"|\s*[\r\n]|\s+(?!\S)|\s+")
QWEN2 = LLAMA3.replace("{1,3}", "")
QWEN35 = (CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}"
          r"| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|" + SPACE)
LATIN = r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"""
DEEPSEEK3 = LATIN + r"| ?[\p{P}\p{S}]+[\r\n]*|" + SPACE
KANA = "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"
CASED = ("A-Za-z\xb5\xc0-\xd6\xd8-\xf6\xf8-\u01ba\u01bc-\u01bf\u01c4-\u0293\u0295-\u02af\u0370-\u0373\u0376"
         "\u0377\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03f5\u03f7-\u0481\u048a-\u052f"
         "\u0531-\u0556\u10a0-\u10c5\u13a0-\u13f5\u13f8-\u13fd\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-"
         "\u1d77\u1d79-\u1d9a\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45\u1f48-\u1f4d\u1f50-\u1f57\u1f59\u1f5b\u1f5d"
         "\u1f5f-\u1f7d\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe\u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-"
         "\u1fec\u1ff2-\u1ff4\u1ff6-\u1ffc\u2102\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-"
         "\u212d\u212f-\u2134\u2139\u213c-\u213f\u2145-\u2149\u214e\u2183\u2184\u2c00-\u2c7b\u2c7e-\u2ce4\u2ceb-"
         "\u2cee\u2cf2\u2cf3\ua640-\ua66d\ua680-\ua69b\ua722-\ua76f\ua771-\ua787\ua78b-\ua78e\uab70-\uabbf\ufb00-"
         "\ufb06\ufb13-\ufb17\uff21-\uff3a\uff41-\uff5a\U00010400-\U0001044f\U000104b0-\U000104d3\U000104d8-"
         "\U000104fb\U00010c80-\U00010cb2\U00010cc0-\U00010cf2\U000118a0-\U000118df\U0001e900-\U0001e943")


def cased(ending, number, less="", tail="[\\r\\n/]*"):
    upper = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}" + less + "]"
    lower = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}" + less + "]"
    first = r"[^\r\n\p{L}\p{N}]?"
    return "|".join([
        f"{first}{upper}*{lower}+{ending}", f"{first}{upper}+{lower}*{ending}", number,
        r" ?[^\s\p{L}\p{N}]+" + tail, SPACE,
    ])


O200K = cased(CONTRACTIONS + "?", r"\p{N}{1,3}")
PATTERNS = {
    "gpt-2": [GPT2],
    "smollm": [r"\p{N}", GPT2],
    "llama-bpe": [LLAMA3],
    "dbrx": [CL100K],
    "qwen2": [QWEN2],
    "qwen35": [QWEN35],
    "gpt-4o": [O200K],
    "tekken": [cased("", r"\p{N}")],
    "deepseek-v3": [r"\p{N}{1,3}", KANA, DEEPSEEK3],
    "deepseek-llm": [
        "[\r\n]", r"\s?[" + CASED + "]+", "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+",
        r"\s+$", "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+", r"\p{N}+"],
    "deepseek-coder": [
        "[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+", r"\p{N}"],
    "falcon": [r"[\p{P}\$\+<=>\^~\|`]+", GPT2, "[0-9][0-9][0-9]"],
    "default": [r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"],
    "bloom": [r" ?[^(\s|[.,!?…。，、।۔،])]+"],
    "viking": [r" ?[^(\s|[.,!?…。，、।۔،])]+", r"\p{N}"],
    "superbpe": [r"\p{N}+", r"(?=(\d{3})+(?!\d))"],
    "laguna": [r"[^\n]+|[\n]+", QWEN2],
    "minicpm5": [r"\p{N}{1,3}", LLAMA3.replace("{1,3}", "+")],
    "tiny_aya": [r"\d{1,3}(?=(?:\d{3})*\b)", O200K],
    "chameleon": [
        "<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", r"([\t\n]|    |  )", r"\p{N}",
        r"[\p{P}!-/:-@\[-`{-~]", GPT2],
    "afmoe": [
        r"\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))",
        "[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u3040-\u309f\u30a0-\u30ff\uff65-\uff9f\u2f00-\u2fdf"
        "\u0e40-\u0e7f\u0e80-\u0eff\u1780-\u17ff\u1000-\u109f\uaa60-\uaa7f\ua9e0-\ua9ff\uac00-\ud7af"
        "\u1100-\u11ff]+", DEEPSEEK3],
    "spark2_5": [
        r"\p{N}{1,3}", KANA, LATIN + r"| ?[\p{P}\p{S}]+|[\r\n]|\s+(?!\S)|\s+", r"\p{N}"],
    "youtu": [
        "[\uac00-\ud7a3\u3131-\u318e]+|[\uff01\u2026\u201c\u201d\u2018\u2019\u2014\uff1a\uff1b\uff0c\u3001-\u303f"
        "\ufe30-\ufe4f]+|[\u3105-\u312f]+|" + KANA, cased(CONTRACTIONS + "?", r"\p{N}")],
    "kimi-k2": [
        r"[\p{Han}]+|" + cased(
            CONTRACTIONS + "?", r"\p{N}{1,3}", less=r"&&[^\p{Han}]", tail="[\\r\\n]*")],
    "seed-coder": [
        CONTRACTIONS + "|" + WORD + r"\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|" + SPACE],
    "exaone-moe": [
        CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}"
        r"| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+"],
    "ufakzeka": [WORD + r"\p{N}|" + SIGNS + SPACE],
    "jais-2": [
        CONTRACTIONS + "|" + WORD + r"\p{N}{1,3}|" + SIGNS + r"\s*[\r\n]+|"
        + "|".join(r"\s{%d}(?!\S)" % n for n in (512, 256, 128, 64, 32, 16, 8, 4))
        + r"|\s{1,2}(?!\S)|\s{1}"],
}

PARTS = [
    "'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'LL", "'Ve", "'\u017f", "'", "''", '"', "don't",
    "I'M", "\r\n", "\n", "\n\n", "\r", "\t", "  ", "   ", " ", " ", " ", "    ", "\u00a0", "\u3000",
    "\u2028", "\u0085", "\u200b", "\ufeff", "0", "12", "345", "6789", "1234567", "１２", "²", "½", "Ⅷ",
    "٣٤", "٣٤٥٦", "〇", "hello", "World", "HTTPServer", "the ", " dog", "Größe", "ÀÉ", "é", "e\u0301",
    "\u0301\u0302", "汉字", "日本語", "カタカナ", "ｶﾅ", "々", "한국어", "ㅋㅋ", "ㄅㄆ", "العربية", "हिन्दी",
    "ไทย", "ລາວ", "မြန်မာ", "ខ្មែរ", "עברית", "Ελληνικά", "Ქართული", "ქართული", "Հայերեն", "አማርኛ",
    "தமிழ்", "ᏣᎳᎩ", "👩\u200d👩\u200d👧", "🏳️\u200d🌈", "🇫🇷", "👍🏽", "𝔘𝔫𝔦", "𐐨𐐀", "\x00", "\x1f",
    "\x07", "\x7f", "!", "!!", "...", "#$%", "$", "+", "<=>", "^", "~", "|", "`", "<sentinel:12>", "<sentinel:",
    "IMGIMGABZ", "IMGIMG", "_", "-", "(x)", "{[", "/", "//\n", "。", "，", "、", "！", "…", "“”", "‿", "€",
    "\u202e", "\u0378", "\U000e0041", "\ue000", "ǅ", "ª", "ʰ", "\ud7ff", "\U0010ffff", "︙", "، ", "।",
]


def make_texts(generator, count):
    texts = ["", " ", "  ", "\n", "a", "1", "'", "  \n  x", "x  1", " \t\n", "   "]
    while len(texts) < count:
        kind = len(texts) % 8
        if kind == 0:
            text = "".join(generator.choice(" \t\n\r\u00a0'a1!É") for _ in range(12))
        elif kind == 1:
            text = "".join(generator.choice("0123456789 a.²") for _ in range(generator.randrange(1, 14)))
        elif kind == 2:
            text = "".join(chr(generator.choice([0x20, 0x400, 0x4e00, 0x3000, 0x1f600, 0x300])
                               + generator.randrange(0x60)) for _ in range(6))
        else:
            text = "".join(generator.choice(PARTS) for _ in range(generator.randrange(1, 7)))
        texts.append(text)
    return texts


def main():
    seed, count = (int(word) for word in (sys.argv[1:] + ["31", "520"][len(sys.argv) - 1:]))
    texts = make_texts(random.Random(seed), count)
    splitters = {}
    for name, patterns in PATTERNS.items():
        splitter = pre_tokenizers.Sequence(
            [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns])
        splitters[name] = {
            "patterns": patterns,
            "words": [[len(word.encode()) for word, _ in splitter.pre_tokenize_str(text)]
                      for text in texts],
        }
    json.dump({"texts": texts, "splitters": splitters}, sys.stdout, separators=(",", ":"))
    print()


if __name__ == "__main__":
    main()
