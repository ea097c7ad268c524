"""A client that only records while it runs, and reads what it recorded afterwards: on the machine that
it measures it takes as little of the processors as it can."""

import asyncio
import json
import time

from streams import Answer, Cut, read_head

STREAM_END = b"\r\n0\r\n\r\n"


class Recording(asyncio.Protocol):
    """A connection that has one answer at a time, recorded with the times at which its parts came."""

    def __init__(self):
        self.transport = None
        self.ended = None
        self.parts = []

    def connection_made(self, transport):
        self.transport = transport

    def send(self, request):
        """Sends a request's bytes; returns when that was, and a future of the answer's parts."""
        self.parts = []
        self.ended = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return time.perf_counter(), self.ended

    def data_received(self, data):
        self.parts.append((time.perf_counter(), data))
        if self._is_complete() and not self.ended.done():
            self.ended.set_result(self.parts)

    def connection_lost(self, error):
        if self.ended and not self.ended.done():
            self.ended.set_exception(Cut(f"after {len(self.parts)} parts: {error!r}"))

    def _is_complete(self):
        if self.parts[0][1].startswith(b"HTTP/1.1 200"):
            # The end may come in parts of its own.
            return b"".join(part for _, part in self.parts[-3:]).endswith(STREAM_END)
        head, found, body = b"".join(part for _, part in self.parts).partition(b"\r\n\r\n")
        return bool(found) and len(body) == int(read_head(head)[1]["content-length"])


class Recorder:
    """Sends requests to one server, each on a connection that is free, as most libraries do."""

    def __init__(self, port):
        self.port = port
        self.spare = []
        self.recorded = []
        self.failures = []

    async def send(self, request):
        """Sends a request's bytes and waits for the end of its answer."""
        connection = None
        try:
            connection = self.spare.pop() if self.spare else await self._connect()
            sent, ended = connection.send(request)
            self.recorded.append((sent, await ended))
            self.spare.append(connection)
            connection = None
        except (Cut, OSError) as error:
            self.failures.append(error)
        finally:
            if connection:
                connection.transport.abort()

    async def _connect(self):
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(Recording, "127.0.0.1", self.port))[1]

    def close(self):
        """Closes all connections and returns the answers."""
        for connection in self.spare:
            connection.transport.abort()
        return [read(sent, parts) for sent, parts in self.recorded]


def read(sent, parts):
    """The answer that was recorded."""
    answer = Answer(sent)
    head, _, body = b"".join(part for _, part in parts).partition(b"\r\n\r\n")
    answer.status, answer.headers = read_head(head)
    answer.head_at, answer.ended = parts[0][0], parts[-1][0]
    if answer.status != 200:
        answer.take(json.loads(body))
        return answer
    offset, ends, end = len(head) + 4, [], 0
    for at, part in parts:
        end += len(part)
        ends.append((end, at))
    rest = b""
    while size := int(body[:body.index(b"\r\n")], 16):
        start = body.index(b"\r\n") + 2
        offset += start + size + 2
        *events, rest = (rest + body[start:start + size]).split(b"\n\n")
        body = body[start + size + 2:]
        at = next(at for end, at in ends if end >= offset)
        for event in events:
            answer.take_event(event, at)
    return answer
