"""The server ends without harm, and rests when there is nothing to do."""

import asyncio
import time

from measures import milliseconds, running_seconds, wakeups, words
from streams import Cut, Exchange


READY = b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def refused(client):
    """Whether a new request is turned away: no connection, or 503."""
    try:
        return (await client.ask("Hello", max_tokens=1)).status == 503
    except (Cut, OSError):
        return True


async def kept(server):
    """A connection that is open before the signal."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    return Exchange(reader, writer, time.perf_counter())


async def says_no(exchange, request):
    """Whether a request on an open connection is answered by 503, or by its end."""
    try:
        exchange.writer.write(request)
        return (await exchange.head()).status == 503
    except (asyncio.IncompleteReadError, ConnectionError):
        return True
    finally:
        exchange.leave()


async def stops(server):
    """Tells a server to stop, and waits until it says that it does, or is gone."""
    server.terminate()
    async with asyncio.timeout(60):
        try:
            while not await says_no(await kept(server), READY):
                await asyncio.sleep(0.005)
        except OSError:
            # It takes no connections any more.
            pass


async def end_under_load(bench, run, exits):
    """Stops a server that answers eight streams; all must end whole."""
    server, client = await bench.serve()
    lengths = [24 + 4 * number for number in range(8)]
    streams = [await client.open(words(20 * number + 5, run * 8 + number), max_tokens=length,
                                 ignore_eos=True)
               for number, length in enumerate(lengths)]
    await streams[run % 4].first()
    answers = [asyncio.create_task(stream.all()) for stream in streams]
    readiness, question = await kept(server), await kept(server)
    start = time.perf_counter()
    await stops(server)
    late = [await says_no(readiness, READY),
            await says_no(question, client.request("Hello", max_tokens=1)), await refused(client)]
    results = await asyncio.gather(*answers, return_exceptions=True)
    last = time.perf_counter()
    code = await asyncio.to_thread(server.exit_code)
    exits.append(time.perf_counter() - last)
    for length, result in zip(lengths, results):
        whole = not isinstance(result, Exception) and result.ok and result.reasons == {0: "length"} \
            and result.usage["completion_tokens"] == length
        bench.report.require(whole, f"run {run}: a stream of {length} ended {vars(result)}")
    bench.report.require(all(late), f"run {run}: a request after the signal was taken")
    bench.report.require(code == 0, f"run {run}: exit status {code}")
    return last - start


async def sigterm(bench):
    """a signal to stop lets answers end, a second one ends at once"""
    runs = bench.pick(10, 100)
    exits, drains = [], []
    for run in range(runs):
        drains.append(await end_under_load(bench, run, exits))
        bench.close()
    bench.report.note(f"{runs} ends of 8 streams each; draining {milliseconds(drains)}")
    bench.report.note(f"exit after the last stream: {milliseconds(exits)}")
    bench.report.time("longest exit after the last stream", max(exits), 1)
    server, client = await bench.serve()
    stream = await client.open("Count.", max_tokens=4000, ignore_eos=True)
    await stream.first()
    await stops(server)
    bench.report.require(server.process.poll() is None, "it did not wait for the stream")
    server.terminate()
    start = time.perf_counter()
    result, = await asyncio.gather(stream.all(), return_exceptions=True)
    code = await asyncio.to_thread(server.exit_code)
    bench.report.time("end after a second signal", time.perf_counter() - start, 1)
    bench.report.require(isinstance(result, Cut) or result.reasons != {0: "length"},
                         "it waited for the stream")
    bench.report.note(f"exit status after a second signal: {code}")


async def idle_connection(server):
    """A connection on which a request was answered, and which stays open."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await reader.readuntil(b"}")
    return reader, writer


# Seconds within which a connection's first time-out runs out after an answer, and until its last.
FIRST_TIMEOUT, LAST_TIMEOUT = 10, 60


async def idle(bench):
    """a server without work sleeps: nothing wakes it up but the dispatch library, once a second"""
    server, client = await bench.serve()
    await asyncio.gather(*(client.ask(words(100, n), max_tokens=16, ignore_eos=True)
                           for n in range(8)))
    # Each has asked once: those that never do are soon closed.
    kept = [await idle_connection(server) for _ in range(20)]
    end = time.monotonic() + LAST_TIMEOUT
    await asyncio.sleep(FIRST_TIMEOUT + 1)
    seconds = 10
    while True:
        ran = sum(running_seconds(server.process.pid).values())
        woken, awake = await wakeups(server.process.pid, seconds)
        ran = sum(running_seconds(server.process.pid).values()) - ran
        own = sum(n for (_, name), n in woken.items() if name.startswith(("apus", "NIO")))
        # Where the machine is busy, what there was to do may take its time.
        if not own and not awake or time.monotonic() + seconds > end:
            break
    report = bench.report
    report.figure(f"times that threads of its own woke up in {seconds} s, 20 connections open", own,
                  most=0)
    # It looks after its threads once a second, and may wait for a lock meanwhile.
    report.figure("times that other threads did", sum(woken.values()) - own, most=2 * (seconds + 1))
    report.require(not awake, f"threads not asleep: {awake}")
    report.note(f"{len(woken)} threads: {({name: n for (_, name), n in woken.items() if n})}")
    report.figure("processor time", 100 * ran / seconds, " %", most=0.05, is_time=True)
    for _, writer in kept:
        writer.transport.abort()
