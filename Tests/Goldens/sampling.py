#!/usr/bin/env python3
"""Writes sampling.json: what the sampling rules leave of made-up logits, computed with numpy.

Every step is the textbook formula in float64 over the whole, fully sorted vocabulary.
Run it as `python3 Tests/Goldens/sampling.py`; it needs numpy and writes beside itself.
"""

import json
import pathlib

import numpy as np

V = 64
generator = np.random.default_rng(20240607)
logits = generator.normal(0, 3, V).astype(np.float32)
logits[[5, 17, 40]] = logits[9]  # equal logits
logits[[3, 33]] = -np.inf  # impossible tokens
prompt = generator.integers(0, V, 24).tolist()
generated = generator.integers(0, V, 16).tolist() + [11, 11, 11]

CASES = {
    "nothing": {},
    "bias": {"logitBias": {"2": 5.0, "9": -100.0, "33": 3.0}},
    "repetition": {"repetitionPenalty": 1.3},
    "presence and frequency": {"presencePenalty": 0.7, "frequencyPenalty": 0.4},
    "negative penalties": {"presencePenalty": -0.5, "frequencyPenalty": -0.25},
    "cold": {"temperature": 0.2},
    "hot": {"temperature": 2.0},
    "top-k": {"topK": 7},
    "top-p": {"topP": 0.8},
    "min-p": {"minP": 0.05},
    "everything": {
        "logitBias": {"1": 2.5, "20": -4.0},
        "repetitionPenalty": 1.1,
        "presencePenalty": 0.3,
        "frequencyPenalty": 0.2,
        "temperature": 0.8,
        "topK": 20,
        "topP": 0.9,
        "minP": 0.04,
    },
}


def probabilities(case):
    x = logits.astype(np.float64)
    for token, bias in case.get("logitBias", {}).items():
        x[int(token)] += bias
    penalty = case.get("repetitionPenalty", 1)
    for token in set(prompt) | set(generated):
        x[token] = x[token] / penalty if x[token] > 0 else x[token] * penalty
    counts = np.bincount(generated, minlength=V)
    x -= case.get("presencePenalty", 0) * (counts > 0)
    x -= case.get("frequencyPenalty", 0) * counts
    x /= case.get("temperature", 1)
    order = np.lexsort((np.arange(V), -x))  # most likely first, then the lowest token
    x[order[case.get("topK", V) :]] = -np.inf
    p = np.exp(x - x.max())
    p /= p.sum()
    if "topP" in case:
        last = np.searchsorted(np.cumsum(p[order]), case["topP"])
        p[order[last + 1 :]] = 0
    p[p < case.get("minP", 0) * p.max()] = 0
    return p / p.sum()


def main():
    golden = {
        "logits": [None if np.isinf(x) else float(x) for x in logits],
        "prompt": prompt,
        "generated": generated,
        "cases": [
            {
                "name": name,
                "parameters": case,
                "probabilities": [float(f"{p:.9g}") for p in probabilities(case)],
            }
            for name, case in CASES.items()
        ],
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    text = json.dumps(golden).replace('{"name"', '\n{"name"').replace(', "', ',\n "')
    path.write_text(text + "\n")


main()
