#!/usr/bin/env python3
"""Connections that are held, and many chats beside them, all from one address, harm nobody.

Usage: many_connections.py PATH_TO_APUS MODEL [--held 1000] [--chats 600] [--port PORT]

Half of the held connections are idle, half have sent part of a head. Every chat has to be answered, with
200 or with 429 or 503 and Retry-After; and 99 of 100 looks at /health have to take at most 100 ms.
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import sys
import time
from collections import Counter

from raw import Raw, ask, get, memory, post
from server import Server

CHAT = {"model": "smollm2", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 8}
HERE = "127.0.0.1"


async def hold_idle(port, stop):
    """Keeps a connection that has had an answer, and opens another one when it ends."""
    while not stop.is_set():
        connection = await Raw.open(port, HERE)
        await connection.send(get(close=False))
        await connection.through(b"}")
        await ended_or(stop, connection)


async def hold_half_sent(port, stop):
    """Keeps a connection that has sent part of a head, and opens another one when it ends."""
    while not stop.is_set():
        connection = await Raw.open(port, HERE)
        await connection.send(b"GET /hea")
        await ended_or(stop, connection)


async def ended_or(stop, connection):
    ending = asyncio.create_task(connection.rest(3600))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([ending, stopping], return_when=asyncio.FIRST_COMPLETED)
    for task in (ending, stopping):
        task.cancel()
    connection.reset()


async def chat(port):
    """Chats once; returns the status, or what went wrong."""
    try:
        connection = await Raw.open(port, HERE)
    except OSError as error:
        return f"no connection: {error}"
    await connection.send(post(CHAT))
    await connection.rest(300)
    connection.close()
    if not connection.statuses:
        return "no answer"
    status = connection.statuses[-1]
    if status in (429, 503) and b"retry-after:" not in connection.received.lower():
        return f"{status} without Retry-After"
    return status


def look(port, seconds, results):
    """Looks at /health again and again, in a process of its own; sends back statuses and times."""
    async def look_again():
        statuses, times = Counter(), []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            start = time.perf_counter()
            answer = await ask(port, get("/health"), 10, source=HERE)
            times.append(time.perf_counter() - start)
            statuses[answer.statuses[-1] if answer.statuses else "no answer"] += 1
            await asyncio.sleep(0.02)
        return statuses, sorted(times)
    results.put(asyncio.run(look_again()))


async def load(port, held, chats, look_for):
    """Holds connections, chats and looks at /health; returns what came of the chats and the looks."""
    stop = asyncio.Event()
    holding = [asyncio.create_task((hold_idle if n % 2 else hold_half_sent)(port, stop)) for n in range(held)]
    await asyncio.sleep(1)
    results = multiprocessing.Queue()
    process = multiprocessing.Process(target=look, args=(port, look_for, results))
    process.start()
    outcomes = Counter(await asyncio.gather(*[chat(port) for _ in range(chats)]))
    statuses, times = await asyncio.to_thread(results.get)
    process.join()
    stop.set()
    await asyncio.gather(*holding)
    return outcomes, statuses, times


def verify(outcomes, statuses):
    """Checks that everyone was answered."""
    assert set(outcomes) <= {200, 429, 503} and outcomes[200] > 0, outcomes
    assert set(statuses) == {200}, statuses


async def metrics(port, *names):
    """The values of samples, asked for again as long as there is no room, and how often there was none."""
    for refusals in range(1000):
        answer = await ask(port, get("/metrics"), source=HERE)
        if answer.statuses == [200]:
            break
        assert answer.statuses in ([429], [503]), answer.received
        await asyncio.sleep(0.05)
    samples = dict(line.rsplit(" ", 1) for line in answer.received.decode().splitlines() if line[:5] == "apus:")
    return [int(samples[f"apus:{name}"]) for name in names], refusals


async def refusals(c):
    """Requests for which there is no room are refused and counted, each once; for the scoreboard"""
    for limit, code, status in (
            ("--connections", "server_is_overloaded", 503), ("--connections-per-client", "too_many_connections", 429)):
        server = await asyncio.to_thread(Server, *c.command, limit, "4")
        try:
            long = post({**CHAT, "max_tokens": 1000, "ignore_eos": True, "stream": True})
            busy = [await Raw.open(server.port, HERE) for _ in range(4)]
            for connection in busy:
                await connection.send(long)
                await connection.through(b"data: ")
            answers = [await ask(server.port, post(CHAT), source=HERE) for _ in range(10)]
            assert all(answer.statuses == [status] for answer in answers), [a.statuses for a in answers]
            assert all(b"retry-after:" in answer.received.lower() for answer in answers)
            for connection in busy:
                connection.reset()
            (count, closed), more = await metrics(
                server.port, f'http_refusals_total{{code="{code}"}}', "connections_refused_total")
            assert (count, closed) == (10 + more, 0), (code, count, more, closed)
        finally:
            server.kill()


async def counted(c):
    """A smaller one, whose times do not count; for the scoreboard"""
    # A limit above what a client of this machine has, and below what all have.
    server = await asyncio.to_thread(Server, *c.command, "--connections", "120")
    try:
        outcomes, statuses, _ = await load(server.port, 100, 60, 3)
        verify(outcomes, statuses)
        (refused, evicted), _ = await metrics(
            server.port, 'http_refusals_total{code="server_is_overloaded"}', "connections_evicted_total")
        # What was refused while a held connection had to leave is counted too.
        assert refused >= outcomes[503] and evicted > 0, (outcomes, refused, evicted)
    finally:
        server.kill()


async def sizes(c):
    """a thousand held connections take at most 20 KiB each"""
    # A server of its own: in one that had many before, they would cost nothing any more.
    server = await asyncio.to_thread(Server, *c.command)
    try:
        assert (await ask(server.port, post(CHAT), 30)).statuses == [200]
        before = memory(server.process.pid)
        held = [await Raw.open(server.port, HERE) for _ in range(1000)]
        for connection in held[:500]:
            await connection.send(get(close=False))
            await connection.through(b"}")
        for connection in held[500:]:
            await connection.send(b"GET /hea")
        assert (await ask(server.port, get())).statuses == [200]
        each = (memory(server.process.pid) - before) / 1000
        print(f"        {each / 1024:.1f} KiB a connection")
        for connection in held:
            connection.reset()
        assert each <= 20 << 10, each
    finally:
        server.kill()


def rows():
    return [
        ("a thousand held connections", sizes),
        ("held connections and chats beside them", counted),
        ("what there is no room for is counted", refusals),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("apus")
    parser.add_argument("model")
    parser.add_argument("--held", type=int, default=1000)
    parser.add_argument("--chats", type=int, default=600)
    parser.add_argument("--port", type=int, help="ask a proxy there instead")
    parser.add_argument("--seconds", type=float, default=20, help="how long to look at /health")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), most))
    server = Server(options.apus, options.model)
    try:
        start = time.monotonic()
        outcomes, statuses, times = asyncio.run(
            load(options.port or server.port, options.held, options.chats, options.seconds))
        p99 = times[int(len(times) * 0.99)]
        print(json.dumps({
            "held": options.held, "chats": {str(key): value for key, value in outcomes.items()},
            "looks": {str(key): value for key, value in statuses.items()}, "health_p50_ms": times[len(times) // 2] * 1000,
            "health_p99_ms": p99 * 1000, "health_max_ms": times[-1] * 1000,
            "seconds": time.monotonic() - start}))
        verify(outcomes, statuses)
        assert p99 <= 0.1, p99
    finally:
        server.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
