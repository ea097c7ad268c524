"""Checks replicas behind HAProxy as clients see them. Usage:
fleet.py PATH_TO_APUS MODEL [--full] [--only CHECK[,CHECK]] [--envoy PATH]

Each check starts a fleet of its own with Scripts/fleet, so with the configuration in Deploy/haproxy.cfg.
The default is short; `--full` is the campaign, which has longer runs, and nginx and Envoy where they are
installed.
"""

import argparse
import asyncio
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sys
import time
import traceback

import proxies
from streams import Client, Cut

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMITS = ["--context", "1024", "--cache-mib", "40", "--threads", "1", "--log-level", "warning"]
# What conversations are about; no two begin alike.
PLACES = ["Lisbon", "Oslo", "Quito", "Hanoi", "Cairo", "Turin", "Perth", "Lyon", "Basel", "Delhi", "Riga",
          "Osaka", "Lima", "Bergen", "Dakar", "Split", "Ghent", "Davos", "Jena", "Kyiv", "Malmo", "Nantes"]


def free_port():
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        return each.getsockname()[1]


class Fleet:
    """Scripts/fleet with some replicas; ends with the block that it is used in."""

    def __init__(self, options, *serve, replicas=3, flags=()):
        self.port = free_port()
        self.command = [
            str(ROOT / "Scripts/fleet"), "--apus", options.apus, "--port", str(self.port),
            "--replicas", str(replicas), *flags, "--", "--model", options.model, *LIMITS, *serve]
        self.replicas = replicas
        self.log = []
        # By name: the port, and the processes so far.
        self.ports, self.processes = {}, {}
        self.changed = asyncio.Condition()

    async def __aenter__(self):
        self.process = await asyncio.create_subprocess_exec(
            *self.command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        self.reading = asyncio.create_task(self._read())
        await self.until(lambda: self.log and any(l.startswith("Ready:") for l in self.log))
        self.client = await Client.of(self)
        return self

    async def __aexit__(self, *_):
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), 60)
        except TimeoutError:
            self.process.kill()
            raise
        await self.reading

    async def _read(self):
        async for line in self.process.stdout:
            line = line.decode(errors="replace").rstrip()
            async with self.changed:
                self.log.append(line)
                if found := re.match(r"(r\d+) http://127\.0\.0\.1:(\d+) process (\d+)", line):
                    self.ports[found[1]] = int(found[2])
                    self.processes.setdefault(found[1], []).append(int(found[3]))
                self.changed.notify_all()
        async with self.changed:
            self.changed.notify_all()

    async def until(self, condition, longest=60):
        """Waits until something is so that lines of the log decide."""
        async def wait():
            async with self.changed:
                while not condition():
                    assert self.process.returncode is None, "\n".join(self.log[-20:])
                    await self.changed.wait()
        await asyncio.wait_for(wait(), longest)

    def direct(self, name):
        """A client of one replica."""
        return Client(self.ports[name], self.client.model)

    async def end(self, name, number):
        """Sends a replica a signal, and waits until its successor answers through the balancer."""
        before = len(self.processes[name])
        os.kill(self.processes[name][-1], number)
        await self.until(lambda: len(self.processes[name]) > before)
        # The balancer asks each half a second; then the next one may go.
        await self.until(lambda: any(f"apus/{name} is UP" in line for line in self.log[-40:])
                         or not any(f"apus/{name} is DOWN" in line for line in self.log))


class Conversation:
    """Turns between a person and the model, about a place."""

    def __init__(self, number, kind):
        self.number = number
        self.place = PLACES[number % len(PLACES)] + str(number)
        self.kind = kind
        self.served = []
        self.cached = self.read = 0
        text = " ".join(f"{self.place} has {n} streets by the river." for n in range(1, 16))
        self.messages = [{"role": "user", "content": f"{text} What is it like in {self.place}?"}]
        if kind == "system":
            self.messages.insert(0, {"role": "system", "content": f"You know {self.place} well."})

    async def begin(self, client):
        """Asks once more, with all that was said before; returns when the answer begins."""
        options = {"prompt_cache_key": f"key of {self.place}"} if self.kind == "key" else {}
        exchange = await client.open(
            list(self.messages), max_tokens=16, ignore_eos=True, cache_prompt=True, **options)
        await exchange.head()
        return self._finish(exchange)

    async def _finish(self, exchange):
        answer = await exchange.all()
        assert answer.ok, (answer.status, answer.error)
        if self.served:
            self.read += answer.usage["prompt_tokens"]
            self.cached += int(answer.cached_tokens)
        self.served.append(answer.headers.get("x-served-by"))
        self.messages.append({"role": "assistant", "content": answer.texts[0]})
        self.messages.append({"role": "user", "content": f"And how is turn {len(self.served)} there?"})


async def converse(client, count, turns=3, at_once=4):
    """Has people talk, some at a time, who begin one after the other, so that turns are turns; returns the
    share of prompts found computed from turn 2 on, and how many conversations changed their replica."""
    kinds = ["plain", "system", "key"]
    people = [Conversation(n, kinds[n % 3]) for n in range(count)]
    for first in range(0, count, at_once):
        group = people[first:first + at_once]
        for _ in range(turns):
            await asyncio.gather(*[asyncio.create_task(await person.begin(client)) for person in group])
    moved = sum(len(set(person.served)) > 1 for person in people)
    return sum(p.cached for p in people) / sum(p.read for p in people), moved


async def affinity(check):
    """a conversation finds its replica again"""
    count = check.pick(12, 20)
    async with Fleet(check.options) as fleet:
        share, moved = await converse(fleet.client, count)
        check.note(f"by the beginning: {share:.0%} of prompts from turn 2 on found, {moved} of {count} moved")
        check.require(share >= 0.75 and moved == 0, "a conversation stays with its replica")
        if check.options.full:
            await other_proxies(check, fleet, count)
    async with Fleet(check.options, flags=["--round-robin"]) as fleet:
        share, moved = await converse(fleet.client, count)
        check.note(f"round robin: {share:.0%} found, {moved} of {count} moved")
        check.require(share <= 0.30 and moved == count, "the measure tells the two apart")


async def other_proxies(check, fleet, count):
    """The same through nginx and Envoy, where they are installed, with fresh conversations each."""
    for name, start in (("nginx", proxies.nginx), ("Envoy", proxies.envoy)):
        port = free_port()
        process = start(port, sorted(fleet.ports.values()), check.options.envoy)
        if process is None:
            check.note(f"{name} is not installed")
            continue
        try:
            await asyncio.wait_for(proxies.until_open(port), 30)
            await restart_all(fleet)
            share, moved = await converse(Client(port, fleet.client.model), count)
        finally:
            process.end()
        check.note(f"{name}: {share:.0%} found, {moved} of {count} moved")
        check.require(share >= 0.6 and moved == 0, f"a conversation stays with its replica behind {name}")


async def restart_all(fleet):
    """Empties all caches."""
    fleet.process.send_signal(signal.SIGHUP)
    before = fleet.log.count("All replicas were restarted")
    await fleet.until(lambda: fleet.log.count("All replicas were restarted") > before)


class Load:
    """People who ask one thing after the other, until they are to stop."""

    def __init__(self, client, people):
        self.client = client
        self.stopping = False
        self.open = set()
        self.answers, self.failures = [], []
        self.tasks = [asyncio.create_task(self._ask(n)) for n in range(people)]

    async def _ask(self, number):
        count = 0
        while not self.stopping:
            count += 1
            prompt = f"Person {number}, question {count}: tell a story of {PLACES[count % len(PLACES)]}."
            exchange = await self.client.open(prompt, max_tokens=48, ignore_eos=True)
            self.open.add(exchange)
            try:
                answer = await exchange.all()
                failed = None if answer.ok else f"{answer.status} {answer.error}"
            except (Cut, OSError, asyncio.IncompleteReadError) as error:
                answer, failed = exchange.answer, repr(error)
            self.open.discard(exchange)
            self.answers.append(answer)
            if failed:
                self.failures.append((answer, failed))

    async def until_written_by(self, name):
        """Waits until a replica writes a stream."""
        while not any(exchange.answer.arrivals and exchange.answer.headers.get("x-served-by") == name
                      for exchange in self.open):
            await asyncio.sleep(0.01)

    async def stop(self):
        self.stopping = True
        await asyncio.gather(*self.tasks)


async def under_load(check, number, people, rounds):
    """Ends each replica by a signal, one after the other, while people ask."""
    async with Fleet(check.options) as fleet:
        load = Load(fleet.client, people)
        killed = []
        for _ in range(rounds):
            for name in sorted(fleet.ports):
                await load.until_written_by(name)
                killed.append(name)
                await fleet.end(name, number)
        await load.stop()
        check.note(f"{len(load.answers)} requests, {len(load.failures)} failed,"
                   f" while {len(killed)} replicas were restarted")
        return load


async def rolling(check):
    """replicas that are asked to stop, one after the other, fail no request"""
    load = await under_load(check, signal.SIGTERM, 4, check.pick(1, 3))
    for _, reason in load.failures:
        check.note(f"failed: {reason}")
    check.require(not load.failures, "no request fails")
    served = {answer.headers.get("x-served-by") for answer in load.answers}
    check.require(len(served) == 3, "every replica took part")


async def killed(check):
    """a replica that is killed cuts the streams that it writes, and nothing else"""
    load = await under_load(check, signal.SIGKILL, 4, check.pick(1, 3))
    check.require(load.failures, "a stream was being written by a replica that was killed")
    for answer, reason in load.failures:
        check.note(f"failed: {answer.status}, {len(answer.arrivals)} texts, {reason}")
        check.require(answer.status == 200 and "Cut" in reason, "only begun streams are cut")


async def refusals(check):
    """a full replica's refusal reaches nobody while another one has room"""
    async with Fleet(check.options, "--parallel", "1", "--queue", "1") as fleet:
        async def ask(client, count):
            # One beginning, so one replica.
            answers = [client.ask("Write a long story.", max_tokens=48, ignore_eos=True)
                       for _ in range(count)]
            return [(a.status, a.headers) for a in await asyncio.gather(*answers)]
        alone = await ask(fleet.direct("r1"), 4)
        refused = [headers for status, headers in alone if status == 503]
        check.note(f"asked directly: {len(refused)} of 4 refused")
        check.require(refused and all("retry-after" in headers for headers in refused),
                      "a full replica refuses, and says how long to wait")
        for _ in range(check.pick(2, 10)):
            statuses = [status for status, _ in await ask(fleet.client, 4)]
            check.require(statuses == [200] * 4, f"through the balancer none is refused: {statuses}")
        all_full = await ask(fleet.client, 24)
        refused = [headers for status, headers in all_full if status == 503]
        check.note(f"24 at a time where 6 have room: {len(refused)} refused")
        check.require(refused and all("retry-after" in headers for headers in refused),
                      "where all are full the refusal arrives as the replica wrote it")


async def same_bytes(check):
    """the same seed gives the same bytes from every replica"""
    async with Fleet(check.options) as fleet:
        digests = {}
        for name in sorted(fleet.ports):
            content = []
            for seed in range(check.pick(3, 20)):
                answer = await fleet.direct(name).ask(
                    f"Tell me about {PLACES[seed]}.", temperature=0.8, seed=seed, logprobs=True,
                    top_logprobs=2, max_tokens=32)
                assert answer.ok, answer.error
                content.append(answer.content())
            digests[name] = hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]
        check.note(", ".join(f"{name} {digest}" for name, digest in digests.items()))
        check.require(len(digests) == 3 and len(set(digests.values())) == 1, "all are equal")


async def ends(check):
    """the fleet ends cleanly when it is asked to, and lets answers end first"""
    async with Fleet(check.options) as fleet:
        exchange = await fleet.client.open("Tell a story.", max_tokens=64, ignore_eos=True)
        await exchange.first()
        fleet.process.send_signal(signal.SIGTERM)
        answer = await exchange.all()
        code = await asyncio.wait_for(fleet.process.wait(), 60)
        check.require(answer.ok, "the answer was finished")
        check.require(code == 0, f"the exit code is 0, not {code}")
        left = [pid for pids in fleet.processes.values() for pid in pids if pathlib.Path(f"/proc/{pid}").exists()]
        check.require(not left, f"no replica is left: {left}")


CHECKS = {"affinity": affinity, "rolling": rolling, "killed": killed, "refusals": refusals,
          "same_bytes": same_bytes, "ends": ends}


class Check:
    """What a check works with: how long to try, and what it found."""

    def __init__(self, options):
        self.options = options
        self.missed = []

    def pick(self, short, full):
        """A quantity for the mode."""
        return full if self.options.full else short

    def note(self, text):
        print(f"        {text}", flush=True)

    def require(self, holds, what):
        """Takes note of something that must hold."""
        if not holds:
            self.missed.append(what)
            self.note(f"MISSED {what}")


def run(name, options):
    """Runs a check; returns whether it passed."""
    print(f"{name}: {CHECKS[name].__doc__}", flush=True)
    check, start = Check(options), time.perf_counter()
    try:
        asyncio.run(asyncio.wait_for(CHECKS[name](check), check.pick(120, 900)))
    except Exception:
        traceback.print_exc()
        check.missed.append("an exception")
    verdict = "FAILED" if check.missed else "passed"
    print(f"{verdict}  {name} ({time.perf_counter() - start:.1f} s)", flush=True)
    return not check.missed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("apus")
    parser.add_argument("model")
    parser.add_argument("--full", action="store_true", help="the campaign")
    parser.add_argument("--only", help=f"some of {', '.join(CHECKS)}", default=",".join(CHECKS))
    parser.add_argument("--envoy", help="the program of Envoy", default=shutil.which("envoy"))
    options = parser.parse_args()
    passed = sum([run(name, options) for name in options.only.split(",")])
    failed = len(options.only.split(",")) - passed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
