"""Promises that hold while there is more to do than can be done."""

import asyncio
import itertools
import random
import time

from measures import (anonymous_memory, median, milliseconds, quantile, words)
from recordings import Recorder

PARALLEL, QUEUE = 8, 16


class Traffic:
    """Short requests of several lengths, and what came of them."""

    def __init__(self, client):
        self.client = client
        self.recorder = Recorder(client.port)
        self.answers = []
        self.random = random.Random(3)
        self.sent = 0

    @property
    def failures(self):
        return self.recorder.failures

    def request(self, **options):
        """The next request's bytes."""
        self.sent += 1
        return self.client.request(
            words(self.random.randint(4, 40), self.sent), ignore_eos=True,
            max_tokens=self.random.randint(16, 32), **options)

    async def one(self, **options):
        await self.recorder.send(self.request(**options))

    def read(self):
        """Reads the answers, after all of them have come."""
        self.answers = self.recorder.close()

    async def closed(self, clients, seconds):
        """So many clients, each of which asks again when it was answered."""
        end = time.perf_counter() + seconds

        async def ask():
            while time.perf_counter() < end:
                await self.one()
        await asyncio.gather(*(ask() for _ in range(clients)))

    async def open(self, rate, seconds):
        """Sends requests at a rate that does not depend on the answers; returns what awaits them."""
        # Made before, because the processors are the server's.
        requests = [self.request() for _ in range(int(rate * seconds))]
        start = time.perf_counter()
        tasks = []
        for number, request in enumerate(requests):
            await asyncio.sleep(max(0, start + number / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(self.recorder.send(request)))
        return tasks

    def rate(self, start, end):
        """Tokens a second of complete answers that arrived in a time."""
        count = sum(start <= at < end for a in self.answers if a.ok for at in a.arrivals)
        return count / (end - start)


async def capacity(client, seconds):
    """Tokens and answers a second when there is always enough to do, but no more."""
    traffic = Traffic(client)
    start = time.perf_counter()
    await traffic.closed(PARALLEL + QUEUE // 2, seconds)
    end = start + seconds
    traffic.read()
    assert not traffic.failures and all(a.ok for a in traffic.answers)
    answers = [a for a in traffic.answers if start + 0.5 <= a.ended < end]
    firsts = [a.first_token_after for a in traffic.answers]
    return traffic.rate(start + 0.5, end), len(answers) / (seconds - 0.5), firsts


async def latency(client):
    """Seconds that a short request takes."""
    start = time.perf_counter()
    answer = await client.ask("Hi", max_tokens=4, ignore_eos=True)
    return time.perf_counter() - start if answer.ok else float("inf")


async def overload(bench):
    """ten times more requests than can be served cost those that are served nothing"""
    report = bench.report
    server, client = await bench.serve("--parallel", str(PARALLEL), "--queue", str(QUEUE))
    await capacity(client, 1)
    normal = median([await latency(client) for _ in range(9)])
    seconds = bench.pick(8, 20)
    # In turns, and compared with the peaks on either side: a machine has its moods.
    peaks, goodputs = [await capacity(client, seconds / 2)], []
    report.note(f"first token at capacity: {milliseconds(peaks[0][2])}")
    for _ in range(bench.pick(1, 5)):
        rate = 10 * peaks[-1][1]
        goodputs.append(await overload_once(report, server, client, rate, seconds, normal))
        peaks.append(await capacity(client, seconds / 2))
    rates = [peak for peak, _, _ in peaks]
    report.note("peaks " + ", ".join(f"{rate:.0f}" for rate in rates) + " tokens/s; between them "
                + ", ".join(f"{goodput:.0f}" for goodput in goodputs))
    ratios = [2 * goodput / (before + after)
              for goodput, before, after in zip(goodputs, rates, rates[1:])]
    report.note("goodput over peak " + ", ".join(f"{ratio:.3f}" for ratio in ratios))
    report.figure("goodput over peak, median", median(ratios), least=0.95, is_time=True)


async def overload_once(report, server, client, rate, seconds, normal):
    """Sends more than can be served; returns tokens a second of whole answers."""
    traffic = Traffic(client)
    memory = asyncio.create_task(sample_memory(server, seconds))
    start, own = time.perf_counter(), time.process_time()
    tasks = await traffic.open(rate, seconds)
    end = time.perf_counter()
    own = (time.process_time() - own) / (end - start)
    recovery = await recover(client, normal)
    await asyncio.gather(*tasks)
    samples = await memory
    traffic.read()
    report.note(f"{traffic.sent / (end - start):.0f} requests/s sent, client {own:.2f} processors")
    good = [a for a in traffic.answers if a.status == 200]
    report.note(f"first token in overload: {milliseconds([a.first_token_after for a in good if a.ok])}")
    report.require(all(a.ok for a in good), "an accepted request did not end well")
    report.require(not traffic.failures, f"{len(traffic.failures)} failures: {traffic.failures[:2]}")
    check_refusals(report, [a for a in traffic.answers if a.status != 200])
    middle, last = samples[len(samples) // 2], max(samples[-3:])
    report.note(f"anonymous memory {samples[0] >> 20} MiB at first, {middle >> 20} in the middle, "
                f"{last >> 20} at the end")
    report.figure("growth between middle and end", (last - middle) / 2**20, " MiB", most=8)
    report.time("normal again after", recovery, 2)
    return traffic.rate(start + 1, end)


async def sample_memory(server, seconds):
    samples = []
    for _ in range(int(seconds * 4)):
        samples.append(anonymous_memory(server.process.pid))
        await asyncio.sleep(0.25)
    return samples


async def recover(client, normal):
    """Seconds until a short request takes no longer than one and a half times as usual."""
    start = time.perf_counter()
    while time.perf_counter() - start < 10:
        begun = time.perf_counter()
        if await latency(client) <= 1.5 * normal + 0.01:
            return begun - start
        await asyncio.sleep(0.02)
    return 10.0


def check_refusals(report, refusals):
    statuses = sorted({a.status for a in refusals})
    report.note(f"{len(refusals)} refusals, status {statuses}")
    report.require(refusals and set(statuses) <= {429, 503}, f"refusals are {statuses}")
    waits = [a.headers.get("retry-after", "none") for a in refusals]
    report.require(all(wait.isdecimal() and int(wait) >= 1 for wait in waits),
                   f"Retry-After is {sorted(set(waits))}")
    report.note(f"Retry-After: {sorted(set(waits))}")
    times = [a.head_at - a.sent for a in refusals]
    report.note(f"refusals took {milliseconds(times)}")
    report.time("refusals, p99", quantile(times, 0.99), 0.05)


async def read_prompts(client, seconds, firsts, seed):
    """Reads long prompts back to back."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        seed += 1
        answer = await client.ask(words(1500, seed), max_tokens=1, ignore_eos=True)
        assert answer.ok, answer.error
        firsts.append(answer.first_token_after)


async def writers(bench):
    """long prompts do not hold up answers that are being written"""
    server, client = await bench.serve()
    streams = [await client.open(words(10, n), max_tokens=6000, ignore_eos=True) for n in range(4)]
    readers = [asyncio.create_task(stream.all()) for stream in streams]
    for seed in range(2):
        await client.ask(words(800, seed), max_tokens=1)
    await asyncio.sleep(1)
    calm, seconds, firsts = time.perf_counter(), bench.pick(6, 20), []
    await asyncio.sleep(seconds / 3)
    start = time.perf_counter()
    await read_prompts(client, seconds, firsts, 1000)
    end = time.perf_counter()
    gaps = {"calm": [], "loaded": []}
    for stream, reader in zip(streams, readers):
        reader.cancel()
        stream.leave()
        times = stream.answer.arrivals
        for early, late in zip(times, times[1:]):
            if calm <= early and late <= end:
                gaps["calm" if late < start else "loaded"].append(late - early)
    bench.report.note(f"gaps without prompts: {milliseconds(gaps['calm'])}")
    bench.report.note(f"gaps beside prompts:  {milliseconds(gaps['loaded'])}")
    bench.report.note(f"first token of the prompts: {milliseconds(firsts)}")
    bench.report.time("gap beside prompts, p99", quantile(gaps["loaded"], 0.99), 0.1)


async def health(bench):
    """health is told at once while all is busy"""
    server, client = await bench.serve()
    seconds, firsts, times = bench.pick(4, 20), [], {}
    streams = [await client.open(words(10, n), max_tokens=4000, ignore_eos=True) for n in range(16)]
    readers = [asyncio.create_task(stream.all()) for stream in streams]
    prompts = asyncio.create_task(read_prompts(client, seconds, firsts, 2000))
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for path in ("/health/live", "/health/ready", "/health"):
            status, body, taken = await client.get(path)
            times.setdefault(path, []).append(taken)
            if status != 200:
                bench.report.require(False, f"{path} says {status}")
                return
        await asyncio.sleep(0.03)
    await prompts
    for stream, reader in zip(streams, readers):
        reader.cancel()
        stream.leave()
    for path, taken in times.items():
        bench.report.note(f"{path}: {milliseconds(taken)}")
        bench.report.time(f"{path}, p99", quantile(taken, 0.99), 0.1)


async def probes(client, count, pause, spent):
    """Times to the first token of requests by another client, once in a while."""
    async def one(number):
        answer = await client.ask(words(10, number), key="b", max_tokens=4, ignore_eos=True)
        assert answer.ok, answer.error
        spent.append(answer.first_token_after)
    tasks = []
    for number in range(count):
        tasks.append(asyncio.create_task(one(number)))
        await asyncio.sleep(pause)
    await asyncio.gather(*tasks)


async def flooded(client, flood, count, pause):
    """What another client waits for its first tokens while 200 tasks keep asking."""
    stop, beside = asyncio.Event(), []

    async def ask():
        while not stop.is_set():
            await flood()
    floods = [asyncio.create_task(ask()) for _ in range(200)]
    await asyncio.sleep(1)
    await probes(client, count, pause, beside)
    stop.set()
    for task in floods:
        task.cancel()
    await asyncio.gather(*floods, return_exceptions=True)
    return beside


async def fairness(bench):
    """a client that floods does not keep another one waiting"""
    report = bench.report
    server, client = await bench.serve()
    traffic = Traffic(client)
    await asyncio.gather(*(traffic.one(key="a") for _ in range(32)))
    count, pause = bench.pick((16, 0.3), (60, 1))
    alone = []
    await probes(client, 12, 0.1, alone)
    report.note(f"first token of b alone: {milliseconds(alone)}")
    beside = await flooded(client, lambda: traffic.one(key="a"), count, pause)
    traffic.read()
    step = median([gap for a in traffic.answers[-100:] for gap in a.gaps])
    firsts = [a.first_token_after for a in traffic.answers[-200:] if a.ok]
    report.note(f"first token of b beside a's flood: {milliseconds(beside)}")
    report.note(f"first token of a: {milliseconds(firsts)}; a step takes {step * 1e3:.1f} ms")
    ratio = (quantile(beside, 0.99) - step) / quantile(alone, 0.99)
    report.figure(
        "p99 beside, less one step, over p99 alone", ratio, most=bench.pick(3, 1.5), is_time=True)
    if not bench.full:
        return
    seeds = itertools.count(5000)
    beside = await flooded(
        client, lambda: client.ask(words(1500, next(seeds)), key="a", max_tokens=8), 8, pause)
    report.note(f"first token of b beside a's prompts of 1500 words: {milliseconds(beside)}")
