"""Compares `apus load` with an independent client that sends the same load.

Usage: load_agrees.py PATH_TO_APUS [--url URL | --model MODEL] [options]

Both clients take turns. Each round the two are a few seconds apart, so that whatever else the
machine does meets both; what is compared is the median over the rounds. With --together both send
at the same time instead, so that what else a busy machine does meets both alike. Before, both
measure a server below that sends each piece at a known time; there the truth is a third column.

Percentiles are those of HDR histograms: the least value that so many percent do not exceed. Of the few
first tokens of a round the two in the middle may differ much, so their mean is another figure.

The client below is written on its own: raw sockets, no HTTP library, no code shared with the
command.
"""

import argparse
import asyncio
import concurrent.futures
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

from server import Server

WORDS = "river stone cloud green seven paper light north apple train".split()


class Connection:
    """One HTTP/1.1 connection that reads event streams."""

    def __init__(self, host, port, path):
        self.host, self.port, self.path = host, port, path
        self.reader = self.writer = None

    async def ask(self, body, due):
        """Sends a completion; returns the times of its pieces, its end, and its token count."""
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        head = (f"POST {self.path}/chat/completions HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n")
        self.writer.write(head.encode() + body)
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        assert lines[0].split()[1] == "200", lines[0]
        assert any(line.lower() == "transfer-encoding: chunked" for line in lines), lines
        pieces, tokens, buffer, done = [], 0, b"", False
        while size := int(await self.reader.readline(), 16):
            buffer += (await self.reader.readexactly(size + 2))[:-2]
            now = time.monotonic()
            while b"\n\n" in buffer:
                event, buffer = buffer.split(b"\n\n", 1)
                data = event.removeprefix(b"data: ")
                if data == b"[DONE]":
                    done = True
                    continue
                chunk = json.loads(data)
                if chunk["choices"] and chunk["choices"][0]["delta"].get("content"):
                    pieces.append(now)
                if chunk.get("usage"):
                    tokens = chunk["usage"]["completion_tokens"]
        await self.reader.readline()
        assert done and pieces, "no end or no content"
        return {"due": due, "pieces": pieces, "end": time.monotonic(), "tokens": tokens}

    def close(self):
        if self.writer is not None:
            self.writer.close()


class Client:
    """Sends the load and takes the same measures as the command."""

    def __init__(self, url, model, options, prompts):
        parts = urllib.parse.urlsplit(url)
        self.place = (parts.hostname, parts.port, parts.path)
        self.bodies = [json.dumps({
            "model": model, "messages": [{"role": "user", "content": prompt}], "stream": True,
            "stream_options": {"include_usage": True}, "temperature": 0, "ignore_eos": True,
            "max_tokens": options.output_tokens}).encode() for prompt in prompts]

    async def closed_loop(self, clients):
        bodies, answers = iter(self.bodies), []

        async def play():
            connection = Connection(*self.place)
            for body in bodies:
                answers.append(await connection.ask(body, time.monotonic()))
            connection.close()

        await asyncio.gather(*(play() for _ in range(clients)))
        return answers

    async def open_loop(self, rate):
        start, idle = time.monotonic(), []

        async def play(index, body):
            due = start + index / rate
            await asyncio.sleep(max(0, due - time.monotonic()))
            connection = idle.pop() if idle else Connection(*self.place)
            answer = await connection.ask(body, due)
            idle.append(connection)
            return answer

        answers = await asyncio.gather(*(play(*entry) for entry in enumerate(self.bodies)))
        for connection in idle:
            connection.close()
        return answers

    def measure(self, clients, rate=None):
        start = time.monotonic()
        load = self.closed_loop(clients) if rate is None else self.open_loop(rate)
        answers = asyncio.run(asyncio.wait_for(load, 300))
        span = max(answer["end"] for answer in answers) - start
        gaps = [later - earlier for answer in answers
                for earlier, later in zip(answer["pieces"], answer["pieces"][1:])]
        first = [answer["pieces"][0] - answer["due"] for answer in answers]
        return {
            "tokens/s": sum(answer["tokens"] for answer in answers) / span,
            "TTFT p50": 1000 * statistics.median_low(first), "ITL p50": 1000 * statistics.median_low(gaps),
            "ITL mean": 1000 * statistics.fmean(gaps)}


class PacedServer(threading.Thread):
    """Sends the first piece of each answer after 80 ms, and each further one 10 ms later."""

    FIRST, GAP = 0.080, 0.010

    def __init__(self):
        super().__init__(daemon=True)
        self.loop = asyncio.new_event_loop()
        self.server = self.loop.run_until_complete(
            asyncio.start_server(self.serve, "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/v1"
        self.firsts, self.gaps = [], []

    def run(self):
        self.loop.run_forever()

    async def serve(self, reader, writer):
        while True:
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            except asyncio.IncompleteReadError:
                return
            if head.startswith("get"):
                models = b'{"data":[{"id":"paced"}]}'
                answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b"
                writer.write(answer % (len(models), models))
                continue
            length = head.split("content-length: ")[1].split("\r\n")[0]
            count = json.loads(await reader.readexactly(int(length)))["max_tokens"]
            await self.answer(writer, count)

    async def answer(self, writer, count):
        """Keeps to its times, and notes when it really sent."""
        start = last = self.loop.time()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                     b"Transfer-Encoding: chunked\r\n\r\n")
        for index in range(count):
            await asyncio.sleep(start + self.FIRST + index * self.GAP - self.loop.time())
            now = self.loop.time()
            if index:
                self.gaps.append(now - last)
            else:
                self.firsts.append(now - start)
            last = now
            self.send(writer, {"choices": [{"delta": {"content": "x"}}]})
        self.send(writer, {"choices": [], "usage": {"completion_tokens": count}})
        self.send(writer, None)
        writer.write(b"0\r\n\r\n")

    @staticmethod
    def send(writer, chunk):
        event = f"data: {json.dumps(chunk) if chunk else '[DONE]'}\n\n".encode()
        writer.write(b"%x\r\n%b\r\n" % (len(event), event))

    def truth(self):
        """What it sent since it was last asked."""
        firsts, gaps = self.firsts, self.gaps
        self.firsts, self.gaps = [], []
        return {
            "TTFT p50": 1000 * statistics.median_low(firsts), "ITL p50": 1000 * statistics.median_low(gaps),
            "ITL mean": 1000 * statistics.fmean(gaps)}


def measure_apus(apus, url, options, prompts, rate=None):
    """Lets the command send the load."""
    pace = (["--concurrency", options.concurrency] if rate is None
            else ["--rate", rate, "--arrival", "constant"])
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(prompts))
        file.flush()
        command = [apus, "load", url, *pace, "--requests", len(prompts), "--prompts", file.name,
                   "--output-tokens", options.output_tokens, "--json", "-"]
        done = subprocess.run([*map(str, command)], capture_output=True, check=True, timeout=300)
    report = json.loads(done.stdout)
    assert report["requests"]["completed"] == len(prompts), report["errors"]
    latencies = report["latency_ms"]
    return {"tokens/s": report["output_tokens_per_second"], "TTFT p50": latencies["ttft"]["p50"],
            "ITL p50": latencies["itl"]["p50"], "ITL mean": latencies["itl"]["mean"]}


def prompts(options, seed):
    """Draws prompts of the same length, all different, so that no cache helps one client."""
    source = random.Random(seed)
    return [" ".join(source.choices(WORDS, k=options.prompt_tokens))
            for _ in range(options.requests)]


def compare(name, rounds, tolerance):
    """Prints the medians of each measure; returns how many differ by more than the tolerance."""
    differing = 0
    for measure in rounds[0][0]:
        columns = [[row[measure] for row in side if measure in row] for side in zip(*rounds)]
        medians = [statistics.median(column) for column in columns if column]
        difference = medians[0] / medians[1] - 1
        columns = [column for column in columns if column]
        spreads = ", ".join(f"{100 * (max(each) / min(each) - 1):.0f} %" for each in columns)
        agrees = abs(difference) <= tolerance
        differing += not agrees
        names = ("apus", "python", "truth")
        figures = "  ".join(f"{who} {median:8.2f}" for who, median in zip(names, medians))
        verdict = "agrees " if agrees else "DIFFERS"
        print(f"{verdict} {name:18} {measure:9} {100 * difference:+6.2f} %  {figures}"
              f"  (spreads {spreads})", flush=True)
    return differing


def run_rounds(name, url, rate, options, paced=None):
    """Lets both clients send the load, several times; the first time is not counted."""
    with urllib.request.urlopen(url + "/models", timeout=60) as response:
        model = json.load(response)["data"][0]["id"]

    def measure(side, number):
        texts = prompts(options, f"{name} {number} {side}")
        if side == 0:
            return measure_apus(options.apus, url, options, texts, rate)
        return Client(url, model, options, texts).measure(options.concurrency, rate)

    rounds = []
    for number in range(options.rounds + 1):
        order = (0, 1) if number % 2 else (1, 0)
        if options.together:
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                pair = list(pool.map(lambda side: measure(side, number), (0, 1)))
        else:
            pair = dict((side, measure(side, number)) for side in order)
        rounds.append([pair[0], pair[1], *([paced.truth()] if paced else [])])
    return compare(name, rounds[1:], options.tolerance)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("apus")
    parser.add_argument("--url", help="a server that runs; one is started if left out")
    parser.add_argument("--model", help="the model file for the server to start")
    parser.add_argument("--together", action="store_true")
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--rate", type=float, default=2.0)
    parser.add_argument("--requests", type=int, default=24)
    parser.add_argument("--prompt-tokens", type=int, default=64)
    parser.add_argument("--output-tokens", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tolerance", type=float, default=0.02)
    options = parser.parse_args()
    paced = PacedServer()
    paced.start()
    differing = run_rounds("paced, closed loop", paced.url, None, options, paced)
    differing += run_rounds("paced, open loop", paced.url, 10 * options.rate, options, paced)
    server = None if options.url else Server(options.apus, options.model)
    url = options.url or server.origin + "/v1"
    differing += run_rounds("closed loop", url, None, options)
    differing += run_rounds("open loop", url, options.rate, options)
    if server is not None:
        server.terminate()
        assert server.exit_code() == 0
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
