"""Checks the commands that train, as their users meet them.

Usage: training.py PATH_TO_APUS MODEL [--kills COUNT] [--only NAME]
"""

import argparse
import hashlib
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import urllib.request

from checking import run_checks
from server import Server

CHECKS = []
SHAPE = ["--layers", "1", "--width", "64", "--heads", "2", "--key-value-heads", "1",
         "--feed-forward", "96", "--context", "384", "--leaves", "2", "--rows", "1"]


def check(function):
    """Marks a function as a check; its first line of documentation is what it says."""
    CHECKS.append(function)
    return function


class Work:
    """The program, and a folder with a corpus that was made up."""

    def __init__(self, apus, folder, kills=20):
        self.apus, self.folder, self.kills = apus, folder, kills
        self.run("corpus", "generate", "made", "--texts", "300", "--dialogues", "200", "--pairs", "16",
                 "--rehearsals", "16", "--questions", "2")
        self.run("corpus", "tokenize", "made/texts.jsonl", "--vocabulary", "400", "--output", "tokens")

    def run(self, *arguments, code=0):
        """Runs the command to its end, and returns what it wrote to both streams."""
        result = subprocess.run(
            [self.apus, *arguments], cwd=self.folder, timeout=300, capture_output=True, text=True)
        assert result.returncode == code, (arguments, result)
        return result.stdout, result.stderr

    def train(self, run, *arguments):
        """The command of a run that makes a small model."""
        return ["train", "tokens", *SHAPE, "--steps", "24", "--rate", "4e-3", "--checkpoint-steps", "4",
                "--run", run, "--output", f"{run}.model", *arguments]

    def digest(self, model):
        """What tells the weights of a folder from others."""
        return hashlib.sha256((self.folder / model / "model.safetensors").read_bytes()).hexdigest()

    def steps(self, run):
        """Steps that a run has written figures of."""
        path = self.folder / run / "metrics.jsonl"
        return len(path.read_bytes().splitlines()) if path.exists() else 0


@check
def stages(w):
    """a model is made from a seed, stage by stage, examined, exported, drawn and loaded"""
    w.run(*w.train("whole"))
    stage = ["--steps", "3", "--rate", "1e-3"]
    w.run("tune", "made/dialogues.jsonl", "--model", "whole.model", *stage, "--run", "tune",
          "--output", "tuned", "--texts", "made/texts.jsonl", "--text-count", "10")
    w.run("tune", "made/dialogues.jsonl", "--model", "tuned", *stage, "--lora", "2",
          "--adapter", "adapter", "--output", "adapted.gguf")
    assert json.loads((w.folder / "adapter/adapter_config.json").read_text())["r"] == 2
    w.run("tune", "made/dialogues.jsonl", "--model", "tuned", *stage, "--lora", "2", "--adapter", "adapter.gguf")
    for adapter in ["adapter", "adapter.gguf"]:
        w.run("export", "merged.gguf", "--model", "tuned", "--adapter", adapter)
        # The files differ in the names of the models alone, which lie before the weights.
        merged, adapted = [(w.folder / name).read_bytes() for name in ("merged.gguf", "adapted.gguf")]
        assert merged[-100_000:] == adapted[-100_000:], adapter
    w.run("align", "--pairs", "made/pairs.jsonl", "--model", "tuned", *stage, "--batch", "4",
          "--run", "pairs", "--output", "preferred")
    w.run("align", "--questions", "made/rehearsals.jsonl", "--model", "preferred", "--steps", "1",
          "--rate", "1e-4", "--batch", "2", "--answers", "2", "--longest", "16", "--output", "rewarded")
    w.run("export", "model.gguf", "--model", "rewarded", "--format", "Q4_1")
    for model in ["adapted.gguf", "model.gguf", "rewarded"]:
        w.run("check", model)
    scores = json.loads(w.run(
        "evaluate", "made/questions.jsonl", "--model", "model.gguf", "--longest", "8", "--json")[0])
    assert scores["families"]["sums"]["questions"] == 2, scores
    w.run("report", "whole", "tune", "pairs", "--output", "report.html")
    assert (w.folder / "report.html").read_text().count("<svg") > 10
    answer = w.run("generate", "--model", "model.gguf", "--max-tokens", "4", "What is 2 + 3?")[0]
    assert answer.strip(), answer


@check
def resumes(w):
    """a run that is killed or told to end goes on, and makes the same weights with other threads"""
    w.run(*w.train("steady", "--threads", "2"))
    for number, end in enumerate([signal.SIGKILL, signal.SIGTERM, signal.SIGKILL]):
        process = subprocess.Popen(
            [w.apus, *w.train("killed", "--threads", "1")], cwd=w.folder, stderr=subprocess.PIPE)
        # It listens to signals before it says anything; the steps of a run before may suffice.
        process.stderr.readline()
        while w.steps("killed") < 6 * (number + 1):
            try:
                process.wait(timeout=0.02)
                break
            except subprocess.TimeoutExpired:
                continue
        process.send_signal(end)
        process.communicate(timeout=120)
        code = process.returncode
        assert code in (0, -signal.SIGKILL if end == signal.SIGKILL else 75), code
    w.run(*w.train("killed", "--threads", "1"))
    assert w.steps("killed") == 24
    assert w.digest("killed.model") == w.digest("steady.model")


@check
def kills(w):
    """a run that is killed at any instant, also amid a checkpoint, goes on and makes the same weights"""
    arguments = ["--threads", "1", "--checkpoint-steps", "1"]
    w.run(*w.train("unkilled", *arguments))
    instants = random.Random(7)
    killed = amid = runs = 0
    while killed < w.kills:
        runs += 1
        run = f"victim{runs}"
        while True:
            made = w.steps(run)
            after = None if killed % 2 else instants.uniform(0, 1)
            if kill(w, w.train(run, *arguments), run, after):
                break
            killed += 1
            # What was being written is left as it was.
            amid += w.steps(run) > made and is_saving(w, run)
            if killed >= w.kills:
                w.run(*w.train(run, *arguments))
                break
        assert w.steps(run) == 24 and w.digest(f"{run}.model") == w.digest("unkilled.model"), run
    print(f"{killed} killed, {amid} of them amid a checkpoint, in {runs} runs")
    assert amid >= w.kills // 10, (amid, killed)


def is_saving(w, run):
    """Whether a checkpoint is begun and not ended."""
    return any((w.folder / run / "checkpoints").glob(".step-*.partial"))


def kill(w, arguments, run, after):
    """Kills a run some seconds after its start or, where there is no such time, amid a checkpoint that follows on a
    step; returns whether it had come to its end by then."""
    made = w.steps(run)
    process = subprocess.Popen([w.apus, *arguments], cwd=w.folder, stderr=subprocess.PIPE, text=True)
    try:
        if after is not None:
            process.wait(timeout=after)
        while after is None and process.poll() is None and not (w.steps(run) > made and is_saving(w, run)):
            pass
    except subprocess.TimeoutExpired:
        pass
    process.send_signal(signal.SIGKILL)
    errors = process.communicate(timeout=120)[1]
    assert process.returncode in (0, -signal.SIGKILL), (process.returncode, errors)
    assert "passed over" not in errors, errors
    return process.returncode == 0


@check
def ratings(w):
    """ratings that people give over HTTP become pairs by which a model is aligned"""
    file = w.folder / "ratings.jsonl"
    w.run(*w.train("unrated"))
    server = Server(w.apus, str(w.folder / "unrated.model"), "--feedback-file", str(file))
    try:
        for number in range(4):
            body = {"messages": [{"role": "user", "content": f"What is {number} + 1?\n"}],
                    "chosen": f"It is {number + 1}.", "rejected": "I forgot."}
            request = urllib.request.Request(
                f"{server.origin}/v1/feedback", json.dumps(body).encode(), {"Content-Type": "application/json"})
            with urllib.request.urlopen(request) as reply:
                assert json.load(reply)["count"] == number + 1
    finally:
        server.kill()
    w.run("align", "--pairs", str(file), "--model", "unrated.model", "--steps", "2", "--rate", "1e-3",
          "--batch", "4", "--run", "rated", "--output", "rated.model")
    assert w.digest("rated.model") != w.digest("unrated.model")


@check
def refusals(w):
    """what cannot be used is told in one line, with exit code 65"""
    (w.folder / "bad.jsonl").write_text('{"messages":[{"role":"user","content":"a"}]}\n{\n')
    other = w.train("whole")
    other[other.index("4e-3")] = "3e-3"
    cases = [
        ["corpus", "inspect", "nowhere"], ["corpus", "tokenize", "bad.jsonl", "--output", "x"],
        ["tune", "bad.jsonl", "--model", "whole.model", "--steps", "1", "--rate", "1e-3", "--output", "x"],
        ["align", "--pairs", "bad.jsonl", "--model", "whole.model", "--steps", "1", "--rate", "1e-3",
         "--output", "x"],
        ["evaluate", "bad.jsonl", "--model", "whole.model"], ["report", "nowhere"],
        ["export", "x.gguf", "--model", "whole.model", "--format", "Q9"], other,
    ]
    for arguments in cases:
        errors = w.run(*arguments, code=65)[1]
        assert errors.startswith("apus: ") and errors.count("\n") == 1, (arguments, errors)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("apus")
    parser.add_argument("model", nargs="?")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--only", help="one of " + ", ".join(each.__name__ for each in CHECKS))
    arguments = parser.parse_args()
    chosen = [each for each in CHECKS if arguments.only in (None, each.__name__)]
    with tempfile.TemporaryDirectory() as folder:
        work = Work(os.path.abspath(arguments.apus), pathlib.Path(folder), arguments.kills)
        return run_checks(chosen, lambda function: function(work))


if __name__ == "__main__":
    sys.exit(main())
