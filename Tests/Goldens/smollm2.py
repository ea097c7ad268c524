#!/usr/bin/env python3
"""Makes smollm2.json: what the default model computes, by a plain float32 forward in numpy.

    pip install gguf numpy
    ./smollm2.py ../../Weights/SmolLM2-135M-Instruct.Q4_1.gguf > smollm2.json

The weights are the file's, decoded to float32; activations and the cache stay float32. Token ids are
given, not computed here: they are what the model's published tokenizer gives for the texts.
"""
import json
import sys

import numpy as np
from gguf import GGUFReader
from gguf.quants import dequantize

TEXTS = [
    ("The capital of France is", [504, 3575, 282, 4649, 314]),
    ("def fibonacci(n):\n    ", [1604, 3987, 46477, 24, 94, 727, 2367]),
    ("Once upon a time, there was a little girl named Lily.",
     [6403, 1980, 253, 655, 28, 665, 436, 253, 1838, 8180, 3365, 14176, 30]),
    ("= Robert Boulter = \n \n Robert Boulter is an English film , television and theatre actor . "
     "He had a guest @-@ starring role on the television series The Bill in 2000 .",
     [45, 6356, 389, 9226, 352, 446, 3717, 3717, 6356, 389, 9226, 352, 314, 354, 2321, 4771, 3297,
      8552, 284, 16984, 17523, 1673, 909, 761, 253, 16204, 3394, 29, 48, 45608, 1791, 335, 260,
      8552, 3086, 378, 8593, 281, 216, 34, 32, 32, 32, 1673]),
    ("Привет, мир! 你好，世界 🌍 naïve café\t1234567",
     [155, 249, 46879, 16464, 32547, 28, 41337, 7872, 9175, 17, 216, 18645, 250, 48392, 138, 12831,
      7906, 240, 178, 239, 230, 15107, 230, 231, 15486, 46494, 37366, 197, 33, 34, 35, 36, 37, 38,
      39]),
]
END = 2
NEW_TOKENS = 32


class Model:
    def __init__(self, path):
        reader = GGUFReader(path)
        self.weights = {
            t.name: dequantize(t.data, t.tensor_type).astype(np.float32).reshape(t.shape[::-1])
            for t in reader.tensors
        }
        value = lambda key: reader.fields["llama." + key].contents()
        self.layers = value("block_count")
        self.heads = value("attention.head_count")
        self.kv_heads = value("attention.head_count_kv")
        self.epsilon = np.float32(value("attention.layer_norm_rms_epsilon"))
        self.base = value("rope.freq_base")
        self.head_length = value("embedding_length") // self.heads

    def norm(self, x, name):
        scale = 1 / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + self.epsilon)
        return x * scale * self.weights[name]

    def rotate(self, x):
        """x [T, heads, D], neighbouring pairs turn by position / base^(2 i / D)."""
        half = self.head_length // 2
        angles = np.outer(np.arange(x.shape[0]),
                          self.base ** (-2 * np.arange(half) / self.head_length))[:, None, :]
        cosine, sine = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
        even, odd = x[..., 0::2], x[..., 1::2]
        turned = np.empty_like(x)
        turned[..., 0::2] = even * cosine - odd * sine
        turned[..., 1::2] = even * sine + odd * cosine
        return turned

    def attention(self, x, layer):
        rows = x.shape[0]
        project = lambda name: x @ self.weights[f"blk.{layer}.attn_{name}.weight"].T
        q = self.rotate(project("q").reshape(rows, self.heads, -1))
        k = self.rotate(project("k").reshape(rows, self.kv_heads, -1))
        v = project("v").reshape(rows, self.kv_heads, -1)
        group = self.heads // self.kv_heads
        k, v = np.repeat(k, group, axis=1), np.repeat(v, group, axis=1)
        scores = np.einsum("thd,chd->htc", q, k) / np.sqrt(np.float32(self.head_length))
        scores[:, np.triu(np.ones((rows, rows), bool), 1)] = -np.inf
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        mixed = np.einsum("htc,chd->thd", scores, v).reshape(rows, -1)
        return mixed @ self.weights[f"blk.{layer}.attn_output.weight"].T

    def mlp(self, x, layer):
        weight = lambda name: self.weights[f"blk.{layer}.ffn_{name}.weight"].T
        gate = x @ weight("gate")
        return (gate / (1 + np.exp(-gate)) * (x @ weight("up"))) @ weight("down")

    def logits(self, tokens):
        hidden = self.weights["token_embd.weight"][tokens]
        for layer in range(self.layers):
            hidden = hidden + self.attention(
                self.norm(hidden, f"blk.{layer}.attn_norm.weight"), layer)
            hidden = hidden + self.mlp(self.norm(hidden, f"blk.{layer}.ffn_norm.weight"), layer)
        head = self.weights.get("output.weight", self.weights["token_embd.weight"])
        return self.norm(hidden, "output_norm.weight") @ head.T


def case(model, text, tokens):
    logits = model.logits(tokens).astype(np.float64)
    best = logits.max(axis=-1)
    log_sums = best + np.log(np.exp(logits - best[:, None]).sum(axis=-1))
    losses = log_sums[:-1] - logits[np.arange(len(tokens) - 1), tokens[1:]]
    top = np.argsort(-logits[-1], kind="stable")[:10]
    greedy, margins, last = [], [], logits[-1]
    while True:
        token = int(last.argmax())
        second, first = np.sort(last)[-2:]
        greedy.append(token)
        margins.append(round(float(first - second), 4))
        if len(greedy) == NEW_TOKENS or token == END:
            break
        last = model.logits(tokens + greedy)[-1]
    return {
        "text": text,
        "input_ids": tokens,
        "argmax": [int(i) for i in logits.argmax(axis=-1)],
        "mean_nll": float(losses.mean()),
        "greedy": greedy,
        "greedy_margins": margins,
        "top10": [[int(i), round(float(logits[-1][i]), 5)] for i in top],
    }


if __name__ == "__main__":
    model = Model(sys.argv[1])
    document = {
        "model": "SmolLM2-135M-Instruct.Q4_1.gguf",
        "made_with": f"smollm2.py, numpy {np.__version__}, float32",
        "cases": [case(model, *entry) for entry in TEXTS],
    }
    json.dump(document, sys.stdout, ensure_ascii=False, indent=1)
    print()
