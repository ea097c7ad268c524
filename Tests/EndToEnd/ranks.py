"""Checks training on several processes. Usage: ranks.py PATH_TO_APUS MODEL [--mpich PATH_TO_APUS] [--full]

The programs must be built with MPI, the first for Open MPI, the other for MPICH. Without --full, a small sample; without
MPI, skipped, saying so.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from checking import run_checks
from rank_hosts import Hosts
from training import SHAPE, Work

CHECKS = []
LEAVES = 8
STEPS = 20


def check(function):
    """Marks a function as a check; its first line of documentation is what it says."""
    CHECKS.append(function)
    return function


class Launcher:
    """An mpirun, the program that is built for it, and the ways that its processes reach each other."""

    def __init__(self, name, command, apus, tcp):
        self.name, self.command, self.apus, self.tcp = name, command, apus, tcp

    def start(self, folder, processes, arguments, way="memory", **options):
        """Starts processes; the result is that of mpirun."""
        flags, variables = self.tcp if way == "tcp" else ([], {})
        root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_hwloc_base_binding_policy": "none"}
        return subprocess.Popen(
            [self.command, "-np", str(processes), *flags, self.apus, *arguments], cwd=folder,
            env=os.environ | root | variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, **options)

    def run(self, folder, processes, arguments, way="memory", code=0):
        """Runs processes to their end, and returns what they wrote."""
        process = self.start(folder, processes, arguments, way)
        text = process.communicate(timeout=300)[0]
        assert code is None or process.returncode == code, (arguments, process.returncode, text)
        return text


class Ranks:
    """What the checks share: launchers, and a folder with a corpus."""

    def __init__(self, launchers, folder, is_full):
        self.launchers, self.is_full = launchers, is_full
        self.work = Work(launchers[0].apus, folder)
        self.folder = folder
        self.work.run(*self.train("alone"))
        self.expected = self.work.digest("alone.model")

    def train(self, run, *arguments, steps=STEPS):
        shape = [*SHAPE]
        shape[shape.index("--leaves") + 1] = str(LEAVES)
        return ["train", "tokens", *shape, "--steps", str(steps), "--rate", "4e-3", "--checkpoint-steps", "4",
                "--threads", "1", "--run", run, "--output", f"{run}.model", *arguments]

    def bytes(self, processes, steps):
        """What processes send in all: gradients, weights, and a little about each step."""
        header = (self.folder / "alone.model/model.safetensors").read_bytes()
        length = int.from_bytes(header[:8], "little")
        tensors = [each for name, each in json.loads(header[8:8 + length]).items() if name != "__metadata__"]
        # Each tensor begins at a multiple of 16 numbers.
        count = sum(-(-(each["data_offsets"][1] - each["data_offsets"][0]) // 64) * 16 for each in tensors)
        return steps * (processes - 1) * (2 * 4 * count + 8 * (LEAVES + len(tensors)))


def sent(text):
    """The bytes that a run says its processes sent."""
    return int(re.search(r"processes sent (\d+) bytes", text)[1])


@check
def same_bits(r):
    """1, 2, 4 and 8 processes make the same weights as one, and send as much as the formula says"""
    for launcher in r.launchers:
        for way in ("memory", "tcp"):
            for processes in (1, 2, 4, 8) if r.is_full else (2,):
                run = f"{launcher.name}.{way}.{processes}"
                text = launcher.run(r.folder, processes, r.train(run), way)
                assert r.work.digest(f"{run}.model") == r.expected, run
                assert r.work.steps(run) == STEPS and text.count("step 20/20") == 1, text
                if processes > 1:
                    formula = r.bytes(processes, STEPS)
                    # Besides, moments for checkpoints, flags, and what tells that all began alike.
                    extra = sent(text) - formula
                    assert 0 < extra < 0.2 * formula + 20_000 * processes, (run, sent(text), formula)


@check
def killed(r):
    """a process that is killed ends the run within seconds; other numbers of processes go on to the same weights"""
    r.work.run(*r.train("long", steps=240))
    expected = r.work.digest("long.model")
    for launcher in r.launchers:
        run = f"{launcher.name}.killed"
        for processes, victim, end in ((4, 1, signal.SIGKILL), (2, 0, signal.SIGKILL), (2, 1, signal.SIGTERM)):
            process = launcher.start(r.folder, processes, r.train(run, steps=240))
            try:
                before = r.work.steps(run)
                wait(lambda: r.work.steps(run) > before + 6, process)
                os.kill(ranks_of(process.pid)[victim], end)
                start = time.monotonic()
                text = process.communicate(timeout=60)[0]
                seconds = time.monotonic() - start
            finally:
                process.kill()
            assert seconds < 15, seconds
            if end == signal.SIGKILL:
                assert process.returncode != 0 and re.search("killed|signal 9", text, re.IGNORECASE), text
            else:
                assert process.returncode == 75 and "stopped before the end" in text, (process.returncode, text)
        launcher.run(r.folder, 4, r.train(run, steps=240))
        assert r.work.steps(run) == 240 and r.work.digest(f"{run}.model") == expected


@check
def stages(r):
    """all stages make the same weights with two processes: adapters, pairs, and answers that are rewarded"""
    stage = ["--rate", "1e-3", "--threads", "1"]
    commands = {
        "tuned": ["tune", "made/dialogues.jsonl", "--lora", "2", "--steps", "4", "--leaves", "3"],
        "preferred": ["align", "--pairs", "made/pairs.jsonl", "--steps", "3", "--batch", "5"],
        "rewarded": ["align", "--questions", "made/rehearsals.jsonl", "--steps", "2", "--batch", "4", "--answers",
                     "3", "--longest", "16"],
    }
    for name, command in commands.items():
        arguments = [*command, *stage, "--model", "alone.model"]
        r.work.run(*arguments, "--output", f"{name}.one")
        for launcher in r.launchers:
            launcher.run(r.folder, 2, [*arguments, "--output", f"{name}.two"])
            assert r.work.digest(f"{name}.one") == r.work.digest(f"{name}.two"), (name, launcher.name)


@check
def refusals(r):
    """three processes, processes that were started differently, and one that hangs are told of"""
    for launcher in r.launchers:
        text = launcher.run(r.folder, 3, r.train("three"), code=None)
        assert "3 are not 1, 2, 4" in text, text
        other = [":", "-np", "1", launcher.apus, *r.train("odd", "--seed", "2")]
        text = launcher.run(r.folder, 1, [*r.train("odd"), *other], code=None)
        assert "seed: the processes were not started with the same one" in text, text
        process = launcher.start(r.folder, 2, r.train("hung", "--patience", "3", steps=100_000))
        try:
            wait(lambda: r.work.steps("hung") > 3, process)
            stopped = ranks_of(process.pid)[1]
            os.kill(stopped, signal.SIGSTOP)
            text = process.communicate(timeout=60)[0]
        finally:
            process.kill()
        assert re.search(r"did not answer for \d+ s", text) and process.returncode != 0, text
        shutil.rmtree(r.folder / "hung")


@check
def hosts(r):
    """two hosts, each with a network of its own, make the same weights, and the wire carries what the formula says"""
    if not r.is_full:
        return
    with Hosts(r.folder) as hosts:
        if hosts.reason:
            print(f"skipped: {hosts.reason}")
            return
        launcher = r.launchers[0]
        before = hosts.bytes()
        text = hosts.run(launcher.apus, r.train("hosts"))
        carried = hosts.bytes() - before
        assert r.work.digest("hosts.model") == r.expected, text
        assert 1 <= carried / sent(text) < 1.25, (carried, sent(text))
        print(f"two hosts: {sent(text)} bytes sent, {carried} bytes on the wire")


@check
def speed(r):
    """two processes of one thread are about as fast as one process of two threads"""
    if not r.is_full:
        return
    shape = ["--layers", "4", "--width", "256", "--heads", "4", "--key-value-heads", "2", "--feed-forward", "704",
             "--context", "384", "--leaves", "8", "--rows", "1"]
    times = {}
    for launcher in r.launchers:
        for turn in range(6):
            for kind in ("threads", "processes"):
                run = f"{launcher.name}.speed.{kind}.{turn}"
                command = ["train", "tokens", *shape, "--steps", "5", "--rate", "1e-3", "--run", run, "--output",
                           f"{run}.model"]
                if kind == "threads":
                    r.work.run(*command, "--threads", "2")
                else:
                    launcher.run(r.folder, 2, [*command, "--threads", "1"])
                lines = (r.folder / run / "metrics.jsonl").read_text().splitlines()
                times[launcher.name, kind, turn] = statistics.median(json.loads(each)["seconds"] for each in lines[1:])
        ratios = [times[launcher.name, "threads", turn] / times[launcher.name, "processes", turn] for turn in range(6)]
        ratio = statistics.median(ratios)
        print(f"{launcher.name}: two processes are {ratio:.3f} times as fast as two threads "
              f"({', '.join(f'{each:.2f}' for each in ratios)})")
        assert ratio >= 0.95, ratios


def wait(condition, process):
    """Waits until something is so, as long as a process runs."""
    limit = time.monotonic() + 120
    while not condition():
        assert process.poll() is None and time.monotonic() < limit, "it did not come to that"
        try:
            process.wait(timeout=0.02)
        except subprocess.TimeoutExpired:
            continue


def ranks_of(pid):
    """The processes of apus below an mpirun, by their number."""
    found = {}
    waiting = [pid]
    while waiting:
        for child in subprocess.run(
                ["ps", "-o", "pid=,comm=", "--ppid", str(waiting.pop())], capture_output=True, text=True
        ).stdout.splitlines():
            number, name = child.split(None, 1)
            waiting.append(int(number))
            if name.strip() == "apus":
                variables = pathlib.Path(f"/proc/{number}/environ").read_bytes().decode().split("\0")
                rank = next(each for each in variables if re.match("(OMPI_COMM_WORLD_RANK|PMI_RANK)=", each))
                found[int(rank.split("=")[1])] = int(number)
    return [found[rank] for rank in sorted(found)]


def launchers(apus, mpich):
    """The launchers that there are, or why there is none."""
    result = subprocess.run(
        [apus, "train", "nowhere", "--steps", "1", "--rate", "1", "--output", "nowhere"], capture_output=True, text=True,
        env=os.environ | {"OMPI_COMM_WORLD_SIZE": "2"})
    if "without MPI" in result.stderr:
        return [], "the program was built without MPI"
    found = []
    tcp = ["--mca", "btl", "tcp,self", "--mca", "btl_tcp_if_include", "lo", "--mca", "pml", "ob1"]
    for name, program, tcp in (("openmpi", apus, (tcp, {})), ("mpich", mpich, ([], {"UCX_TLS": "tcp,self"}))):
        command = shutil.which(f"mpirun.{name}") or (shutil.which("mpirun") if name == "openmpi" else None)
        if program and command:
            found.append(Launcher(name, command, os.path.abspath(program), tcp))
    return found, "no mpirun is installed"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("apus")
    parser.add_argument("model", nargs="?")
    parser.add_argument("--mpich")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only", help="one of " + ", ".join(each.__name__ for each in CHECKS))
    arguments = parser.parse_args()
    found, reason = launchers(arguments.apus, arguments.mpich)
    if not found:
        print(f"skipped: {reason}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        ranks = Ranks(found, pathlib.Path(folder), arguments.full)
        chosen = [each for each in CHECKS if arguments.only in (None, each.__name__)]
        return run_checks(chosen, lambda function: function(ranks))


if __name__ == "__main__":
    sys.exit(main())
