"""A client for chat completions that notes when each part of an answer arrives."""

import asyncio
import json
import socket
import struct
import time


class Cut(Exception):
    """The connection ended before the answer did."""


class Answer:
    """What came back for one request; times are in seconds of `time.perf_counter`."""

    def __init__(self, sent):
        self.sent = sent
        self.status = None
        self.headers = {}
        self.head_at = None
        self.arrivals = []
        self.ended = None
        self.texts = {}
        self.reasons = {}
        self.logprobs = {}
        self.usage = None
        self.error = None
        self.done = False

    @property
    def ok(self):
        return self.status == 200 and self.done and self.error is None

    @property
    def first_token_after(self):
        """Seconds from sending to the first text."""
        return self.arrivals[0] - self.sent

    @property
    def cached_tokens(self):
        return self.usage["prompt_tokens_details"]["cached_tokens"]

    @property
    def gaps(self):
        """Seconds between tokens."""
        return [late - early for early, late in zip(self.arrivals, self.arrivals[1:])]

    def content(self, choice=0):
        """All that must be the same bits whatever else ran; numbers are as printed."""
        usage = {name: count for name, count in self.usage.items() if not name.endswith("details")}
        return {"text": self.texts[choice], "finish_reason": self.reasons[choice], "usage": usage,
                "logprobs": self.logprobs.get(choice, [])}

    def take_event(self, event, at=None):
        """Adds an event of a stream, which arrived at a time, or now."""
        data = event.removeprefix(b"data: ")
        if data == b"[DONE]":
            self.done = True
        elif event.startswith(b"data: "):
            self.take(json.loads(data, parse_float=str), at)

    def take(self, document, at=None):
        """Adds a chunk of a stream, or a whole document, which arrived at a time, or now."""
        if "error" in document:
            self.error = document["error"]
            return
        self.usage = document.get("usage") or self.usage
        for choice in document["choices"]:
            index = choice["index"]
            text = choice.get("delta", choice.get("message", {})).get("content") or ""
            self.texts[index] = self.texts.get(index, "") + text
            if logprobs := choice["logprobs"]:
                self.logprobs.setdefault(index, []).extend(logprobs["content"])
            if choice["finish_reason"]:
                self.reasons[index] = choice["finish_reason"]
            if text:
                self.arrivals.append(time.perf_counter() if at is None else at)


def read_head(head):
    """The status of an answer's head, and its headers by their names in small letters."""
    status, *fields = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (f.split(": ", 1) for f in fields)}
    return int(status.split()[1]), headers


class Exchange:
    """One request on a connection of its own, sent already, and its answer as it arrives."""

    def __init__(self, reader, writer, sent):
        self.reader = reader
        self.writer = writer
        self.answer = Answer(sent)

    def leave(self, reset=False):
        """Hangs up, politely or with a reset."""
        if reset:
            peer = self.writer.get_extra_info("socket")
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def head(self):
        """Reads the status and the headers; interim answers are passed over."""
        answer = self.answer
        while answer.status is None or answer.status < 200:
            block = await self.reader.readuntil(b"\r\n\r\n")
            answer.head_at = time.perf_counter()
            answer.status, answer.headers = read_head(block[:-4])
        return answer

    async def _body(self):
        if length := self.answer.headers.get("content-length"):
            yield await self.reader.readexactly(int(length))
            return
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            yield (await self.reader.readexactly(size + 2))[:-2]
        await self.reader.readuntil(b"\r\n")

    async def grow(self):
        """Reads the answer; hands it out whenever it has grown."""
        try:
            answer = self.answer if self.answer.head_at else await self.head()
            rest = b""
            async for part in self._body():
                rest += part
                if not answer.headers.get("content-type", "").startswith("text/event-stream"):
                    continue
                *events, rest = rest.split(b"\n\n")
                for event in events:
                    answer.take_event(event)
                yield answer
            if rest:
                answer.take(json.loads(rest, parse_float=str))
                answer.done = True
            answer.ended = time.perf_counter()
            yield answer
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise Cut(f"after {len(self.answer.arrivals)} texts: {error!r}") from error

    async def first(self):
        """Waits for the first text of a stream."""
        async for answer in self.grow():
            if answer.arrivals or answer.error:
                break
        return self.answer

    async def all(self):
        """Reads the answer to its end."""
        try:
            async for _ in self.grow():
                pass
        finally:
            self.writer.transport.abort()
        return self.answer


class Client:
    """Asks one server, on a new connection for each request."""

    def __init__(self, port, model):
        self.port = port
        self.model = model

    @classmethod
    async def of(cls, server):
        """A client that knows the name of the server's model."""
        client = cls(server.port, None)
        models = json.loads((await client.get("/v1/models"))[1])
        client.model = models["data"][0]["id"]
        return client

    def body(self, prompt, **options):
        """The document to send; `prompt` is a text or a list of messages."""
        messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        members = {"model": self.model, "messages": messages, "temperature": 0,
                   "cache_prompt": False, "stream": True} | options
        if members["stream"]:
            members.setdefault("stream_options", {"include_usage": True})
        return json.dumps(members).encode()

    def request(self, prompt, key=None, **options):
        """All bytes of a request."""
        body = self.body(prompt, **options)
        name = f"Authorization: Bearer {key}\r\n" if key else ""
        head = (f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n{name}"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n")
        return head.encode() + body

    async def open(self, prompt, **options):
        """Sends a request and returns without waiting for the answer."""
        request = self.request(prompt, **options)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        return Exchange(reader, writer, time.perf_counter())

    async def ask(self, prompt, **options):
        """Sends a request and waits for all of its answer."""
        exchange = await self.open(prompt, **options)
        return await exchange.all()

    async def health(self):
        """What the server says that it is doing."""
        return json.loads((await self.get("/health"))[1])

    async def metric(self, name):
        """The sum of a metric over all its labels."""
        lines = (await self.get("/metrics"))[1].decode().splitlines()
        values = [float(line.split()[-1]) for line in lines
                  if line.startswith((name + " ", name + "{"))]
        assert values, f"there is no metric {name}"
        return sum(values)

    async def get(self, path):
        """Returns status, body, and seconds taken, the connection included."""
        start = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        exchange = Exchange(reader, writer, start)
        answer = await exchange.head()
        body = await reader.readexactly(int(answer.headers["content-length"]))
        writer.transport.abort()
        return answer.status, body, time.perf_counter() - start
