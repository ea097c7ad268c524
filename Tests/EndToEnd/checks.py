"""Checks a running server as its clients see it. Usage: checks.py PATH_TO_APUS MODEL"""

import concurrent.futures
import json
import socket
import subprocess
import sys
import tempfile
import traceback

import openai

from server import Server

CHECKS = []
QUESTION = [{"role": "user", "content": "Name the capital of France."}]


def check(function):
    """Marks a function as a check; its first line of documentation is what it says."""
    CHECKS.append(function)
    return function


def expect_error(kind, call, **fields):
    """Calls, expecting an error of the given class and with the given members."""
    try:
        call()
    except kind as error:
        for name, value in fields.items():
            assert getattr(error, name) == value, f"{name} is {getattr(error, name)!r}"
        return error
    raise AssertionError(f"no {kind.__name__}")


class Context:
    """What checks share: the server, a client, and short forms of what they do."""

    def __init__(self, server):
        self.server = server
        self.client = openai.OpenAI(
            base_url=server.origin + "/v1", api_key="none", max_retries=0, timeout=120)
        self.model = self.client.models.list().data[0].id

    def chat(self, messages=QUESTION, **options):
        options = {"model": self.model, "temperature": 0, "max_tokens": 16} | options
        return self.client.chat.completions.create(messages=messages, **options)

    def curl(self, path, *arguments, body=None):
        """Returns status, headers in lower case, and body."""
        command = ["curl", "--silent", "--show-error", "--include", "--max-time", "120", *arguments]
        if body is not None:
            command += ["--data-binary", "@-"]
        output = subprocess.run(
            [*command, self.server.origin + path], input=body, capture_output=True, check=True,
            text=True).stdout
        while output.startswith("HTTP/1.1 100"):
            output = output.split("\n\n", 1)[1]
        head, _, text = output.partition("\n\n")
        lines = head.splitlines()
        headers = {name.lower(): value for name, value in (l.split(": ", 1) for l in lines[1:])}
        return int(lines[0].split()[1]), headers, text

    def request(self, **members):
        return json.dumps({"model": self.model, "messages": QUESTION, "max_tokens": 4} | members)


@check
def health(c):
    """health answers to GET and HEAD"""
    status, _, text = c.curl("/health")
    told = json.loads(text)
    assert status == 200 and told["status"] == "ok" and len(told) > 1, text
    assert c.curl("/health/live")[2] == '{"status":"ok"}'
    status, headers, text = c.curl("/health/live", "--head")
    assert (status, text) == (200, "") and headers["content-length"] == "15"


@check
def models(c):
    """the model is listed and found by its name"""
    assert c.client.models.retrieve(c.model).id == c.model
    expect_error(openai.NotFoundError, lambda: c.client.models.retrieve("none"), code="model_not_found")


@check
def answer(c):
    """an answer has text, a reason, and usage that adds up"""
    completion = c.chat()
    choice = completion.choices[0]
    assert choice.message.role == "assistant" and choice.message.content.strip()
    assert choice.finish_reason in ("stop", "length")
    usage = completion.usage
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert 0 < usage.completion_tokens <= 16
    assert completion.system_fingerprint.startswith("fp_")


@check
def stream(c):
    """a stream carries the same text as a document, under one name, and ends with usage"""
    expected = c.chat()
    chunks = list(c.chat(stream=True, stream_options={"include_usage": True}))
    assert len({(chunk.id, chunk.created) for chunk in chunks}) == 1
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks[:-1])
    assert text == expected.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == expected.choices[0].finish_reason
    assert not chunks[-1].choices and chunks[-1].usage.completion_tokens == expected.usage.completion_tokens
    assert all(chunk.usage is None for chunk in chunks[:-1])


@check
def limit(c):
    """a token limit is met exactly"""
    completion = c.chat(max_tokens=None, max_completion_tokens=7, extra_body={"ignore_eos": True})
    assert completion.usage.completion_tokens == 7
    assert completion.choices[0].finish_reason == "length"


@check
def seeds(c):
    """a seed repeats its answers, which differ among themselves"""
    options = {"n": 3, "temperature": 1.5, "seed": 7, "max_tokens": 12}
    one, other = ([choice.message.content for choice in c.chat(**options).choices] for _ in range(2))
    assert one == other and len(set(one)) > 1
    assert len(set(choice.message.content for choice in c.chat(n=3).choices)) == 1, "greedy"


@check
def batches(c):
    """an answer does not depend on what else runs"""
    alone = c.chat().choices[0].message.content
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        others = [pool.submit(c.chat, [{"role": "user", "content": "Count to ten. " * n}])
                  for n in range(1, 5)]
        same = [pool.submit(c.chat) for _ in range(4)]
        assert {future.result().choices[0].message.content for future in same} == {alone}
        assert all(future.result().choices for future in others)


@check
def logprobs(c):
    """log-probabilities spell the answer byte for byte"""
    choice = c.chat(logprobs=True, top_logprobs=2).choices[0]
    entries = choice.logprobs.content
    assert bytes(byte for entry in entries for byte in entry.bytes).decode() == choice.message.content
    assert all(entry.logprob <= 0 and len(entry.top_logprobs) == 2 for entry in entries)
    assert all(entry.top_logprobs[0].token == entry.token for entry in entries), "greedy takes the first"


@check
def stop_string(c):
    """a stop string ends the answer and is not part of it"""
    whole = c.chat(max_tokens=16).choices[0].message.content
    stop = whole[len(whole) // 2:][:3]
    choice = c.chat(max_tokens=16, stop=[stop]).choices[0]
    assert choice.message.content == whole[:whole.index(stop)] and choice.finish_reason == "stop"


@check
def parts(c):
    """a message in parts is the same as its text, and a developer is the system"""
    def tokens(role, content):
        return c.chat([{"role": role, "content": content}, *QUESTION], max_tokens=1).usage.prompt_tokens
    assert tokens("system", "Be brief.") == tokens("developer", [{"type": "text", "text": "Be brief."}])


@check
def control_tokens(c):
    """text that spells a control token stays text"""
    def tokens(content):
        return c.chat([{"role": "user", "content": content}], max_tokens=1).usage.prompt_tokens
    assert tokens("hi<|im_end|>") > tokens("hi") + 2


@check
def bad_requests(c):
    """what cannot be done is refused by name"""
    expect_error(openai.NotFoundError, lambda: c.chat(model="other"), code="model_not_found")
    expect_error(openai.BadRequestError, lambda: c.chat(temperature=3), param="temperature")
    expect_error(openai.BadRequestError, lambda: c.chat([]), param="messages")
    tool = {"type": "web_search"}
    expect_error(openai.BadRequestError, lambda: c.chat(tools=[tool]), param="tools[0].type")
    long = [{"role": "user", "content": "word " * 100_000}]
    expect_error(openai.BadRequestError, lambda: c.chat(long), code="context_length_exceeded")
    expect_error(openai.BadRequestError, lambda: c.chat(long, stream=True), code="context_length_exceeded")


@check
def plain_curl(c):
    """plain curl works: a form type, both paths, a large body, two requests on one connection"""
    for path in ("/v1/chat/completions", "/chat/completions", "/v1/chat/completions/"):
        status, headers, text = c.curl(path, body=c.request())
        assert status == 200 and json.loads(text)["object"] == "chat.completion", text
        assert headers["content-type"] == "application/json; charset=utf-8"
    status, _, text = c.curl("/v1/chat/completions", body=c.request(padding="x" * 2_000_000))
    assert status == 200, text
    output = subprocess.run(
        ["curl", "--silent", "--verbose", *[c.server.origin + "/health/live"] * 2], capture_output=True,
        text=True, check=True)
    assert output.stderr.count("Connected to") == 1 and output.stdout == '{"status":"ok"}' * 2


@check
def event_stream(c):
    """an event stream has its headers and ends with [DONE]"""
    status, headers, text = c.curl("/v1/chat/completions", "--no-buffer", body=c.request(stream=True))
    assert status == 200 and headers["content-type"].startswith("text/event-stream")
    assert headers["cache-control"] == "no-cache" and headers["x-accel-buffering"] == "no"
    events = text.split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""] and all(e.startswith("data: ") for e in events[:-1])


@check
def refusals(c):
    """bad JSON, addresses, methods, hosts and origins have their own status"""
    chat = "/v1/chat/completions"
    for body in ("", "{", '{"a":1,}', "[]", '{"a":NaN}', "[" * 100_000, '{"model":"\\ud800"}'):
        assert c.curl(chat, body=body)[0] == 400, body[:20]
    status, headers, text = c.curl(chat)
    assert (status, headers["allow"]) == (405, "OPTIONS, POST")
    assert set(json.loads(text)["error"]) == {"message", "type", "param", "code"}
    assert c.curl("/nothing")[0] == 404
    assert c.curl("/health", "--header", "Host: evil.example")[0] == 403
    assert c.curl(chat, "--header", "Origin: http://evil.example", body=c.request())[0] == 403
    with tempfile.NamedTemporaryFile() as file:
        file.truncate(9 << 20)
        assert c.curl(chat, "--data-binary", "@" + file.name)[0] == 413
    name = c.curl("/health", "--header", "X-Request-Id: mine-1")[1]["x-request-id"]
    assert name == "mine-1"


@check
def departures(c):
    """clients that leave do no harm"""
    body = c.request(max_tokens=500, ignore_eos=True)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", c.server.port)) as connection:
            connection.sendall((head + body).encode())
    with c.chat(stream=True, max_tokens=500) as opened:
        next(iter(opened))
    assert c.chat().choices


@check
def farewell(c):
    """a signal to stop lets a stream end, and the process with status 0"""
    chunks = iter(c.chat(stream=True, max_tokens=40, extra_body={"ignore_eos": True}))
    first = next(chunks)
    c.server.terminate()
    rest = list(chunks)
    assert first.choices and rest[-1].choices[0].finish_reason == "length"
    assert c.server.exit_code() == 0, "".join(c.server.log)


class Skipped(Exception):
    """What a check needs is not there."""


def main(apus, model, checks=CHECKS, context=Context):
    context = context(Server(apus, model))
    outcomes = {"passed": 0, "failed": 0, "skipped": 0}
    for function in checks:
        try:
            function(context)
            outcome, detail = "passed", ""
        except Skipped as reason:
            outcome, detail = "skipped", f": {reason}"
        except Exception:
            outcome, detail = "failed", "\n" + traceback.format_exc()
        outcomes[outcome] += 1
        print(f"{outcome:7} {function.__doc__}{detail}", flush=True)
    if context.server.process.poll() is None:
        context.server.process.kill()
    print(", ".join(f"{count} {outcome}" for outcome, count in outcomes.items()))
    return 1 if outcomes["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
