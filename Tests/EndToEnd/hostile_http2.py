"""Attacks upon HTTP/2, and what becomes of them. Usage: hostile_http2.py PATH_TO_APUS MODEL

Each row is a client that does something wrong or too much, and states what the server has to do.
`rows()` is for a scoreboard that runs those of several files.
"""

import asyncio
import json
import sys
import types

from frames import *
from http2_table import TABLE
from server import Server

ROWS = []
CHAT = {"messages": [{"role": "user", "content": "Count to one hundred."}], "stream": True, "temperature": 0}


def row(name):
    """Marks a function as a row."""
    def add(function):
        ROWS.append((name, function))
        return function
    return add


def resident(context):
    """KiB of memory that the server uses."""
    with open(f"/proc/{context.pid}/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


async def serves(context):
    """Checks that somebody else is still served."""
    async with await Wire.open(context.port, headers()) as wire:
        assert await wire.status() == 200


async def flood(context, name, frames, count=100_000, first=(), codes=(ENHANCE_YOUR_CALM,)):
    """Sends frames again and again until the server hangs up, and looks at its memory."""
    before = resident(context)
    async with await Wire.open(context.port, *first) as wire:
        await wire.send(*[frames(n) for n in range(count)])
        await serves(context)
        await wire.farewell(*codes)
        last = wire.seen[-1]
    grown = resident(context) - before
    assert grown < 8192, f"{name}: {grown} KiB more memory"
    await serves(context)
    return last


@row("F1 rapid reset ends the connection within 200 streams")
async def rapid_reset(context):
    last = await flood(context, "resets", lambda n: headers(2 * n + 1) + rst(2 * n + 1))
    assert int.from_bytes(last.payload[:4], "big") <= 400


@row("F1 rapid reset, frame by frame, starts no more than 100 requests")
async def slow_rapid_reset(context):
    async with await Wire.open(context.port) as wire:
        for n in range(150):
            await wire.send(headers(2 * n + 1, POST, END_HEADERS), rst(2 * n + 1))
        await wire.farewell(ENHANCE_YOUR_CALM)
    await serves(context)


@row("F2 made to reset, by windows of nothing")
async def made_to_reset(context):
    await flood(context, "windows", lambda n: headers(2 * n + 1, POST, END_HEADERS) + window(2 * n + 1, 0), 2000,
                codes=(ENHANCE_YOUR_CALM, PROTOCOL_ERROR))


@row("F2 made to reset, by windows too large")
async def made_to_overflow(context):
    await flood(context, "windows",
                lambda n: headers(2 * n + 1, POST, END_HEADERS) + window(2 * n + 1, (1 << 31) - 1), 2000)


@row("F2 made to reset, by malformed requests")
async def made_to_refuse(context):
    await flood(context, "requests", lambda n: headers(2 * n + 1, GET[:2]), 2000)


@row("F2 made to reset, by priorities of the wrong length")
async def made_to_measure(context):
    await flood(context, "priorities", lambda n: headers(2 * n + 1, POST, END_HEADERS)
                + frame(PRIORITY, 0, 2 * n + 1, b"\0"), 2000, codes=(ENHANCE_YOUR_CALM, FRAME_SIZE_ERROR))


@row("F3 CONTINUATION without end")
async def continuation(context):
    async with await Wire.open(context.port, headers(raw=b"", flags=END_STREAM)) as wire:
        await wire.send(frame(CONTINUATION, 0, 1, block([("x-a", "b")])) * 10_000)
        await wire.farewell(ENHANCE_YOUR_CALM)
    await serves(context)


@row("F3 five CONTINUATION are one too many, even empty ones")
async def continuations(context):
    async with await Wire.open(context.port, headers(raw=b"", flags=END_STREAM)) as wire:
        await wire.send(frame(CONTINUATION, 0, 1) * 4)
        await wire.send(frame(CONTINUATION, END_HEADERS, 1, block(GET)))
        await wire.farewell(ENHANCE_YOUR_CALM)


@row("F4 a bomb of indexed fields is answered with 431")
async def bomb(context):
    before = resident(context)
    async with await Wire.open(context.port) as wire:
        large = b"\x40" + integer(1, 7) + b"a" + integer(3900, 7) + b"b" * 3900
        for n in range(10):
            raw = block(GET) + large + b"\xbe" * 12_000
            await wire.send(headers(2 * n + 1, raw=raw))
            assert await wire.status(2 * n + 1) == 431
            await wire.body(2 * n + 1)
        await wire.pong()
    assert resident(context) - before < 8192


@row("F4 a flood of table sizes")
async def table_sizes(context):
    async with await Wire.open(context.port, headers(raw=b"\x20\x3f\xe1\x1f" * 4000 + block(GET))) as wire:
        found = await wire.until(lambda f: f.type in (HEADERS, GOAWAY), "an end")
        assert found.type == HEADERS or found.code == COMPRESSION_ERROR
    await serves(context)


FLOODS = {
    "PING": lambda n: ping(),
    "answers to PING": lambda n: ping(flags=ACK),
    "SETTINGS": lambda n: settings((3, 100)),
    "PRIORITY": lambda n: priority(2 * n + 1),
    "WINDOW_UPDATE": lambda n: window(0, 1),
    "unknown frames": lambda n: frame(0x42, payload=b"x" * 64),
}


def flood_row(name, frames, *first):
    async def run(context):
        await flood(context, name, frames, 20_000, first)
    ROWS.append((f"F5 a flood of {name}", run))


for flood_name, flood_frames in FLOODS.items():
    flood_row(flood_name, flood_frames)
flood_row("empty DATA", lambda n: data(flags=0), headers(fields=POST, flags=END_HEADERS))
flood_row("padding", lambda n: data(payload=b"\x07" + bytes(7), flags=PADDED), headers(fields=POST, flags=END_HEADERS))


@row("F5 ninety PING in a row are fine")
async def few(context):
    async with await Wire.open(context.port, *[ping()] * 90) as wire:
        await wire.pong()


@row("F6 malformed frames after a connection error")
async def after_error(context):
    junk = frame(SETTINGS, 0, 0, bytes(3)) + headers(raw=b"\xff" * 40) + frame(99, length=1 << 23) + bytes(4000)
    for trouble in (data(0), headers(2), window(0, 0), frame(CONTINUATION, 4, 1)):
        async with await Wire.open(context.port, trouble + junk * 3) as wire:
            await wire.send(junk)
            await wire.farewell(PROTOCOL_ERROR)
    await serves(context)


@row("F6 malformed frames after the client's own GOAWAY")
async def after_goaway(context):
    for trouble in (data(0), headers(2), window(0, 0), frame(SETTINGS, 0, 0, bytes(3))):
        async with await Wire.open(context.port, goaway(), trouble) as wire:
            while await wire.read() is not None:
                pass
    await serves(context)


@row("F7 ALTSVC and ORIGIN are ignored")
async def extensions(context):
    frames = [frame(kind, flags, stream, payload) for kind in (0xA, 0xC) for flags in (0, 0xFF)
              for stream in (0, 1, 2) for payload in (b"", b"\0", b"\xff\xff", bytes(64))]
    async with await Wire.open(context.port, *frames) as wire:
        await wire.pong()


def path_row(name, text):
    async def run(context):
        async with await Wire.open(context.port, headers(fields=[*GET[:2], (":path", text), GET[3]])) as wire:
            await wire.refused(1, PROTOCOL_ERROR)
            await wire.pong()
    ROWS.append((f"F8 a path with {name}", run))


for path_name, path_text in {"CR": "/a\rb", "LF": "/a\nb", "NUL": "/a\0b", "a blank": "/a b"}.items():
    path_row(path_name, path_text)


@row("F8 bytes that are no UTF-8 end no process")
async def bytes_in_fields(context):
    async with await Wire.open(context.port) as wire:
        for n, field in enumerate([("x-test", b"\xff\xfe"), ("user-agent", b"\x80" * 200)]):
            await wire.send(headers(2 * n + 1, [*GET, field]))
            assert await wire.status(2 * n + 1) == 200
        await wire.send(headers(5, [*GET[:2], (":path", b"/\xff\xfe"), GET[3]]))
        await wire.until(lambda f: f.stream == 5 and f.type in (HEADERS, RST_STREAM), "an end")
        await wire.pong()


@row("F9 DATA beyond all windows")
async def beyond_windows(context):
    async with await Wire.open(context.port, headers(fields=POST, flags=END_HEADERS)) as wire:
        await wire.send(*[data(payload=bytes(16_384), flags=0)] * 2000)
        found = await wire.until(lambda f: f.type in (GOAWAY, RST_STREAM, HEADERS), "an end")
        # A server that reads faster than this client writes has only the limit of the body left.
        assert found.type == HEADERS and found.payload[":status"] == "413" or found.code == FLOW_CONTROL_ERROR
    await serves(context)


@row("F10 99 streams that nobody reads do not hold up the last one")
async def stalled(context):
    async with await Wire.open(context.port, settings((4, 0))) as wire:
        await wire.send(*[headers(2 * n + 1) for n in range(100)])
        for _ in range(100):
            found = await wire.until(lambda f: f.type == HEADERS, "an answer")
            assert found.payload[":status"] == "200"
        await wire.send(window(199, 1000))
        assert json.loads(await wire.body(199))["status"] == "ok"
        assert not any(f.type == DATA and f.stream != 199 for f in wire.seen)


@row("F12 a client that says GOAWAY gets its answer, and then the connection ends")
async def client_goaway(context):
    async with await chat(context, max_tokens=4) as wire:
        assert await wire.status() == 200
        await wire.send(goaway())
        assert (await wire.body()).endswith(b"data: [DONE]\n\n")
        while (found := await wire.read()) is not None:
            assert found.type not in (RST_STREAM, HEADERS)


@row("a reset ends the generation")
async def cancelled(context):
    async with await chat(context, max_tokens=1500, ignore_eos=True) as wire:
        assert await wire.status() == 200
        await wire.until(lambda f: f.type == DATA, "an event")
        await wire.send(rst())
        for n in range(1000):
            await wire.send(headers(2 * n + 3, [*GET[:2], (":path", "/health"), GET[3]]))
            await wire.status(2 * n + 3)
            if json.loads(await wire.body(2 * n + 3))["running"] == 0:
                return
            await asyncio.sleep(0.05)
        raise AssertionError("the generation goes on")


@row("an upload that is refused ends with its answer")
async def refused_upload(context):
    fields = POST + [("content-length", str(1 << 30))]
    async with await Wire.open(context.port, headers(fields=fields, flags=END_HEADERS)) as wire:
        assert await wire.status() == 413
        assert b"request_too_large" in await wire.body()
        await wire.refused(1, NO_ERROR)
        await wire.pong()


def preface_row(name, preface):
    async def run(context):
        async with await Wire.open(context.port, preface=preface) as wire:
            await wire.farewell(PROTOCOL_ERROR)
    ROWS.append((f"F13 http2 3.4 {name}", run))


preface_row("something else than SETTINGS comes first", PREFACE + ping())
preface_row("an acknowledgment of SETTINGS comes first", PREFACE + frame(SETTINGS, ACK))


@row("a preface byte by byte is HTTP/2")
async def slow_preface(context):
    async with await Wire.open(context.port, preface=b"") as wire:
        for n in range(len(PREFACE)):
            await wire.send(PREFACE[n:n + 1])
            await asyncio.sleep(0.001)
        await wire.send(frame(SETTINGS), headers())
        assert await wire.status() == 200


def http1_row(name, text, status):
    async def run(context):
        reader, writer = await asyncio.open_connection("127.0.0.1", context.port)
        for n in range(len(text)):
            writer.write(text[n:n + 1])
            await writer.drain()
            await asyncio.sleep(0)
        assert (await asyncio.wait_for(reader.readline(), PATIENCE)).startswith(b"HTTP/1.1 %d " % status)
        writer.close()
    ROWS.append((name, run))


HOST = b"\r\nHost: localhost\r\n\r\n"
http1_row("byte by byte, what begins like the preface is HTTP/1.1", b"POST /health HTTP/1.1" + HOST, 405)
http1_row("byte by byte, half a preface is no HTTP/1", b"PRI * HTTP/2.0\r\n\r\nXX", 505)


@row("a client that says nothing is let go")
async def silent(context):
    async with await Wire.open(context.port, preface=PREFACE[:20]) as wire:
        assert await wire.read() is None


async def chat(context, **options):
    """Begins a conversation that is streamed."""
    body = json.dumps(CHAT | {"model": await model(context)} | options).encode()
    return await Wire.open(context.port, headers(fields=POST, flags=END_HEADERS), data(payload=body))


async def model(context):
    async with await Wire.open(context.port, headers(fields=[*GET[:2], (":path", "/v1/models"), GET[3]])) as wire:
        assert await wire.status() == 200
        return json.loads(await wire.body())["data"][0]["id"]


def table_row(frames, see):
    async def run(context):
        async with await Wire.open(context.port, *frames) as wire:
            await see(wire)
    return run


def rows():
    """All rows: names, and what runs them with a context that has the server's port and pid."""
    return ROWS + [(f"F13 {name}", table_row(frames, see)) for name, frames, see in TABLE]


async def run_all(context, only):
    passed = 0
    chosen = [(name, run) for name, run in rows() if only in name]
    for name, run in chosen:
        try:
            await asyncio.wait_for(run(context), 240)
            passed += 1
        except Exception as error:
            print(f"FAILED  {name}: {type(error).__name__} {error}", flush=True)
    print(f"{passed} of {len(chosen)} rows passed")
    return passed == len(chosen)


def main(apus, model, only=""):
    server = Server(apus, model)
    context = types.SimpleNamespace(port=server.port, pid=server.process.pid)
    good = asyncio.run(run_all(context, only))
    server.terminate()
    code = server.exit_code()
    print(f"the server ended with {code}")
    return 0 if good and code == 0 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
