"""Clients that leave free what they held.

The server's own account of itself is asked for again and again: the time counts from hanging up until
an answer shows that the place is free. On any machine all places must become free, long before their
answers would have ended, and all who left be counted.
"""

import asyncio
import itertools
import json
import random
import time

from measures import median, milliseconds, quantile, words

# Tokens that each asks for.
LENGTH = 3000
# Streamed or not, hanging up politely or with a reset.
WAYS = list(itertools.product((True, False), (True, False)))


class Watch:
    """Asks a server for its health, over one connection for as long as the server keeps it."""

    @classmethod
    async def of(cls, server):
        watch = cls()
        watch.port = server.port
        await watch.connect()
        return watch

    async def connect(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def health(self):
        try:
            return await self._ask()
        except (asyncio.IncompleteReadError, ConnectionError):
            # The server ends connections on which nothing is asked for a while.
            await self.connect()
            return await self._ask()

    async def _ask(self):
        self.writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        health = json.loads(await self.reader.readexactly(length))
        if "connection: close" in head:
            self.writer.transport.abort()
            await self.connect()
        return health

    async def until(self, name, count):
        """Waits until so many are `running`, or `waiting`; returns when that was seen."""
        end = time.perf_counter() + 120
        while (health := await self.health())[name] != count:
            if time.perf_counter() > end:
                raise TimeoutError(f"{name} is {health[name]}, not {count}")
            await asyncio.sleep(0.0005)
        return time.perf_counter()


class Leavers:
    """Opens requests, hangs up, and notes how long what they held was kept."""

    def __init__(self, client, watch, seed):
        self.client = client
        self.watch = watch
        self.random = random.Random(seed)
        # Seconds, by whether the answer was streamed.
        self.times = {True: [], False: []}
        self.opened = 0

    async def open(self, number, length):
        stream, reset = WAYS[number % 4]
        self.opened += 1
        exchange = await self.client.open(
            words(length, number), max_tokens=LENGTH, ignore_eos=True, stream=stream)
        return exchange, stream, reset

    async def leave(self, victim, name, left):
        """Hangs up; `left` are those that are then `running`, or `waiting`."""
        exchange, stream, reset = victim
        start = time.perf_counter()
        exchange.leave(reset)
        self.times[stream].append(await self.watch.until(name, left) - start)


async def decoding(leavers, count):
    """Eight at a time that are being answered."""
    for batch in range(0, count, 8):
        victims = [await leavers.open(batch + n, 8) for n in range(min(8, count - batch))]
        await leavers.watch.until("running", len(victims))
        # Their short prompts are read by then.
        await asyncio.sleep(0.2)
        leavers.random.shuffle(victims)
        for left in reversed(range(len(victims))):
            await asyncio.sleep(leavers.random.uniform(0, 0.03))
            await leavers.leave(victims[left], "running", left)


async def prefilling(leavers, count):
    """One after the other, each with a long prompt that is being read."""
    whole = median([(await leavers.client.ask(words(1500, n), max_tokens=1)).first_token_after
                    for n in range(2)])
    for number in range(count):
        victim = await leavers.open(100 + number, 1500)
        await leavers.watch.until("running", 1)
        await asyncio.sleep(leavers.random.uniform(0.01, 0.4) * whole)
        await leavers.leave(victim, "running", 0)


async def queued(leavers, count):
    """Those that wait behind a long prompt, whose steps take long."""
    for batch in range(0, count, 15):
        first, _, _ = await leavers.open(500 + batch, 1500)
        await leavers.watch.until("running", 1)
        victims = [await leavers.open(batch + n, 8) for n in range(min(15, count - batch))]
        await leavers.watch.until("waiting", len(victims))
        leavers.random.shuffle(victims)
        for left in reversed(range(len(victims))):
            await asyncio.sleep(leavers.random.uniform(0, 0.01))
            await leavers.leave(victims[left], "waiting", left)
        first.leave()
        await leavers.watch.until("running", 0)


async def freed(bench, leavers, cancelled):
    """All who left are counted, few of the tokens that they asked for were written, and no more are."""
    report, opened = bench.report, leavers.opened
    report.require(cancelled == opened, f"{cancelled} counted as cancelled, not {opened}")
    written = await leavers.client.metric("apus:generation_tokens_total")
    report.figure("share of their tokens that was written", written / (LENGTH * opened), most=0.5)
    steps = (await leavers.watch.health())["steps"]
    await asyncio.sleep(0.5)
    report.require((await leavers.watch.health())["steps"] == steps, "steps go on")


async def cancel(bench):
    """clients that leave while decoding, prefilling or queued free their memory"""
    kinds = [("decoding", decoding, 8, bench.pick(96, 400), 0.05),
             ("prefilling", prefilling, 1, bench.pick(44, 300), 0.2),
             ("queued", queued, 1, bench.pick(60, 300), 0.01)]
    for name, kind, parallel, count, most in kinds:
        server, client = await bench.serve("--parallel", str(parallel), "--queue", "64")
        watch = await Watch.of(server)
        leavers = Leavers(client, watch, len(name))
        await kind(leavers, count)
        for stream, times in leavers.times.items():
            how = "streamed" if stream else "whole"
            bench.report.note(f"{name}, {how}: {milliseconds(times)}")
            bench.report.time(f"{name}, {how}, p99", quantile(times, 0.99), most)
        counts = (await watch.health())["cancel_to_free_seconds"]
        own = counts[name]
        bench.report.note(f"{name}, as the server counts: {own}")
        bench.report.time(f"{name}, p99 of the server's own", own["p99"], most)
        # A prompt may have been read by then, or not begun.
        bench.report.figure(f"{name} when cancelled", own["count"], f" of {count}", least=1)
        bench.report.figure("share of them", own["count"] / count, least=0.9, is_time=True)
        await freed(bench, leavers, sum(each["count"] for each in counts.values()))
        bench.close()
