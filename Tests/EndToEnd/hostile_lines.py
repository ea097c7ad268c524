"""Hostile clients of connections and of HTTP/1.1, rows H1 to H23; each states what is to come back.

What both protocols are to answer alike is in `hostile_rules`.
"""

import asyncio
import os
import resource
import socket
import tempfile
import time

import hostile_tls
from measures import wakeups
from raw import (Raw, ask, descriptors, get, health, least_growth, memory, new_source, post, until)
from server import Server

ROWS = []
HOST = b"Host: localhost\r\n"
HEAD = b"POST /v1/chat/completions HTTP/1.1\r\n" + HOST
CHAT = {"model": "smollm2", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def row(name, alone=False):
    """Marks a case. One that measures, or fills the server, is to run alone."""
    def mark(function):
        function.together = not alone
        ROWS.append((name, function))
        return function
    return mark


def table(name, data, *statuses):
    """Adds a case: these bytes are answered with one of these statuses, and the connection ends."""
    async def case(c):
        answer = await ask(c.port, data)
        assert answer.ended, f"still open after {answer.received[:300]}"
        assert len(answer.statuses) == 1 and answer.statuses[0] in statuses, answer.received[:300]
        if answer.statuses[0] >= 400:
            assert b'{"error":{"message":"' in answer.received, answer.received[:300]
        assert len(answer.received) < 1000, "an answer that repeats what was asked"
    row(name)(case)


def with_fields(*fields):
    return b"GET /health/live HTTP/1.1\r\n" + HOST + b"".join(f + b"\r\n" for f in fields) + b"\r\n"


def to_target(target, method=b"GET", version=b"HTTP/1.1"):
    return method + b" " + target + b" " + version + b"\r\n" + HOST + b"Connection: close\r\n\r\n"


def add_tables():
    table("H2 one field of 1 MB", with_fields(b"A: " + b"a" * (1 << 20)), 431)
    table("H2 10 MB without end of line", b"GET /health HTTP/1.1\r\nA: " + b"a" * (10 << 20), 431)
    table("H6 a huge Content-Length without body", HEAD + b"Content-Length: 104857599\r\n\r\n", 413)
    length, coding = b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n"
    table("H7 Content-Length and Transfer-Encoding", HEAD + length + coding + b"\r\n0\r\n\r\n", 400)
    table("H7 Transfer-Encoding and Content-Length", HEAD + coding + length + b"\r\n0\r\n\r\n", 400)
    table("H7 two lengths", HEAD + length + b"Content-Length: 6\r\n\r\nabcdef", 400)
    table("H7 Content-Length 2^64-1", HEAD + b"Content-Length: 18446744073709551615\r\n\r\n", 413)
    for name, body in {
        "size FFFFFFFFFFFFFFFFF": b"FFFFFFFFFFFFFFFFF\r\n", "size -1": b"-1\r\n", "size 0x2": b"0x2\r\n{}\r\n",
        "space behind the size": b"2 \r\n{}\r\n", "1 MB of extension": b"2;" + b"a" * (1 << 20),
        "bare LF behind the size": b"2\n{}\r\n0\r\n\r\n", "bare LF behind the data": b"2\r\n{}\n0\r\n\r\n",
        "more data than said": b"2\r\n{}x\r\n0\r\n\r\n",
    }.items():
        table(f"H8 chunks: {name}", CHUNKED + body, 400)
    table("H8 200 trailers", CHUNKED + b"2\r\n{}\r\n0\r\n" + b"A: b\r\n" * 200 + b"\r\n", 400, 431)
    table("H8 bare LF in the head", b"GET /health HTTP/1.1\nHost: localhost\n\n", 400, 505)
    table("H8 bare LF behind a field", b"GET /health HTTP/1.1\r\nHost: localhost\nA: b\r\n\r\n", 400)
    for value in (b"gzip", b"identity, chunked", b"gzip, chunked", b"xchunked", b"chunked, chunked"):
        table(f"H9 Transfer-Encoding {value.decode()}",
              HEAD + b"Transfer-Encoding: " + value + b"\r\n\r\n0\r\n\r\n", 400, 501)
    table("H9 chunks of HTTP/1.0", CHUNKED.replace(b"1.1", b"1.0") + b"0\r\n\r\n", 400)
    for name, byte in {"NUL": 0, "CR": 13, "LF": 10, "0x80": 0x80, "0xFF": 0xFF}.items():
        byte = bytes([byte])
        table(f"H11 {name} in the target", to_target(b"/hea" + byte + b"lth"), 400)
        table(f"H11 {name} in the method", to_target(b"/health", b"G" + byte + b"ET"), 400)
        table(f"H11 {name} in a field's name", with_fields(b"A" + byte + b"B: c"), 400)
        # What is no character of ASCII is opaque there, as the standard has it.
        status = 200 if byte >= b"\x80" else 400
        table(f"H11 {name} in a field's value", with_fields(b"A: b" + byte + b"c"), status)
    table("H11 a folded field", with_fields(b"A: b", b" c"), 400)
    table("H11 a space before the colon", with_fields(b"A : b"), 400)
    add_targets()
    for name, data in {"a PROXY header": b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + get(),
                       "a binary PROXY header": b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c",
                       "the beginning of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"}.items():
        table(f"H23 {name}", data, 400)


def add_targets():
    for name, data, *statuses in [
        ("the whole address", to_target(b"http://localhost/health/live"), 200),
        ("another host's address", to_target(b"http://evil.example/health/live"), 400),
        ("OPTIONS *", to_target(b"*", b"OPTIONS"), 400, 405),
        ("CONNECT", to_target(b"localhost:80", b"CONNECT"), 405),
        ("TRACE", to_target(b"/health", b"TRACE"), 405), ("BREW", to_target(b"/health", b"BREW"), 405),
        ("PROPFIND", to_target(b"/health", b"PROPFIND"), 405), ("get", to_target(b"/health", b"get"), 400),
        ("HTTP/0.9", b"GET /health\r\n\r\n", 505),
        *[(f"HTTP/{v.decode()}", to_target(b"/health", version=b"HTTP/" + v), 505)
          for v in (b"1.2", b"3.0", b"0.9")],
    ]:
        table(f"H17 {name}", data, *statuses)
    table("H18 a target of 1 MB", to_target(b"/" + b"a" * (1 << 20)), 414)


add_tables()


@row("H1 70 000 small headers", alone=True)
async def many_headers(c):
    data = with_fields(*[b"A: b"] * 70_000)

    async def send():
        for _ in range(20):
            assert (await ask(c.port, data)).statuses == [431]
    growth = await least_growth(c.pid, send)
    assert growth < 1 << 20, f"{growth} bytes more"


def slow_header_row(count):
    @row(f"H3 {count} clients that send a head byte by byte")
    async def slow_headers(c):
        async def client():
            start = time.monotonic()
            connection = await Raw.open(c.port)
            reading = asyncio.create_task(connection.rest())
            for byte in b"GET /health":
                if reading.done():
                    break
                await connection.send(bytes([byte]))
                await asyncio.wait([reading], timeout=5)
            await reading
            return connection.statuses, time.monotonic() - start
        for statuses, seconds in await asyncio.gather(*[client() for _ in range(count)]):
            # That it is not later is for the tests that set the clock themselves.
            assert statuses == [408] and seconds > 9.5, (statuses, seconds)


slow_header_row(16)
slow_header_row(200)


@row("H4 a body of a byte a second")
async def slow_body(c):
    start = time.monotonic()
    connection = await Raw.open(c.port)
    await connection.send(HEAD + b"Content-Length: 8000000\r\n\r\n")
    reading = asyncio.create_task(connection.rest())
    while not reading.done():
        await connection.send(b"x")
        await asyncio.wait([reading], timeout=1)
    assert connection.statuses == [408], connection.received
    assert time.monotonic() - start > 29


@row("H5 a stream that is not read")
async def slow_read(c):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    client.bind((new_source(), 0))
    client.connect(("127.0.0.1", c.port))
    start = time.monotonic()
    client.sendall(post(CHAT | {"max_tokens": 8000, "stream": True, "ignore_eos": True,
                                "logprobs": True, "top_logprobs": 20}))

    async def has_ended():
        return (await health(c.port))["running"] == 0

    async def has_begun():
        return (await health(c.port))["running"] > 0

    # The chats of other cases are short; 8000 tokens take longer than all of this.
    await until(has_begun)
    await until(has_ended, step=0.5)
    seconds = time.monotonic() - start
    held = 0
    client.settimeout(1)
    try:
        while data := client.recv(1 << 20):
            held += len(data)
    except OSError:
        pass
    client.close()
    assert seconds > 15 and held <= 512 << 10, (seconds, held)


@row("H13 foreign origins")
async def origins(c):
    for origin in ("http://evil.example", "null", "http://localhost.evil.com"):
        answer = await ask(c.port, post(CHAT, f"Origin: {origin}"))
        assert answer.statuses == [403], answer.received
        assert b"access-control-allow-origin" not in answer.received.lower()
        preflight = get("/v1/chat/completions", f"Origin: {origin}", "Access-Control-Request-Method: POST")
        answer = await ask(c.port, preflight.replace(b"GET", b"OPTIONS", 1))
        assert b"access-control-allow-origin" not in answer.received.lower()


@row("H14 JSON under another type")
async def media_types(c):
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        fields = [f"Content-Type: {kind}"]
        assert (await ask(c.port, post(CHAT, *fields), 30)).statuses == [200]
        assert (await ask(c.port, post(CHAT, *fields, "Origin: http://evil.example"))).statuses == [403]


@row("H15 10 000 requests in one write", alone=True)
async def pipeline(c):
    data = get(close=False) * 10_000

    async def send():
        answer = await ask(c.port, data)
        assert answer.ended and answer.statuses == [200] * 1000, len(answer.statuses)
        assert answer.received.count(b"Connection: close") == 1
    growth = await least_growth(c.pid, send)
    assert growth < 4 << 20, f"{growth} bytes more"


@row("H15 chats in one write run one after the other", alone=True)
async def pipelined_chats(c):
    connection = await Raw.open(c.port)
    await connection.send(post(CHAT | {"max_tokens": 20}, close=False) * 5 + post(CHAT))
    most = 0
    reading = asyncio.create_task(connection.rest())
    while not reading.done():
        most = max(most, (await health(c.port))["running"])
        await asyncio.wait([reading], timeout=0.01)
    assert connection.statuses == [200] * 6 and most <= 1, (connection.statuses, most)


@row("H16 permission to send, and silence")
async def expectation(c):
    connection = await Raw.open(c.port)
    await connection.send(HEAD + b"Content-Length: 10\r\nExpect: 100-continue\r\n\r\n")
    await connection.rest()
    assert connection.statuses == [100, 408], connection.received


@row("H19 upgrades are ignored, and nothing is smuggled behind one")
async def upgrades(c):
    for fields in (["Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
                    "Connection: Upgrade, HTTP2-Settings"], ["Upgrade: websocket", "Connection: Upgrade"]):
        answer = await ask(c.port, get("/health/live", *fields, close=False) + get())
        assert answer.statuses == [200] and answer.ended, answer.received
    preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    answer = await ask(c.port, post(preface))
    assert answer.statuses == [400], answer.received


@row("H20 a connection on which nothing is sent")
async def nothing(c):
    start = time.monotonic()
    connection = await Raw.open(c.port)
    await connection.rest()
    assert connection.ended and not connection.received and time.monotonic() - start > 9.5


@row("H20 half a connection still gets its answer")
async def half_closed(c):
    for data in (get(close=False), post(CHAT, close=False), post(CHAT | {"stream": True}, close=False)):
        connection = await Raw.open(c.port)
        await connection.send(data)
        connection.writer.write_eof()
        await connection.rest()
        assert connection.ended and connection.statuses[-1] == 200, connection.received
        connection.close()


@row("H20 connections that are reset leave nothing behind", alone=True)
async def resets(c):
    before = descriptors(c.pid)
    for number in range(300):
        connection = await Raw.open(c.port)
        if number % 3:
            await connection.send([b"", b"GET /hea", get()][number % 3])
        connection.reset()

    async def is_clean():
        return descriptors(c.pid) <= before
    await until(is_clean)


@row("H21 2048 idle connections do not keep others out", alone=True)
async def idle_connections(c):
    async def idle():
        connection = await Raw.open(c.port)
        await connection.send(get(close=False))
        await connection.through(b"}")
        return connection

    # The first ones also cost what each thread takes once.
    first = min(1024, 32 * os.cpu_count())
    kept = [await idle() for _ in range(first)]
    before = memory(c.pid)
    kept += [await idle() for _ in range(2048 - first)]
    each = (memory(c.pid) - before) / (2048 - first)
    print(f"        {each / 1024:.1f} KiB a connection")
    new = [await idle() for _ in range(100)]
    for connection in kept[:100]:
        await connection.rest()
        assert connection.ended, "the oldest were not the ones to leave"
    await kept[-1].send(get())
    await kept[-1].rest()
    assert kept[-1].statuses == [200, 200]
    for connection in kept + new:
        connection.reset()
    assert each < 20 << 10, f"{each:.0f} bytes a connection"


@row("H22 no file descriptors are left", alone=True)
async def descriptors_used_up(c):
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    server = await asyncio.to_thread(lambda: Server(
        *c.command, prepare=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))))
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == usual
    try:
        # They ask for something, so that they cannot be sent away as idle.
        kept = [await Raw.open(server.port) for _ in range(200)]
        for connection in kept:
            await connection.send(HEAD + b"Content-Length: 10\r\n\r\n")
        await asyncio.sleep(1)
        woken, awake = await wakeups(server.process.pid, 3)
        for connection in kept:
            connection.reset()

        async def is_served():
            return (await ask(server.port, get())).statuses == [200]
        await until(is_served)
        idle = [await Raw.open(server.port) for _ in range(150)]
        assert await is_served(), "idle connections keep others out"
        # Each second it tries again to accept, which wakes one thread up, and another that evicts; and the
        # dispatch library looks after its threads.
        assert not awake and sum(woken.values()) <= 3 * 10, (awake, woken)
        for connection in idle:
            connection.reset()
    finally:
        server.kill()


@row("a socket of the file system")
async def socket_file(c):
    apus, model = c.command
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "s")
        command = [apus, "serve", "--model", model, "--socket", path]
        pipes = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.STDOUT}
        server = await asyncio.create_subprocess_exec(*command, **pipes)
        try:
            async def is_there():
                return os.path.exists(path)
            await until(is_there)
            assert os.stat(path).st_mode & 0o777 == 0o600 and os.listdir(folder) == ["s"]
            curl = await asyncio.create_subprocess_exec(
                "curl", "--silent", "--unix-socket", path, "http://any.example/health/live",
                stdout=asyncio.subprocess.PIPE)
            assert (await curl.communicate())[0] == b'{"status":"ok"}'
            other = await asyncio.create_subprocess_exec(*command, **pipes)
            output, _ = await asyncio.wait_for(other.communicate(), 30)
            assert other.returncode > 0 and b"another program listens" in output, output
            server.terminate()
            assert await asyncio.wait_for(server.wait(), 30) == 0 and os.listdir(folder) == []
        finally:
            if server.returncode is None:
                server.kill()


def rows():
    """All cases: their names, and functions of a context with the server's port, pid and command."""
    return ROWS + hostile_tls.rows()
