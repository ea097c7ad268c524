"""Requests that keep or break a rule, over HTTP/1.1 and over HTTP/2; both are to answer alike.

The bytes are written here, so that a client library mends nothing.
"""

import asyncio

from frames import *
from raw import Raw

LIMIT = 8 << 20
CASES = []


def case(name, *statuses, method="GET", target="/health/live", hosts=("localhost",), fields=(), body=None):
    """Adds a request, and the statuses that its answer may have."""
    CASES.append((name, statuses, {
        "method": method, "target": target, "hosts": list(hosts), "fields": list(fields), "body": body}))


def text(count):
    return "x" * count


def add_cases():
    case("a request", 200)
    for method in ("TRACE", "BREW", "PROPFIND"):
        case(f"the method {method}", 405, method=method)
    case("a method in lower case", 400, method="get")
    for target in ("/v1/../metrics", "//../v1/models", "/v1//%2E/models", "/v1/./models", "/v1/%2e%2e/health",
                   "/health%00", "/%c0%af", "/health%zz", "/health%7f", "/health#a", "*", "health"):
        case(f"the target {target}", 400, target=target)
    case("a target with dots behind a question mark", 200, target="/health/live?a=/../%00")
    for target in ("//health/live", "/health//live", "//v1//models///"):
        case(f"the target {target}", 200, target=target)
    case("a target of 8 KiB", 200, target="/health/live?" + text(8192 - 13))
    case("a target of 8 KiB and a byte", 414, target="/health/live?" + text(8193 - 13))
    case("no host", 400, hosts=())
    case("two hosts", 400, hosts=("localhost", "127.0.0.1"))
    for host in ("evil@localhost", "local/host", "localhost#", "loc\\alhost"):
        case(f"the host {host}", 400, hosts=(host,))
    for host in ("evil.example", "127.0.0.1.evil"):
        case(f"the host {host}", 403, hosts=(host,))
    case("a foreign origin", 403, fields=[("origin", "http://evil.example")])
    chat = {"method": "POST", "target": "/v1/chat/completions"}
    case("an encoded body", 415, fields=[("content-encoding", "gzip")], body="{}", **chat)
    case("a doubly encoded body", 415, fields=[("content-encoding", "identity"), ("content-encoding", "br")],
         body="{}", **chat)
    case("a body that is not encoded", 400, fields=[("content-encoding", "identity")], body="{}", **chat)
    case("an expectation", 417, fields=[("expect", "999-foo")], body="{}", **chat)
    case("a body beyond the limit", 413, body=text(LIMIT + 1), **chat)
    case("a body at the limit", 400, body=text(LIMIT), **chat)
    case("a length beyond the limit", 413, fields=[("content-length", str(LIMIT + 1))], **chat)
    for value in ("-1", "+5", "0x5", "5,5", "5 5", "18446744073709551616", ""):
        case(f"the length {value!r}", 400, fields=[("content-length", value)], **chat)
    case("bytes beyond ASCII in a field", 200, fields=[("x-test", "\xff\xfe")])
    for name, byte in {"NUL": "\0", "CR": "\r", "LF": "\n"}.items():
        case(f"{name} in a field's value", 400, fields=[("x-test", f"a{byte}b")])
        case(f"{name} in a field's name", 400, fields=[(f"x-te{byte}st", "a")])
        case(f"{name} in the target", 400, target=f"/hea{byte}lth")
    case("a field without a name", 400, fields=[("", "a")])
    case("a blank in a field's name", 400, fields=[("x test", "a")])
    case("a hundred fields", 200, fields=[("x", "y")] * 99)
    case("a hundred fields and one", 431, fields=[("x", "y")] * 100)
    case("a field of 16 KiB", 200, fields=[("x", text(16_383))])
    case("a field of 16 KiB and a byte", 431, fields=[("x", text(16_384))])
    rest = 32_768 - len("/health/live") - len("hostlocalhost") - 3 - 20_000
    for name, more, status in (("", 0, 200), (" and a byte", 1, 431)):
        fields = [("a", text(10_000)), ("b", text(10_000)), ("c", text(rest + more))]
        case(f"a head of 32 KiB{name}", status, fields=fields)


def http1(request):
    """The request in one piece; a body comes in a chunk, so that its length is not told."""
    method, target, hosts, fields, body = request.values()
    lines = [f"{method} {target} HTTP/1.1", *[f"Host: {host}" for host in hosts],
             *[f"{name}: {value}" for name, value in fields]]
    if body is None:
        return "\r\n".join([*lines, "", ""]).encode("latin-1")
    lines += ["Transfer-Encoding: chunked", "", f"{len(body):x}", body, "0", "", ""]
    return "\r\n".join(lines).encode("latin-1")


def http2(request):
    """The request in frames, its host as HTTP/2 wants it, and a second one as a field."""
    method, target, hosts, fields, body = request.values()
    pseudo = [(":method", method), (":scheme", "http"), (":path", target)]
    pseudo += [(":authority", host) for host in hosts[:1]]
    fields = [("host", host) for host in hosts[1:]] + fields
    fields = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pseudo + fields]
    raw = block(fields)
    pieces = [raw[n:n + 16_000] for n in range(0, len(raw), 16_000)]
    promised = body is not None or any(name == b"content-length" for name, _ in fields)
    end = END_STREAM * (not promised)
    flags = [END_HEADERS * (n == len(pieces) - 1) for n in range(len(pieces))]
    frames = [headers(raw=pieces[0], flags=end | flags[0])]
    return frames + [frame(CONTINUATION, flag, 1, piece) for flag, piece in zip(flags[1:], pieces[1:])]


async def send_body(wire, body):
    """Sends a body as fast as its windows open."""
    left, room, total = body.encode(), 65_535, 65_535
    while True:
        while left and min(room, total) > 0:
            piece, left = left[:min(16_384, room, total)], left[min(16_384, room, total):]
            await wire.send(data(payload=piece, flags=END_STREAM * (not left)))
            room, total = room - len(piece), total - len(piece)
        found = await wire.until(lambda f: f.type in (WINDOW_UPDATE, SETTINGS, HEADERS, RST_STREAM, GOAWAY), "more")
        if found.type in (HEADERS, RST_STREAM, GOAWAY):
            return found
        if found.type == SETTINGS and not found.flags & ACK:
            pairs = [found.payload[n:n + 6] for n in range(0, len(found.payload), 6)]
            room += sum(int.from_bytes(pair[2:], "big") - 65_535 for pair in pairs if pair[:2] == b"\0\4")
        elif found.type == WINDOW_UPDATE:
            increment = int.from_bytes(found.payload, "big")
            room, total = room + increment * (found.stream == 1), total + increment * (found.stream == 0)


def over_http1(statuses, request):
    async def run(context):
        answer = await Raw.open(context.port)
        sending = asyncio.create_task(answer.send(http1(request)))
        await answer.through(b"}")
        sending.cancel()
        answer.close()
        assert len(answer.statuses) == 1 and answer.statuses[0] in statuses, answer.received[:300]
        if answer.statuses[0] >= 400:
            assert b'{"error":{"message":"' in answer.received, answer.received[:300]
    return run


def over_http2(statuses, request):
    async def run(context):
        async with await Wire.open(context.port, *http2(request)) as wire:
            if request["body"] is not None:
                found = await send_body(wire, request["body"])
            else:
                found = await wire.until(lambda f: f.stream == 1 and f.type in (HEADERS, RST_STREAM), "an end")
            if found.type == RST_STREAM:
                # What is no request at all in HTTP/2 has no answer there.
                assert found.code == PROTOCOL_ERROR and 400 in statuses, (found.code, wire.summary())
            else:
                assert int(found.payload[":status"]) in statuses, found.payload
                if min(statuses) >= 400:
                    body = await wire.until(lambda f: f.type == DATA and f.stream == 1, "a body")
                    assert b'{"error":{"message":"' in body.payload
            await wire.pong()
    return run


add_cases()


def rows():
    """All requests over both protocols."""
    found = []
    for name, statuses, request in CASES:
        for protocol, over in (("HTTP/1.1", over_http1), ("HTTP/2", over_http2)):
            run = over(statuses, request)
            run.together = True
            found.append((f"rules {protocol}: {name}", run))
    return found
