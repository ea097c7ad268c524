"""What RFC 9113 and RFC 7541 want of a server, a row for each sentence that can be checked.

A row is a name, the bytes that a client sends after its preface, and what it then has to see.
"""

from frames import *

PROTOCOL, SIZE, CLOSED = {PROTOCOL_ERROR}, {FRAME_SIZE_ERROR}, {STREAM_CLOSED}
OPEN = END_HEADERS
LONG = bytes(16_384)


def answered(stream=1, status=200):
    async def see(wire):
        assert (found := await wire.status(stream)) == status, f"status {found}"
    return see


def alive():
    return lambda wire: wire.pong()


def ended(codes):
    return lambda wire: wire.farewell(*codes)


def refused(codes, stream=1):
    return lambda wire: wire.refused(stream, *codes)


def without(name):
    return headers(fields=[field for field in GET if field[0] != name])


def twice(name):
    return headers(fields=[field for field in GET for _ in range(1 + (field[0] == name))])


def plus(*fields, at=4):
    return headers(fields=GET[:at] + list(fields) + GET[at:])


def upload(*pieces, length=None, flags=OPEN):
    """A POST with a body in pieces."""
    fields = POST + ([("content-length", str(length))] if length is not None else [])
    frames = [headers(fields=fields, flags=flags)]
    return frames + [data(payload=piece, flags=END_STREAM * (n == len(pieces) - 1))
                     for n, piece in enumerate(pieces)]


def after_answer(sent, codes):
    """What is sent when a request and its answer are complete has to end the stream or connection."""
    async def see(wire):
        assert await wire.status() == 200
        await wire.body()
        await wire.send(*sent)
        await wire.refused(1, *codes)
    return see


HALF = block(GET)
SPLIT = [headers(raw=HALF[:9], flags=END_STREAM), frame(CONTINUATION, END_HEADERS, 1, HALF[9:])]
INDEXED = b"\x82\x86\x41\x09localhost\x04\x0c/health/live"
HUFFMAN = b"\x82\x86\x41\x86\xa0\xe4\x1d\x13\x9d\x09\x04\x0c/health/live"

STREAMS = [
    ("4.1 a frame of an unknown type is ignored", [frame(0x16, payload=b"12345678")], alive()),
    ("4.1 flags without a meaning are ignored", [ping(flags=0x16)], alive()),
    ("4.1 the reserved bit is ignored", [frame(PING, 0, 1 << 31, b"12345678")], alive()),
    ("4.2 a frame of 16 384 bytes is taken", upload(LONG), answered(status=400)),
    ("4.2 DATA beyond the largest frame", [headers(fields=POST, flags=OPEN), data(payload=LONG + b"x")],
     refused(SIZE)),
    ("4.2 HEADERS beyond the largest frame", [headers(raw=LONG + b"x")], ended(SIZE)),
    ("4.3 a header block that cannot be decoded", [headers(raw=b"\xff" * 9)], ended({COMPRESSION_ERROR})),
    ("4.3 PRIORITY within a header block", [headers(raw=HALF, flags=0), priority()], ended(PROTOCOL)),
    ("4.3 HEADERS of another stream within a header block", [headers(raw=HALF, flags=0), headers(3)],
     ended(PROTOCOL)),
    ("5.1 idle: DATA", [data()], ended(PROTOCOL)),
    ("5.1 idle: RST_STREAM", [rst()], ended(PROTOCOL)),
    ("5.1 idle: WINDOW_UPDATE", [window(1)], ended(PROTOCOL)),
    ("5.1 idle: CONTINUATION", [frame(CONTINUATION, END_HEADERS, 1, HALF)], ended(PROTOCOL)),
    ("5.1 idle: PRIORITY is taken", [priority()], alive()),
    ("5.1 half closed: WINDOW_UPDATE and PRIORITY are taken", [headers(), window(1), priority()], answered()),
    ("5.1 half closed: DATA", [*upload(b"{"), data()], refused(CLOSED)),
    ("5.1 half closed: HEADERS", [headers(), headers()], refused(CLOSED)),
    ("5.1 half closed: CONTINUATION", [headers(), frame(CONTINUATION, END_HEADERS, 1, HALF)], ended(PROTOCOL)),
    ("5.1 reset: DATA", [headers(fields=POST, flags=OPEN), rst(), data()], refused(CLOSED)),
    ("5.1 reset: HEADERS", [headers(fields=POST, flags=OPEN), rst(), headers()], refused(CLOSED)),
    ("5.1 reset: DATA after other streams", [headers(fields=POST, flags=OPEN), rst(), headers(3), data()],
     ended(CLOSED)),
    ("5.1 reset: PRIORITY is taken", [headers(), rst(), priority()], alive()),
    ("5.1 reset: CONTINUATION", [headers(flags=OPEN), rst(), frame(CONTINUATION, 4, 1, HALF)], ended(PROTOCOL)),
    ("5.1 reset: WINDOW_UPDATE and RST_STREAM are ignored", [headers(), rst(), window(1), rst()], alive()),
    ("5.1 closed: DATA", [headers()], after_answer([data()], CLOSED)),
    ("5.1 closed: HEADERS", [headers()], after_answer([headers()], CLOSED)),
    ("5.1 closed: CONTINUATION", [headers()],
     after_answer([frame(CONTINUATION, END_HEADERS, 1, HALF)], CLOSED | PROTOCOL)),
    ("5.1 closed: WINDOW_UPDATE, RST_STREAM and PRIORITY are taken", [headers(), window(1), rst(), priority()],
     alive()),
    ("5.1.1 a stream with an even number", [headers(2)], ended(PROTOCOL)),
    ("5.1.1 a stream with a smaller number", [headers(5), headers(3)], ended(PROTOCOL)),
    ("5.1.1 a stream with the number of an earlier one", [headers(1), headers(3), headers(1)], ended(CLOSED)),
    ("5.1.1 streams may leave numbers out", [headers(2001)], answered(2001)),
    ("5.1.2 more streams than are allowed",
     [headers(n, POST, OPEN) for n in range(1, 203, 2)], refused(PROTOCOL | {REFUSED_STREAM}, 201)),
    ("5.3.1 HEADERS depend on their own stream", [headers(raw=HALF, flags=37, prefix=b"\0\0\0\x01\x0f")],
     refused(PROTOCOL)),
    ("5.3.1 PRIORITY depends on its own stream", [priority(1, 1)], refused(PROTOCOL)),
    ("5.4.1 a connection error tells the last stream", [headers(5), data(0)], ended(PROTOCOL)),
    ("5.5 an unknown frame within a header block", [headers(raw=HALF, flags=0), frame(0x16)], ended(PROTOCOL)),
]

FRAMES = [
    ("6.1 DATA on stream 0", [data(0)], ended(PROTOCOL)),
    ("6.1 DATA padded beyond its length", [headers(fields=POST, flags=OPEN), data(payload=b"\x06abc", flags=9)],
     ended(PROTOCOL)),
    ("6.1 DATA with padding", [headers(fields=POST, flags=OPEN), data(payload=b"\x03{\0\0\0", flags=9)],
     answered(status=400)),
    ("6.1 DATA without bytes ends a body", [*upload(b""), ], answered(status=400)),
    ("6.2 HEADERS on stream 0", [headers(0)], ended(PROTOCOL)),
    ("6.2 HEADERS padded beyond its length",
     [headers(raw=HALF, flags=13, prefix=b"\xff")], ended(PROTOCOL)),
    ("6.2 HEADERS with padding", [headers(raw=HALF, flags=13, prefix=b"\x04", suffix=bytes(4))], answered()),
    ("6.2 HEADERS with priority", [headers(raw=HALF, flags=37, prefix=b"\0\0\0\0\x0f")], answered()),
    ("6.2 HEADERS with padding and priority",
     [headers(raw=HALF, flags=45, prefix=b"\x02\0\0\0\0\x0f", suffix=bytes(2))], answered()),
    ("6.3 PRIORITY on stream 0", [priority(0)], ended(PROTOCOL)),
    ("6.3 PRIORITY of four bytes", [headers(fields=POST, flags=OPEN), frame(PRIORITY, 0, 1, bytes(4))],
     refused(SIZE)),
    ("6.3 PRIORITY of the largest weight", [priority(1, 0, 255), headers()], answered()),
    ("6.3 PRIORITY upon an idle stream", [priority(1, 1 << 31 | 7, 1), headers()], answered()),
    ("6.4 RST_STREAM on stream 0", [rst(0)], ended(PROTOCOL)),
    ("6.4 RST_STREAM of three bytes", [headers(fields=POST, flags=OPEN), frame(RST_STREAM, 0, 1, bytes(3))],
     ended(SIZE)),
    ("6.5 SETTINGS on a stream", [frame(SETTINGS, 0, 1)], ended(PROTOCOL)),
    ("6.5 an acknowledgment with a payload", [frame(SETTINGS, ACK, 0, bytes(6))], ended(SIZE)),
    ("6.5 SETTINGS of three bytes", [frame(SETTINGS, 0, 0, bytes(3))], ended(SIZE)),
    ("6.5.2 ENABLE_PUSH of 2", [settings((2, 2))], ended(PROTOCOL)),
    ("6.5.2 a window beyond the largest", [settings((4, 1 << 31))], ended({FLOW_CONTROL_ERROR})),
    ("6.5.2 frames below the smallest", [settings((5, 16_383))], ended(PROTOCOL)),
    ("6.5.2 frames beyond the largest", [settings((5, 1 << 24))], ended(PROTOCOL)),
    ("6.5.2 an unknown setting", [settings((0xFF, 1))], alive()),
    ("6.5.3 the last of several values counts", [settings((4, 100), (4, 65_535)), headers()], answered()),
    ("6.5.3 settings are acknowledged", [settings((3, 100))],
     lambda wire: wire.until(lambda f: f.type == SETTINGS and f.flags & ACK, "an acknowledgment")),
    ("6.7 PING is answered", [ping()], alive()),
    ("6.7 an answer to PING is not", [ping(b"mistaken", ACK)], alive()),
    ("6.7 PING on a stream", [frame(PING, 0, 1, bytes(8))], ended(PROTOCOL)),
    ("6.7 PING of six bytes", [frame(PING, 0, 0, bytes(6))], ended(SIZE)),
    ("6.8 GOAWAY on a stream", [goaway(stream=1)], ended(PROTOCOL)),
    ("6.9 WINDOW_UPDATE by nothing", [window(0, 0)], ended(PROTOCOL)),
    ("6.9 WINDOW_UPDATE of a stream by nothing", [headers(fields=POST, flags=OPEN), window(1, 0)],
     refused(PROTOCOL)),
    ("6.9 WINDOW_UPDATE of three bytes", [frame(WINDOW_UPDATE, 0, 0, bytes(3))], ended(SIZE)),
    ("6.9.1 a connection's window beyond the largest", [window(0, (1 << 31) - 1)] * 2,
     ended({FLOW_CONTROL_ERROR})),
    ("6.9.1 a stream's window beyond the largest",
     [headers(fields=POST, flags=OPEN), window(1, (1 << 31) - 1)], refused({FLOW_CONTROL_ERROR})),
    ("6.9.2 the windows of open streams grow beyond the largest",
     [headers(fields=POST, flags=OPEN), window(1, 1 << 30), settings((4, (1 << 31) - 1))],
     refused({FLOW_CONTROL_ERROR})),
    ("6.10 CONTINUATION", SPLIT, answered()),
    ("6.10 four CONTINUATION", [headers(raw=HALF[:9], flags=END_STREAM), *[frame(CONTINUATION, 0, 1)] * 3,
                                frame(CONTINUATION, END_HEADERS, 1, HALF[9:])], answered()),
    ("6.10 CONTINUATION and then DATA", [headers(raw=HALF, flags=0), frame(CONTINUATION, 0, 1), data()],
     ended(PROTOCOL)),
    ("6.10 CONTINUATION on stream 0", [headers(raw=HALF, flags=0), frame(CONTINUATION, 4, 0)], ended(PROTOCOL)),
    ("6.10 CONTINUATION after END_HEADERS", [headers(), frame(CONTINUATION, 4, 1)], ended(PROTOCOL)),
    ("6.10 CONTINUATION after CONTINUATION with END_HEADERS", [*SPLIT, frame(CONTINUATION, 4, 1)],
     ended(PROTOCOL)),
    ("6.10 CONTINUATION after DATA", [headers(fields=POST, flags=OPEN), data(flags=0), frame(CONTINUATION, 4, 1)],
     ended(PROTOCOL)),
]

MESSAGES = [
    ("8.1 trailers are taken", [*upload(b"{", flags=OPEN)[:1], data(payload=b"{", flags=0),
                                headers(fields=[("x-check", "1")])], answered(status=400)),
    ("8.1 trailers that do not end the stream", [headers(fields=POST, flags=OPEN),
                                                headers(fields=[("x-check", "1")], flags=OPEN)], refused(PROTOCOL)),
    ("8.1 HEAD has no body", [headers(fields=[(":method", "HEAD"), *GET[1:]])], answered()),
    ("8.1 OPTIONS", [headers(fields=[(":method", "OPTIONS"), *GET[1:]])], answered(status=204)),
    ("8.2 an unknown method", [headers(fields=[(":method", "BREW"), *GET[1:]])], answered(status=405)),
    ("8.2.1 a name in upper case", [plus(("X-Test", "1"))], refused(PROTOCOL)),
    ("8.2.1 a name with a blank", [plus(("x test", "1"))], refused(PROTOCOL)),
    ("8.2.1 an empty name", [plus(("", "1"))], refused(PROTOCOL)),
    ("8.2.1 a value with CR", [plus(("x-test", "1\r2"))], refused(PROTOCOL)),
    ("8.2.1 a value with LF", [plus(("x-test", "1\n2"))], refused(PROTOCOL)),
    ("8.2.1 a value with NUL", [plus(("x-test", "1\x002"))], refused(PROTOCOL)),
    ("8.2.1 a value that begins with a blank", [plus(("x-test", " 1"))], refused(PROTOCOL)),
    ("8.2.2 connection", [plus(("connection", "keep-alive"))], refused(PROTOCOL)),
    ("8.2.2 transfer-encoding", [plus(("transfer-encoding", "chunked"))], refused(PROTOCOL)),
    ("8.2.2 upgrade", [plus(("upgrade", "h2c"))], refused(PROTOCOL)),
    ("8.2.2 te other than trailers", [plus(("te", "gzip"))], refused(PROTOCOL)),
    ("8.2.2 te: trailers", [plus(("te", "trailers"))], answered()),
    ("8.2.3 cookies in pieces", [plus(("cookie", "a=b"), ("cookie", "c=d"))], answered()),
    ("8.3 an unknown pseudo-header", [plus((":test", "1"))], refused(PROTOCOL)),
    ("8.3 a pseudo-header of answers", [plus((":status", "200"))], refused(PROTOCOL)),
    ("8.3 a pseudo-header after a field", [plus(("x-test", "1"), at=3)], refused(PROTOCOL)),
    ("8.3 a pseudo-header in trailers", [headers(fields=POST, flags=OPEN), headers(fields=[(":path", "/")])],
     refused(PROTOCOL)),
    ("8.3.1 an empty path", [headers(fields=[*GET[:2], (":path", ""), GET[3]])], refused(PROTOCOL)),
    ("8.3.1 no method", [without(":method")], refused(PROTOCOL)),
    ("8.3.1 no scheme", [without(":scheme")], refused(PROTOCOL)),
    ("8.3.1 no path", [without(":path")], refused(PROTOCOL)),
    ("8.3.1 two methods", [twice(":method")], refused(PROTOCOL)),
    ("8.3.1 two schemes", [twice(":scheme")], refused(PROTOCOL)),
    ("8.3.1 two paths", [twice(":path")], refused(PROTOCOL)),
    ("8.3.1 two authorities", [twice(":authority")], refused(PROTOCOL)),
    ("8.3.1 no authority but a host", [headers(fields=[*GET[:3], ("host", "localhost")])], answered()),
    ("8.3.1 neither authority nor host", [headers(fields=GET[:3])], refused(PROTOCOL)),
    ("8.3.1 a host that is not the authority", [plus(("host", "127.0.0.1"))], answered(status=400)),
    ("8.3.1 a host that is", [plus(("host", "localhost"))], answered()),
    ("8.4 PUSH_PROMISE from a client", [headers(), frame(PUSH_PROMISE, 4, 1, b"\0\0\0\x02" + HALF)],
     ended(PROTOCOL)),
    ("8.5 CONNECT", [headers(fields=[(":method", "CONNECT"), GET[3]])], answered(status=405)),
    ("8.1.1 a body shorter than content-length", upload(b"{}", length=3), refused(PROTOCOL)),
    ("8.1.1 a body longer than content-length", upload(b"{}", b"{}", length=3), refused(PROTOCOL)),
    ("8.1.1 no body despite content-length", [plus(("content-length", "1"))], refused(PROTOCOL)),
    ("8.1.1 two different content-lengths", [plus(("content-length", "0"), ("content-length", "1"))],
     refused(PROTOCOL)),
    ("8.1.1 a content-length that is no number", [plus(("content-length", "-1"))], refused(PROTOCOL)),
]

COMPRESSION = [
    ("fields from the static table and literals", [headers(raw=INDEXED)], answered()),
    ("fields in Huffman's code", [headers(raw=HUFFMAN)], answered()),
    ("fields from the dynamic table",
     [headers(raw=INDEXED), headers(3, raw=b"\x82\x86\xbe\x04\x0c/health/live")], answered(3)),
    ("a field never to be indexed", [headers(raw=INDEXED + b"\x10\x01a\x01b")], answered()),
    ("2.3.3 an index beyond the tables", [headers(raw=INDEXED + b"\xc6")], ended({COMPRESSION_ERROR})),
    ("4.2 a table's size at the end of a block", [headers(raw=INDEXED + b"\x20")], ended({COMPRESSION_ERROR})),
    ("4.2 a table's size at the beginning", [headers(raw=b"\x20" + INDEXED)], answered()),
    ("4.2 a table's size beyond the limit", [headers(raw=integer(4097, 5, 0x20) + INDEXED)],
     ended({COMPRESSION_ERROR})),
    ("5.1 a number beyond all bounds", [headers(raw=b"\xff" + b"\xff" * 11 + b"\x7f")],
     ended({COMPRESSION_ERROR})),
    ("5.2 Huffman padding of eight bits", [headers(raw=INDEXED + b"\x00\x01a\x82\x1f\xff")],
     ended({COMPRESSION_ERROR})),
    ("5.2 Huffman padding with zeros", [headers(raw=INDEXED + b"\x00\x01a\x81\x18")],
     ended({COMPRESSION_ERROR})),
    ("5.2 Huffman's end of string", [headers(raw=INDEXED + b"\x00\x01a\x84\xff\xff\xff\xff")],
     ended({COMPRESSION_ERROR})),
    ("6.1 index 0", [headers(raw=INDEXED + b"\x80")], ended({COMPRESSION_ERROR})),
    ("a string longer than its block", [headers(raw=INDEXED + b"\x00\x7f")], ended({COMPRESSION_ERROR})),
]

TABLE = [("http2 " + name, sent, see) for name, sent, see in STREAMS + FRAMES + MESSAGES]
TABLE += [("hpack " + name, sent, see) for name, sent, see in COMPRESSION]
