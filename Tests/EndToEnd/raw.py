"""Connections that send bytes as they are, and what a process uses; for hostile clients."""

import asyncio
import itertools
import json
import os
import re
import socket
import struct
import time

_numbers = itertools.count(1)
# Seconds to wait for what a server does at once, or when a time-out of its own runs out, as it may take a
# machine that is busy with other things.
PATIENCE = 90


def new_source():
    """An address of this machine that no other connection uses, since clients are told by it."""
    number = next(_numbers)
    return f"127.{1 + number // 60_000 % 250}.{1 + number // 250 % 240}.{1 + number % 250}"


class Raw:
    """One connection; all that arrived stays in `received`."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        self.received = b""
        self.ended = False

    @classmethod
    async def open(cls, port, source=None, **options):
        return cls(*await asyncio.open_connection(
            "127.0.0.1", port, local_addr=(source or new_source(), 0), **options))

    async def send(self, data):
        """Sends, or as much as the other side takes before it hangs up."""
        try:
            self.writer.write(data)
            await self.writer.drain()
        except OSError:
            pass

    async def rest(self, seconds=PATIENCE):
        """Reads until the other side ends; `ended` tells whether it did in time."""
        deadline = time.monotonic() + seconds
        while not self.ended and (left := deadline - time.monotonic()) > 0:
            try:
                data = await asyncio.wait_for(self.reader.read(65536), left)
            except TimeoutError:
                break
            except OSError:
                data = b""
            self.received += data
            self.ended = not data
        return self.received

    async def through(self, mark, seconds=PATIENCE):
        """Reads until a mark has arrived."""
        async with asyncio.timeout(seconds):
            while mark not in self.received:
                try:
                    data = await self.reader.read(65536)
                except OSError:
                    data = b""
                if not data:
                    break
                self.received += data
        return self.received

    @property
    def statuses(self):
        return [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3}) ", self.received)]

    def close(self):
        self.writer.close()

    def reset(self):
        """Leaves without a goodbye."""
        if not self.writer.transport.is_closing():
            self.writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.writer.transport.abort()


async def ask(port, data, seconds=PATIENCE, **options):
    """Sends bytes, reads until the server ends, and returns the connection."""
    connection = await Raw.open(port, **options)
    sending = asyncio.create_task(connection.send(data))
    await connection.rest(seconds)
    sending.cancel()
    connection.close()
    return connection


def get(path="/health/live", *fields, close=True):
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", *fields] + ["Connection: close"] * close
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def post(body, *fields, close=True):
    if isinstance(body, dict):
        body = json.dumps(body)
    lines = ["POST /v1/chat/completions HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}",
             *fields] + ["Connection: close"] * close
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


async def health(port):
    """What the server says it is doing."""
    answer = await ask(port, get("/health"))
    assert answer.statuses == [200], answer.received
    return json.loads(answer.received.partition(b"\r\n\r\n")[2])


async def until(condition, seconds=PATIENCE, step=0.05):
    """Waits until an awaitable condition holds, and returns how long that took."""
    start = time.monotonic()
    while not await condition():
        assert time.monotonic() - start < seconds, f"not within {seconds} s"
        await asyncio.sleep(step)
    return time.monotonic() - start


async def least_growth(pid, work, rounds=5):
    """Does something several times; returns by how much the memory grew when it grew least.

    What is kept of each request makes it grow each time. What a thread takes once, when it first serves
    a request, makes it grow in some rounds, in more of them where there are more processors.
    """
    growths = []
    for _ in range(rounds):
        before = memory(pid)
        await work()
        growths.append(memory(pid) - before)
    return min(growths)


def memory(pid):
    """Bytes of the process that are not of files, in memory or swapped out."""
    with open(f"/proc/{pid}/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    return sum(int(fields[name].split()[0]) for name in ("RssAnon", "VmSwap")) * 1024


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))
