"""Checks HTTP/2 with the clients that people use. Usage: http2.py PATH_TO_APUS MODEL"""

import json
import re
import shutil
import subprocess
import sys
import tempfile

import httpx
import openai

from checks import Skipped, main

CHECKS = []
QUESTION = [{"role": "user", "content": "Name the capital of France."}]


def check(function):
    """Marks a function as a check; its first line of documentation is what it says."""
    CHECKS.append(function)
    return function


def run(tool, *arguments, body=None):
    """The output of a command."""
    if shutil.which(tool) is None:
        raise Skipped(f"{tool} is not installed")
    return subprocess.run([tool, *arguments], input=body, capture_output=True, check=True, text=True,
                          timeout=120).stdout


class Context:
    """The server, and a client that speaks HTTP/2 only."""

    def __init__(self, server):
        self.server = server
        self.client = openai.OpenAI(
            base_url=server.origin + "/v1", api_key="none", max_retries=0,
            http_client=httpx.Client(http1=False, http2=True, timeout=120))
        self.model = self.client.models.list().data[0].id

    def chat(self, **options):
        options = {"model": self.model, "messages": QUESTION, "temperature": 0, "max_tokens": 16} | options
        return self.client.chat.completions.create(**options)

    def request(self, **options):
        return json.dumps({"model": self.model, "messages": QUESTION, "max_tokens": 8} | options)

    def curl(self, path, *arguments, body=None):
        """Status line, headers and body as curl gets them."""
        arguments = ["--http2-prior-knowledge", "--silent", "--show-error", "--include", *arguments]
        if body is not None:
            arguments += ["--data-binary", "@-"]
        head, _, text = run("curl", *arguments, self.server.origin + path, body=body).partition("\n\n")
        status, *fields = head.splitlines()
        return status.strip(), dict(field.split(": ", 1) for field in fields), text


@check
def plain(c):
    """curl gets an answer with its headers, on the port of HTTP/1.1"""
    status, fields, text = c.curl("/health/live")
    assert status == "HTTP/2 200" and text == '{"status":"ok"}', status
    assert fields["content-type"] == "application/json; charset=utf-8" and fields["content-length"] == str(len(text))
    assert fields["date"].endswith(" GMT") and fields["x-request-id"].startswith("req_")
    assert run("curl", "--silent", c.server.origin + "/health/live") == text
    status, fields, text = c.curl("/health/live", "--head")
    assert status == "HTTP/2 200" and not text and fields["content-length"] == "15"


@check
def refusals(c):
    """errors have their statuses"""
    chat = "/v1/chat/completions"
    for status, path, options, body in [
            (404, "/nothing", [], None), (405, chat, [], None), (400, chat, [], "{"),
            (403, "/health", ["--header", "Host: evil.example"], None),
            (403, chat, ["--header", "Origin: http://evil.example"], c.request())]:
        found, fields, text = c.curl(path, *options, body=body)
        assert found == f"HTTP/2 {status}", f"{found}, not {status}"
        assert set(json.loads(text)["error"]) == {"message", "type", "param", "code"}
    assert c.curl(chat, "--request", "OPTIONS")[0] == "HTTP/2 204"


@check
def uploads(c):
    """a body of two megabytes is read, and one of nine is refused"""
    chat = "/v1/chat/completions"
    status, _, text = c.curl(chat, body=c.request(user="x" * 2_000_000))
    assert status in ("HTTP/2 200", "HTTP/2 400"), status
    assert c.curl(chat, body=c.request(padding="x" * 9_000_000))[0] == "HTTP/2 413"


@check
def streams(c):
    """an event stream comes event by event, and is the same as over HTTP/1.1"""
    status, fields, text = c.curl("/v1/chat/completions", "--no-buffer", body=c.request(stream=True, temperature=0))
    assert status == "HTTP/2 200" and fields["content-type"].startswith("text/event-stream")
    assert text.split("\n\n")[-2:] == ["data: [DONE]", ""]
    plain = run("curl", "--silent", "--data-binary", "@-", c.server.origin + "/v1/chat/completions",
                body=c.request(stream=True, temperature=0))

    def told(events):
        return re.sub(r'"(id|created)":("[^"]*"|\d+)', "", events)
    assert told(plain) == told(text)


@check
def package(c):
    """the openai package works with httpx and h2"""
    whole = c.chat().choices[0].message.content
    with c.chat(stream=True) as chunks:
        pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(pieces) == whole and len(pieces) > 3


@check
def nghttp(c):
    """nghttp gets several answers on one connection"""
    urls = [c.server.origin + path for path in ("/health/live", "/v1/models", "/health", "/nothing")]
    output = run("nghttp", "--verbose", "--no-dep", *urls)
    assert sorted(re.findall(r":status: (\d+)", output)) == ["200", "200", "200", "404"], output
    assert "GOAWAY" not in output.split("send GOAWAY")[0]


@check
def load(c):
    """h2load has 10 000 requests answered without an error"""
    output = run("h2load", "-n", "10000", "-c", "8", "-m", "16", c.server.origin + "/health/live")
    assert "10000 succeeded, 0 failed, 0 errored, 0 timeout" in output, output
    assert "10000 2xx, 0 3xx, 0 4xx, 0 5xx" in output, output
    print("       ", re.search(r"finished in .*", output)[0])


@check
def streaming_load(c):
    """h2load has 40 streams answered without an error"""
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(c.request(stream=True))
        file.flush()
        output = run("h2load", "-n", "40", "-c", "2", "-m", "8", "-d", file.name,
                     c.server.origin + "/v1/chat/completions")
    assert "40 succeeded, 0 failed, 0 errored, 0 timeout" in output, output
    assert "40 2xx, 0 3xx, 0 4xx, 0 5xx" in output, output


@check
def farewell(c):
    """a signal to stop lets a stream end, and the process with status 0"""
    # With curl, because httpx gives up all streams at the first word of an end.
    body = c.request(stream=True, max_tokens=40, ignore_eos=True)
    command = ["curl", "--http2-prior-knowledge", "--silent", "--no-buffer", "--data-binary", body]
    with subprocess.Popen([*command, c.server.origin + "/v1/chat/completions"], stdout=subprocess.PIPE,
                          text=True) as curl:
        assert curl.stdout.readline().startswith("data: ")
        c.server.terminate()
        rest = curl.stdout.read()
    assert curl.returncode == 0 and rest.endswith("data: [DONE]\n\n") and '"length"' in rest
    assert c.server.exit_code() == 0, "".join(c.server.log)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:], checks=CHECKS, context=Context))
