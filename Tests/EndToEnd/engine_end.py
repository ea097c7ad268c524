"""The server ends without harm, and rests when there is nothing to do."""

import asyncio
import time

from measures import milliseconds, running_seconds, thread_states, words
from streams import Cut, Exchange


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
    server.terminate()
    start = time.perf_counter()
    await asyncio.sleep(0.03)
    late = [await says_no(readiness, b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n"),
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
    server.terminate()
    await asyncio.sleep(0.3)
    bench.report.require(server.process.poll() is None, "it did not wait for the stream")
    server.terminate()
    start = time.perf_counter()
    code = await asyncio.to_thread(server.exit_code)
    bench.report.time("end after a second signal", time.perf_counter() - start, 1)
    bench.report.note(f"exit status after a second signal: {code}")


async def idle_connection(server):
    """A connection on which a request was answered, and which stays open."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await reader.readuntil(b"}")
    return reader, writer


def difference(before, after):
    """Seconds that the threads of `after` ran since `before`."""
    return sum(ran - before.get(thread, 0) for thread, ran in after.items())


async def idle(bench):
    """a server without work uses no processor time"""
    server, client = await bench.serve()
    await asyncio.gather(*(client.ask(words(100, n), max_tokens=16, ignore_eos=True)
                           for n in range(8)))
    # Each has asked once: those that never do are soon closed.
    kept = [await idle_connection(server) for _ in range(20)]
    # What the answers and connections leave to do takes its time where the machine is busy.
    before = running_seconds(server.process.pid)
    for _ in range(30):
        await asyncio.sleep(1)
        last, before = before, running_seconds(server.process.pid)
        if difference(last, before) < 0.001:
            break
    seconds = 10
    await asyncio.sleep(seconds)
    used = difference(before, running_seconds(server.process.pid))
    # The dispatch library looks after its threads once a second, which alone costs about 0.1 ms.
    states = thread_states(server.process.pid)
    busy = [name for name, state in states.items() if state != "S"]
    bench.report.figure(f"processor time in {seconds} s, 20 connections open",
                        100 * used / seconds, " %", most=0.05)
    bench.report.require(not busy, f"threads not parked: {busy}")
    bench.report.note(f"{len(states)} threads")
    for _, writer in kept:
        writer.transport.abort()
