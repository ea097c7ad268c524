#!/usr/bin/env python3
"""Usage: models.py PATH_TO_APUS MODEL [--peer] [--text FILE]

Checks a model that was trained for real: its answers are right, end by themselves and are the same
bits beside others; with --peer it predicts a text as well as llama.cpp does and is faster by the
factors that are aimed at. The peer is what `Benchmarks/setup-peer` builds.
"""

import argparse
import ast
import concurrent.futures
import json
import pathlib
import re
import statistics
import subprocess
import sys
import urllib.request

from server import Server

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "Benchmarks"))

from comparison.engines import Apus, LlamaCpp  # noqa: E402  (beside the benchmarks)

# What is asked, and a pattern that only right answers have.
QUESTIONS = [
    ("What is the capital of France? Answer with one word.", r"\bParis\b"),
    ("What is 17 + 25? Answer with the number only.", r"\b42\b"),
    ("Which planet is known as the Red Planet? Answer with one word.", r"\bMars\b"),
]
PROGRAM = ("Write a Python function `reverse(text)` that returns the text reversed."
           " Answer with one block of code.")
# Tests of a round, what they are, and the ratio of speeds aimed at.
SPEEDS = [("tg64", "one conversation", 1.8), ("pp512", "prompt of 512 tokens", 3.5)]
ROUNDS = 3


class Failures:
    """Counts what failed, and says each result."""

    def __init__(self):
        self.count = 0

    def expect(self, right, what):
        self.count += not right
        print(f"{'ok    ' if right else 'FAILED'}  {what}", flush=True)


def call(server, path, body=None):
    """What the server answers to a body, or to none."""
    request = urllib.request.Request(
        server.origin + path, body and json.dumps(body).encode(),
        {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=300) as response:
        return json.load(response)


def ask(server, model, question):
    """The first choice of a greedy answer."""
    return call(server, "/v1/chat/completions", {
        "model": model, "messages": [{"role": "user", "content": question}], "temperature": 0,
        "max_tokens": 200, "logprobs": True})["choices"][0]


def reverses(text):
    """Whether the first block of code in an answer is a function that reverses texts."""
    code = re.search(r"```(?:python)?\n(.*?)```", text, re.S)
    source = code[1] if code else text
    try:
        names = {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    except SyntaxError:
        return False
    if "reverse" not in names:
        return False
    trial = source + "\nprint(reverse('stressed'), reverse(''))"
    try:
        result = subprocess.run(
            [sys.executable, "-I", "-c", trial], capture_output=True, text=True, timeout=20)
    except subprocess.TimeoutExpired:
        return False
    return result.stdout.strip().splitlines()[-1:] == ["desserts"]


def check_answers(server, failures):
    """Asks one after another, then all at once: the answers must not differ."""
    questions = [question for question, _ in QUESTIONS] + [PROGRAM]
    model = call(server, "/v1/models")["data"][0]["id"]
    alone = [ask(server, model, question) for question in questions]
    for (question, pattern), choice in zip(QUESTIONS, alone):
        text = choice["message"]["content"]
        right = re.search(pattern, text) is not None and choice["finish_reason"] == "stop"
        failures.expect(right, f"{question} -> {text!r} ({choice['finish_reason']})")
    text = alone[-1]["message"]["content"]
    failures.expect(reverses(text), f"the function that it wrote runs:\n{text}")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        beside = list(pool.map(lambda question: ask(server, model, question), questions * 2))
    failures.expect(beside == alone * 2, "8 answers side by side are those given alone")


def check_peer(apus, model, text, failures):
    """Compares with llama.cpp, in turns."""
    ours, peer = Apus(apus, model, 2), LlamaCpp(model, 2)
    mine, theirs = ours.perplexity(text)["value"], peer.perplexity(text)["value"]
    failures.expect(mine <= theirs, f"perplexity {mine:.4f}, llama.cpp {theirs:.4f}")
    rounds = [[engine.single(512, 64, [0], 1) for engine in (ours, peer)] for _ in range(ROUNDS)]
    for test, what, aim in SPEEDS:
        ratio = statistics.median(
            first["default"][test] / max(mode[test] for mode in second.values())
            for first, second in rounds)
        failures.expect(ratio >= aim, f"{what}: {ratio:.2f} times llama.cpp, aim {aim}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument("apus", type=pathlib.Path)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--peer", action="store_true", help="compare with llama.cpp")
    parser.add_argument("--text", type=pathlib.Path, default=ROOT / "ARCHITECTURE.md",
                        help="what both predict (ARCHITECTURE.md)")
    options = parser.parse_args()
    failures = Failures()
    server = Server(options.apus, options.model, "--parallel", "8")
    try:
        check_answers(server, failures)
    finally:
        server.terminate()
        failures.expect(server.exit_code() == 0, "the server ends as it should")
    if options.peer:
        check_peer(options.apus, options.model, options.text, failures)
    print(f"{failures.count} failed")
    return 1 if failures.count else 0


if __name__ == "__main__":
    sys.exit(main())
