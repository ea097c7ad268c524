"""A bare HTTP/2 client for tests: sends any frame, however wrong, and reads what comes back."""

import asyncio
import struct
from typing import NamedTuple

import hpack

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED, PRIORITIZED = 0x1, 0x1, 0x4, 0x8, 0x20

NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT = range(5)
STREAM_CLOSED, FRAME_SIZE_ERROR, REFUSED_STREAM, CANCEL, COMPRESSION_ERROR = range(5, 10)
ENHANCE_YOUR_CALM = 0xB

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
GET = [(":method", "GET"), (":scheme", "http"), (":path", "/health/live"), (":authority", "localhost")]
POST = [(":method", "POST"), (":scheme", "http"), (":path", "/v1/chat/completions"),
        (":authority", "localhost")]
PATIENCE = 90


class Frame(NamedTuple):
    """A frame as it came."""
    type: int
    flags: int
    stream: int
    payload: bytes

    @property
    def code(self):
        """The reason in RST_STREAM and GOAWAY."""
        return struct.unpack(">I", self.payload[:4] if self.type == RST_STREAM else self.payload[4:8])[0]


def frame(type, flags=0, stream=0, payload=b"", length=None):
    """A frame, whose length may be a lie."""
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + struct.pack(">BBI", type, flags, stream) + payload


def block(fields):
    """Header fields, each as a literal that changes no table."""
    out = b""
    for name, value in fields:
        out += b"\x00"
        for text in (name, value):
            data = text if isinstance(text, bytes) else text.encode()
            out += integer(len(data), 7) + data
    return out


def integer(value, bits, first=0):
    """A number with a prefix of some bits, as HPACK writes it."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    out, value = bytearray([first | most]), value - most
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    return bytes(out) + bytes([value])


def headers(stream=1, fields=GET, flags=END_STREAM | END_HEADERS, raw=None, prefix=b"", suffix=b""):
    """A HEADERS frame; `raw` stands in for the encoded fields."""
    return frame(HEADERS, flags, stream, prefix + (block(fields) if raw is None else raw) + suffix)


def data(stream=1, payload=b"", flags=END_STREAM):
    return frame(DATA, flags, stream, payload)


def settings(*pairs):
    return frame(SETTINGS, payload=b"".join(struct.pack(">HI", *pair) for pair in pairs))


def rst(stream=1, code=CANCEL):
    return frame(RST_STREAM, 0, stream, struct.pack(">I", code))


def ping(payload=b"12345678", flags=0):
    return frame(PING, flags, 0, payload)


def window(stream=0, increment=1):
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", increment))


def priority(stream=1, depends=0, weight=15):
    return frame(PRIORITY, 0, stream, struct.pack(">IB", depends, weight))


def goaway(last=0, code=NO_ERROR, stream=0):
    return frame(GOAWAY, 0, stream, struct.pack(">II", last, code))


class Wire(asyncio.Protocol):
    """A connection; what came before a reset can still be read after it."""

    def __init__(self):
        self.seen, self.decoder = [], hpack.Decoder()
        self.unread, self.ended, self.changed = bytearray(), False, asyncio.Event()

    @classmethod
    async def open(cls, port, *first, preface=PREFACE + frame(SETTINGS)):
        """Connects and sends the preface and further frames."""
        _, wire = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        await wire.send(preface, *first)
        return wire

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.unread += data
        self.changed.set()

    def connection_lost(self, error):
        self.ended = True
        self.changed.set()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        self.transport.abort()

    async def send(self, *frames):
        """Sends, as soon as the server takes it."""
        self.transport.write(b"".join(frames))
        await asyncio.sleep(0)

    async def take(self, count, patience):
        """The next bytes; fewer at the end of the connection."""
        while len(self.unread) < count and not self.ended:
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), patience)
        taken = bytes(self.unread[:count])
        del self.unread[:count]
        return taken

    async def read(self, patience=PATIENCE):
        """The next frame; None at the end of the connection."""
        head = await self.take(9, patience)
        size = int.from_bytes(head[:3], "big")
        payload = await self.take(size, patience)
        if len(head) < 9 or len(payload) < size:
            return None
        found = Frame(head[3], head[4], int.from_bytes(head[5:9], "big") & 0x7FFFFFFF, payload)
        self.seen.append(found)
        if found.type == SETTINGS and not found.flags & ACK:
            await self.send(frame(SETTINGS, ACK))
        if found.type == HEADERS:
            found = found._replace(payload=dict(self.decoder.decode(found.payload)))
        return found

    async def until(self, wanted, what):
        """Reads up to a frame that is wanted; fails at the end of the connection."""
        while (found := await self.read()) is not None:
            if wanted(found):
                return found
        raise AssertionError(f"the connection ended without {what}; frames: {self.summary()}")

    def summary(self):
        return [(f.type, f.flags, f.stream, f.code if f.type in (RST_STREAM, GOAWAY) else len(f.payload))
                for f in self.seen[-12:]]

    async def status(self, stream=1):
        """Waits for the head of an answer."""
        def ends(found):
            return found.stream == stream and found.type in (HEADERS, RST_STREAM) or found.type == GOAWAY
        found = await self.until(ends, f"an answer on stream {stream}")
        assert found.type == HEADERS, f"no answer but {self.summary()}"
        return int(found.payload[":status"])

    async def body(self, stream=1):
        """Waits for the end of an answer whose head has come; returns its body."""
        out = b""
        while True:
            found = await self.until(lambda f: f.stream == stream, f"the end of stream {stream}")
            assert found.type == DATA, f"no body but {self.summary()}"
            out += found.payload
            if found.flags & END_STREAM:
                return out

    async def pong(self, payload=b"are-you?"):
        """Asks whether the server is still there, and waits for it to say so."""
        await self.send(ping(payload))
        await self.until(lambda f: f.type == PING and f.flags & ACK and f.payload == payload, "a pong")

    async def farewell(self, *codes):
        """Waits for GOAWAY with one of some codes, and for the end of the connection."""
        found = await self.until(lambda f: f.type == GOAWAY, "GOAWAY")
        assert found.code in codes, f"GOAWAY {found.code}, not {codes}"
        while await self.read() is not None:
            pass

    async def refused(self, stream, *codes):
        """Waits for a stream to be reset, or the connection ended, with one of some codes."""
        found = await self.until(
            lambda f: f.type == GOAWAY or f.stream == stream and f.type in (RST_STREAM, HEADERS),
            f"an error on stream {stream}")
        assert found.type != HEADERS, f"answered {found.payload}"
        assert found.code in codes, f"error {found.code}, not {codes}"
