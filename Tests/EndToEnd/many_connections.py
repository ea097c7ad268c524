"""Five hundred clients that send their heads slowly and five hundred that are idle harm nobody."""

import asyncio
import multiprocessing
import time

from raw import Raw, ask, get, memory, post
from server import Server

CHAT = {"model": "smollm2", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 8}


def measure(port, seconds, results):
    """Asks for health again and again, in a process of its own; sends back the times in seconds."""
    async def ask_again():
        times = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            start = time.perf_counter()
            answer = await ask(port, get("/health"))
            assert answer.statuses == [200], answer.received
            times.append(time.perf_counter() - start)
            await asyncio.sleep(0.02)
        return times
    results.put(asyncio.run(ask_again()))


async def many_connections(c):
    """health is told and chats go on, and a connection takes at most 20 KiB

    Where times are judged, health is told within 100 ms for 99 of 100.
    """
    # A server of its own: in one that had many before, they would cost nothing any more.
    server = await asyncio.to_thread(Server, *c.command)
    try:
        await try_many(server.port, server.process.pid, c.judges_times)
    finally:
        server.kill()


async def try_many(port, pid, judges_times):
    assert (await ask(port, post(CHAT))).statuses == [200]
    # The first ones also cost what each thread takes once.
    idle = await begin_idly(port, 250)
    slow = await begin_slowly(port, 250)
    before = memory(pid)
    idle += await begin_idly(port, 250)
    slow += await begin_slowly(port, 250)
    each = (memory(pid) - before) / 500

    # What else runs on the machine may take its time: the best of a few counts.
    for _ in range(3):
        times, chats = await watch(port, slow)
        p99 = times[int(len(times) * 0.99)]
        print(f"        {each / 1024:.1f} KiB a connection, health p99 {p99 * 1000:.1f} ms"
              f" of {len(times)}, {chats} chats")
        if p99 <= 0.1 or not judges_times:
            break
        # The others have run out of time by now.
        slow += await begin_slowly(port, 500)
    for connection in idle + slow:
        connection.reset()
    assert each <= 20 << 10, f"{each:.0f} bytes a connection"
    assert not judges_times or p99 <= 0.1 and chats >= 5, (p99, chats)


async def begin_idly(port, count):
    idle = [await Raw.open(port) for _ in range(count)]
    for connection in idle:
        await connection.send(get(close=False))
        await connection.through(b"}")
    return idle


async def begin_slowly(port, count):
    slow = [await Raw.open(port) for _ in range(count)]
    for connection in slow:
        await connection.send(b"GET /hea")
    return slow


async def watch(port, slow):
    """Chats for three seconds; returns how long health took meanwhile, in order, and the chats."""
    results = multiprocessing.Queue()
    process = multiprocessing.Process(target=measure, args=(port, 3, results))
    process.start()
    chats = 0
    end = time.monotonic() + 3
    while time.monotonic() < end:
        answer = await ask(port, post(CHAT))
        assert answer.statuses == [200], answer.received
        chats += 1
        for connection in slow[-500:]:
            await connection.send(b"l")
    times = sorted(await asyncio.to_thread(results.get))
    process.join()
    return times, chats


def rows():
    return [("500 slow and 500 idle connections", many_connections)]
