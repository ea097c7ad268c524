"""Clients that leave free what they held.

With room for one answer at a time, the next request starts when the one before it has gone: what its
first token takes longer than on an idle server is how long the memory was kept.
"""

import asyncio
import itertools
import random
import time

from measures import median, milliseconds, quantile, words

WAYS = list(itertools.product((True, False), (True, False)))


async def probe_time(client):
    """Seconds to the first token of the probe on an idle server."""
    times = []
    for _ in range(12):
        answer = await client.ask("Hi", max_tokens=1, ignore_eos=True)
        times.append(answer.first_token_after)
    return median(times[2:])


async def leave_and_probe(client, alone, wait, victim):
    """Sends a victim, which leaves after a while with a probe behind it; returns seconds kept."""
    stream, reset = victim.pop("way")
    one = await client.open(**victim, stream=stream)
    await asyncio.sleep(wait)
    probe = await client.open("Hi", max_tokens=1, ignore_eos=True)
    await asyncio.sleep(0.02)
    one.leave(reset)
    left = time.perf_counter()
    answer = await probe.all()
    assert answer.ok, answer.error
    return answer.arrivals[0] - left - alone


async def decoding(bench, client, alone, count):
    """Victims that are being answered."""
    randomly = random.Random(1)
    return [await leave_and_probe(
        client, alone, randomly.uniform(0.05, 0.2),
        {"prompt": words(8, n), "max_tokens": 3000, "ignore_eos": True, "way": WAYS[n % 4]})
        for n in range(count)]


async def prefilling(bench, client, alone, count):
    """Victims whose prompts are being read; those that had been read by then are not counted."""
    randomly = random.Random(2)
    whole = median([(await client.ask(words(1500, n), max_tokens=1)).first_token_after
                    for n in range(bench.pick(1, 5))])
    bench.report.note(f"a prompt of 1500 words takes {whole * 1e3:.0f} ms")
    return [await leave_and_probe(
        client, alone, randomly.uniform(0.05, 0.7) * whole,
        {"prompt": words(1500, 100 + n), "max_tokens": 1000, "ignore_eos": True, "way": WAYS[n % 4]})
        for n in range(count)]


async def taken(exchange):
    """Whether a request was not refused, which is quick; an answer would take longer than this waits."""
    try:
        await asyncio.wait_for(exchange.head(), 0.15)
    except asyncio.TimeoutError:
        return True
    exchange.leave()
    assert exchange.answer.status == 503, exchange.answer.status
    return False


async def queued(bench, client, count):
    """Victims that wait, where one may wait: how soon after one left the next is not refused."""
    one = await client.open("Count.", max_tokens=8000, ignore_eos=True)
    await one.first()
    waiting, times = await client.open("Wait.", max_tokens=8), []
    assert await taken(waiting), "nobody may wait"
    for number in range(count):
        stream, reset = WAYS[number % 4]
        probe = await client.open(words(8, number), max_tokens=8, stream=stream)
        assert not await taken(probe), "two may wait"
        waiting.leave(reset)
        left = time.perf_counter()
        while True:
            waiting = await client.open(words(8, number), max_tokens=8, stream=stream)
            if await taken(waiting):
                break
        # It was sent a moment before it was taken.
        times.append(waiting.answer.sent - left)
    waiting.leave()
    one.leave()
    return times


async def cancel(bench):
    """clients that leave while decoding, prefilling or queued free their memory"""
    share = bench.pick(0.9, 0.99)
    server, client = await bench.serve("--parallel", "1", "--queue", "64")
    alone = await probe_time(client)
    bench.report.note(f"first token of the probe alone: {alone * 1e3:.1f} ms")
    kinds = [("decoding", decoding, bench.pick(16, 80), 0.05),
             ("prefilling", prefilling, bench.pick(12, 60), 0.2)]
    for name, kind, count, most in kinds:
        times = await kind(bench, client, alone, count)
        bench.report.note(f"{name}: {milliseconds(times)}")
        bench.report.time(f"{name}, p{share * 100:.0f}", quantile(times, share), most)
    bench.close()
    server, client = await bench.serve("--parallel", "1", "--queue", "1")
    times = await queued(bench, client, bench.pick(12, 60))
    bench.report.note(f"queued: {milliseconds(times)}")
    bench.report.time(f"queued, p{share * 100:.0f}", quantile(times, share), 0.01)
