"""Runs the two engines' own measurements and returns tokens per second by the name of the test."""

import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent.parent
ROOT = HERE.parent
PEER = HERE / ".peer"


def output(command, log=False):
    """Runs a program and returns what it prints, or its log; its complaints are shown only if it fails."""
    result = subprocess.run(
        [str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if result.returncode:
        print(result.stderr[-4000:], file=sys.stderr)
        raise SystemExit(f"error: {pathlib.Path(command[0]).name} ended with {result.returncode}")
    return result.stderr if log else result.stdout


def joined(values):
    return ",".join(str(value) for value in values)


def suffix(sequences, depth):
    """The end of a test's name, as `apus bench` forms it."""
    return (f" x{sequences}" if sequences > 1 else "") + (f"@d{depth}" if depth else "")


def perplexity(printed, start):
    """A perplexity and its standard error, which stand behind some words."""
    figures = re.search(start + r"([\d.]+) (?:±|\+/-) ([\d.]+)", printed)
    return {"value": float(figures.group(1)), "error": float(figures.group(2))}


class Apus:
    """This repository's program."""

    name = "apus"
    modes = ["default"]

    def __init__(self, program, model, threads):
        self.program, self.model, self.threads = program, model, threads

    def single(self, prompt, generate, depths, repetitions):
        """One sequence, read and written after each of some depths."""
        return {"default": self._bench(
            "--prompt", prompt, "--generate", generate, "--depth", joined(depths),
            "--repetitions", repetitions)}

    def batched(self, depth, generate, sequences):
        """Several sequences written side by side."""
        return {"default": self._bench(
            "--prompt", 0, "--generate", generate, "--depth", depth, "--sequences",
            joined(sequences), "--repetitions", 1)}

    def sampling(self):
        """Tokens drawn from logits."""
        return self._bench("--prompt", 0, "--generate", 0, "--sampling", "--repetitions", 3)

    def perplexity(self, text):
        """How well a text is predicted, with the error, as both programs print it."""
        return perplexity(output([
            self.program, "perplexity", "--model", self.model, "--threads", self.threads, "--file",
            text]), "Perplexity: ")

    def version(self):
        git = ["git", "-C", ROOT]
        changed = output([*git, "status", "--porcelain", "--untracked-files=no"]).strip()
        return output([*git, "rev-parse", "--short", "HEAD"]).strip() + (" changed" if changed else "")

    def _bench(self, *arguments):
        report = json.loads(output([
            self.program, "bench", "--model", self.model, "--threads", self.threads, "--json",
            *arguments]))
        return {row["test"]: row["tokensPerSecond"] for row in report["results"]}


class LlamaCpp:
    """llama.cpp, with its flash attention off and on: which is faster depends on the test."""

    name = "llama.cpp"
    modes = ["fa 0", "fa 1"]

    def __init__(self, model, threads):
        self.model, self.threads = model, threads
        self.programs = PEER / "build" / "bin"

    def single(self, prompt, generate, depths, repetitions):
        """One sequence, read and written after each of some depths."""
        rows = json.loads(output([
            self.programs / "llama-bench", "-m", self.model, "-t", self.threads, "-p", prompt,
            "-n", generate, "-d", joined(depths), "-fa", "0,1", "-r", repetitions, "-o", "json"]))
        results = {mode: {} for mode in self.modes}
        for row in rows:
            kind = f"pp{row['n_prompt']}" if row["n_prompt"] else f"tg{row['n_gen']}"
            mode = "fa 1" if row["flash_attn"] in (True, 1, "on", "1") else "fa 0"
            results[mode][kind + suffix(1, row["n_depth"])] = statistics.median(row["samples_ts"])
        return results

    def batched(self, depth, generate, sequences):
        """Several sequences written side by side, each with a cache of its own."""
        context = (depth + generate) * max(sequences)
        results = {}
        for mode, setting in zip(self.modes, ["off", "on"]):
            text = output([
                self.programs / "llama-batched-bench", "-m", self.model, "-t", self.threads,
                # Twice as much as is needed, since the context is divided in whole blocks.
                "-c", max(4096, 2 * context), "-npp", depth, "-ntg", generate, "-npl",
                joined(sequences), "-fa", setting, "--output-format", "jsonl"])
            rows = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
            results[mode] = {
                f"tg{generate}{suffix(row['pl'], depth)}": row["speed_tg"] for row in rows}
        return results

    def perplexity(self, text):
        """How well a text is predicted, with the error, as both programs print it."""
        return perplexity(output([
            self.programs / "llama-perplexity", "-m", self.model, "-t", self.threads, "-c", 512,
            "-b", 512, "-f", text], log=True), "Final estimate: PPL = ")

    def version(self):
        sources = PEER / "sources"
        package = re.search(r"^Version: (\S+)", (sources / "PKG-INFO").read_text(), re.M)
        commit = re.search(r"llama\.cpp@(\w+)", (sources / "CHANGELOG.md").read_text())
        return (f"{commit.group(1) if commit else 'unknown'}, of llama-cpp-python"
                f" {package.group(1) if package else 'unknown'}")


class Hog:
    """A process that wants one processor for itself while the block runs."""

    def __enter__(self):
        # The alarm ends it should nobody be left to do so.
        self.process = subprocess.Popen(
            [sys.executable, "-c", "import signal; signal.alarm(900)\nwhile True: pass"])

    def __exit__(self, *_):
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
