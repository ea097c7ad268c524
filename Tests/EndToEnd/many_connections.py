"""Five hundred clients that send their heads slowly and five hundred that are idle harm nobody."""

import asyncio
import multiprocessing
import time

from raw import Raw, ask, get, memory, post

CHAT = {"model": "smollm2", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 8}


def measure(port, seconds, results):
    """Asks for health again and again, in a process of its own; sends back the times in seconds."""
    async def ask_again():
        times = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            start = time.perf_counter()
            answer = await ask(port, get("/health"), 10)
            times.append(time.perf_counter() - start if answer.statuses == [200] else 10)
            await asyncio.sleep(0.02)
        return times
    results.put(asyncio.run(ask_again()))


async def many_connections(c):
    """health within 100 ms for 99 of 100, chats go on, and at most 20 KiB a connection"""
    # What the first connections cost is not theirs: threads' stacks, buffers that stay.
    kept = [await Raw.open(c.port) for _ in range(200)]
    for connection in kept:
        connection.reset()
    await asyncio.sleep(0.5)
    before = memory(c.pid)
    idle = [await Raw.open(c.port) for _ in range(500)]
    for connection in idle:
        await connection.send(get(close=False))
        await connection.through(b"}")
    slow = [await Raw.open(c.port) for _ in range(500)]
    for connection in slow:
        await connection.send(b"GET /hea")
    each = (memory(c.pid) - before) / 1000

    results = multiprocessing.Queue()
    process = multiprocessing.Process(target=measure, args=(c.port, 5, results))
    process.start()
    chats = 0
    end = time.monotonic() + 5
    while time.monotonic() < end:
        answer = await ask(c.port, post(CHAT), 30)
        assert answer.statuses == [200], answer.received
        chats += 1
        for connection in slow:
            await connection.send(b"l")
    times = sorted(await asyncio.to_thread(results.get))
    process.join()
    for connection in idle + slow:
        connection.reset()
    p99 = times[int(len(times) * 0.99)]
    print(f"        {each / 1024:.1f} KiB a connection, health p99 {p99 * 1000:.1f} ms of {len(times)},"
          f" {chats} chats")
    assert p99 <= 0.1 and chats >= 5 and each <= 20 << 10, (p99, chats, each)


def rows():
    return [("500 slow and 500 idle connections", many_connections)]
