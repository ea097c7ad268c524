#!/usr/bin/env python3
"""Lets the server work for hours, and checks that nothing grows and no answer is wrong. Usage:
soak.py PATH_TO_APUS MODEL [--hours H] [--clients N] [--seed S]

One server lives from the beginning to the end: its memory, descriptors and threads are read whenever
traffic rests. Another one is asked to stop or killed again and again, and started anew. Both get the same
mixture: chats in turns, streams that clients leave, drawn answers, embeddings, structured output, nonsense.
Now and then other programs take all processors. A fifth of the requests were answered before anything else
ran; their answers must be the same to the bit, from either server.
"""

import argparse
import asyncio
import hashlib
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

from server import Server
from streams import Client, Cut, Exchange

OPTIONS = ["--context", "2048", "--cache-mib", "60", "--parallel", "8", "--queue", "64", "--threads", "1",
           "--log-level", "error"]
WORDS = "time person year way day thing man world life hand part child eye woman place work week".split()
SCHEMA = {"type": "json_schema", "json_schema": {"name": "city", "schema": {
    "type": "object", "properties": {"name": {"type": "string", "maxLength": 12}, "size": {"type": "integer"}},
    "required": ["name", "size"], "additionalProperties": False}}}
# kB that may be added for each request: over hours, and over less, where a few pages are much.
LEAK_OF_HOURS, LEAK_OF_MINUTES = 0.1, 1.0
# kB that the system gives a process at once.
HUGE_PAGE = 2048


def text(random, words):
    return " ".join(random.choice(WORDS) for _ in range(words))


def kilobytes(pid):
    """Memory of a process that is in no file, in kB, wherever it lies."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon:", "VmSwap:")))


def slope(points):
    """The rise of a line through points, by least squares."""
    n = len(points)
    mean_x, mean_y = (sum(values) / n for values in zip(*points))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


class Sample:
    """A request whose answer is known to the bit."""

    def __init__(self, number):
        seeded = random.Random(number)
        self.prompt = f"{number}: {text(seeded, seeded.choice([4, 40, 300]))}"
        self.options = {"max_tokens": seeded.choice([8, 24, 48]), "ignore_eos": True, "logprobs": True,
                        "top_logprobs": 2, "cache_prompt": bool(number % 2)}
        if number % 3:
            self.options |= {"temperature": 0.9, "seed": number}
        self.digest = None

    async def answer(self, client):
        """The answer's digest."""
        answer = await client.ask(self.prompt, **self.options)
        assert answer.ok, f"{answer.status} {answer.error}"
        return hashlib.sha256(json.dumps(answer.content()).encode()).hexdigest()


class Target:
    """A server, its client, and what came of the requests to it."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.requests = self.compared = self.cut = 0
        self.wrong, self.faults = [], []
        # Whether there is a server to ask.
        self.there = asyncio.Event()

    async def start(self):
        self.server = await asyncio.to_thread(
            Server, self.arguments.apus, self.arguments.model, *OPTIONS,
            longest=self.arguments.hours * 3600 + 600)
        self.client = await Client.of(self.server)
        self.there.set()

    async def post(self, path, body):
        """Status and body of an answer that is no stream."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        try:
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            answer = await Exchange(reader, writer, time.perf_counter()).head()
            return answer.status, await reader.readexactly(int(answer.headers["content-length"]))
        finally:
            writer.transport.abort()


async def compare(target, samples, dice):
    sample = dice.choice(samples)
    found = await sample.answer(target.client)
    target.compared += 1
    if found != sample.digest:
        target.wrong.append(sample.prompt[:40])


async def talk(target, _, dice):
    messages = [{"role": "user", "content": text(dice, 30)}]
    for _ in range(3):
        answer = await target.client.ask(list(messages), cache_prompt=True, max_tokens=12, temperature=0.7)
        assert answer.ok, f"{answer.status} {answer.error}"
        messages += [{"role": "assistant", "content": answer.texts.get(0, "")},
                     {"role": "user", "content": text(dice, 10)}]


async def leave(target, _, dice):
    exchange = await target.client.open(text(dice, dice.choice([5, 500])), max_tokens=400, ignore_eos=True)
    await exchange.first()
    exchange.leave(reset=dice.random() < 0.5)


async def expect(target, path, body, status):
    found, answer = await target.post(path, body)
    assert found == status, f"{path}: {found} {answer[:200]}"
    return answer


async def structure(target, _, dice):
    answer = await expect(target, "/v1/chat/completions", {
        "messages": [{"role": "user", "content": text(dice, 8)}], "response_format": SCHEMA,
        "max_tokens": 80}, 200)
    choice = json.loads(answer)["choices"][0]
    if choice["finish_reason"] == "stop":
        assert set(json.loads(choice["message"]["content"])) == {"name", "size"}


async def embed(target, _, dice):
    await expect(target, "/v1/embeddings", {"input": [text(dice, 20), text(dice, 3)]}, 200)


async def choices(target, _, dice):
    await expect(target, "/v1/completions", {"prompt": text(dice, 6), "n": 3, "max_tokens": 8}, 200)


async def nonsense(target, _, dice):
    body = dice.choice([b"{", b'{"messages": 3}', b"\xff\xfe", b'{"messages": []}'])
    await expect(target, "/v1/chat/completions", body, 400)


MIXTURE = [(compare, 4), (talk, 4), (leave, 4), (structure, 2), (embed, 2), (choices, 2), (nonsense, 2)]


class Soak:
    """The whole run."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.steady, self.shaken = Target(arguments), Target(arguments)
        self.samples = [Sample(n) for n in range(24)]
        self.end = None
        # Clients run while it is set, and rest otherwise.
        self.running = asyncio.Event()
        self.busy = 0
        self.resting = asyncio.Condition()
        self.points, self.restarts, self.hogs = [], 0, 0
        self.missed = []

    async def run(self):
        await asyncio.gather(self.steady.start(), self.shaken.start())
        for sample in self.samples:
            sample.digest = await sample.answer(self.steady.client)
        self.end = time.monotonic() + self.arguments.hours * 3600
        self.running.set()
        tasks = [asyncio.create_task(self.ask(target, n))
                 for n in range(self.arguments.clients) for target in (self.steady, self.shaken)]
        tasks += [asyncio.create_task(self.shake()), asyncio.create_task(self.hog())]
        await self.watch()
        self.running.set()
        await asyncio.gather(*tasks)
        for target in (self.steady, self.shaken):
            target.server.terminate()
            code = await asyncio.to_thread(target.server.exit_code)
            self.require(code == 0, f"a server ended with {code}")
        return self.judge()

    def is_over(self):
        return time.monotonic() >= self.end

    async def ask(self, target, number):
        """One client: whatever it draws, one after the other."""
        dice = random.Random(f"{self.arguments.seed} {number} {target is self.steady}")
        kinds, weights = zip(*MIXTURE)
        while not self.is_over():
            await target.there.wait()
            await self.running.wait()
            self.busy += 1
            try:
                await dice.choices(kinds, weights)[0](target, self.samples, dice)
            except (Cut, OSError, asyncio.IncompleteReadError, AssertionError) as error:
                await self.fail(target, error)
            target.requests += 1
            async with self.resting:
                self.busy -= 1
                self.resting.notify_all()

    async def fail(self, target, error):
        """A fault, unless the server was being restarted."""
        is_cut = not isinstance(error, AssertionError) or "503" in str(error)
        if target is self.shaken and is_cut:
            target.cut += 1
        else:
            target.faults.append(repr(error)[:300])

    async def shake(self):
        """Ends the second server again and again, politely and not."""
        while not self.is_over():
            await asyncio.sleep(min(20, self.arguments.hours * 360))
            server = self.shaken.server
            self.shaken.there.clear()
            server.process.send_signal(signal.SIGTERM if self.restarts % 2 else signal.SIGKILL)
            code = await asyncio.to_thread(server.exit_code)
            self.require(code == (0 if self.restarts % 2 else -signal.SIGKILL), f"the end was {code}")
            await self.shaken.start()
            self.restarts += 1

    async def hog(self):
        """Has other programs take all processors for a while, now and then."""
        while not self.is_over():
            await asyncio.sleep(min(45, self.arguments.hours * 600))
            count = len(os.sched_getaffinity(0))
            burning = "import time\nend = time.monotonic() + 10\nwhile time.monotonic() < end: pass"
            hogs = [subprocess.Popen([sys.executable, "-c", burning]) for _ in range(count)]
            await asyncio.gather(*(asyncio.to_thread(hog.wait) for hog in hogs))
            self.hogs += 1

    async def watch(self):
        """Reads the first server's figures whenever traffic rests."""
        pause = min(60, self.arguments.hours * 3600 / 40)
        while not self.is_over():
            await asyncio.sleep(pause)
            self.running.clear()
            async with self.resting:
                await self.resting.wait_for(lambda: self.busy == 0)
            await self.measure()
            self.running.set()

    async def measure(self):
        client, pid = self.steady.client, self.steady.server.process.pid
        # What was left is freed within a step, and connections within a moment.
        for _ in range(100):
            health = await client.health()
            if health["running"] + health["waiting"] == 0 and await client.metric("apus:connections") <= 1:
                break
            await asyncio.sleep(0.05)
        task = pathlib.Path(f"/proc/{pid}")
        point = {
            "requests": self.steady.requests, "kB": kilobytes(pid),
            "descriptors": len(list((task / "fd").iterdir())), "threads": len(list((task / "task").iterdir())),
            "pages": health["cache_pages"] - health["cache_pages_free"]}
        self.points.append(point)
        print(" ".join(f"{name} {value}" for name, value in point.items()),
              f"| restarts {self.restarts} hogs {self.hogs}", flush=True)

    def require(self, holds, what):
        if not holds:
            self.missed.append(what)

    def judge(self):
        """Says what was found; returns the exit code."""
        steady, shaken = self.steady, self.shaken
        # The first half touches what memory there is to touch.
        late = self.points[len(self.points) // 2:]
        leak = slope([(point["requests"], point["kB"]) for point in late])
        allowed = LEAK_OF_HOURS if self.arguments.hours >= 1 else LEAK_OF_MINUTES
        print(f"{steady.requests} + {shaken.requests} requests, {steady.compared} + {shaken.compared} compared"
              f" to the bit, {shaken.cut} cut by {self.restarts} restarts; {leak:.3f} kB a request")
        if (late[-1]["requests"] - late[0]["requests"]) * allowed < HUGE_PAGE:
            print("memory is not judged: so few requests do not tell a leak from a single huge page")
        else:
            self.require(leak <= allowed, f"memory grows by {leak:.3f} kB a request, of {allowed}")
        for name in ("descriptors", "threads"):
            found = {point[name] for point in self.points[1:]}
            self.require(len(found) == 1, f"{name} are not constant: {sorted(found)}")
        self.require(not any(point["pages"] for point in self.points), "cache pages are held at rest")
        for target in (steady, shaken):
            self.require(target.compared > 0, "no answer was compared")
            self.require(not target.wrong, f"wrong answers: {target.wrong[:5]}")
            self.require(not target.faults, f"{len(target.faults)} faults, such as {target.faults[:3]}")
        self.require(self.restarts > 0 and self.hogs > 0, "nothing was restarted or held up")
        for what in self.missed:
            print(f"MISSED {what}")
        print(f"{'0 passed, 1 failed' if self.missed else '1 passed, 0 failed'}")
        return 1 if self.missed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("apus")
    parser.add_argument("model")
    parser.add_argument("--hours", type=float, default=8)
    parser.add_argument("--clients", type=int, default=3, help="clients of each server")
    parser.add_argument("--seed", default="0")
    arguments = parser.parse_args()
    if not 0.01 <= arguments.hours <= 1000:
        parser.error("--hours must be from 0.01 to 1000")

    async def run():
        soak = Soak(arguments)
        try:
            return await soak.run()
        finally:
            for target in (soak.steady, soak.shaken):
                if hasattr(target, "server") and target.server.process.poll() is None:
                    target.server.kill()
    return asyncio.run(run())


if __name__ == "__main__":
    sys.exit(main())
