"""Checks the command as its users meet it: output, input, addresses, warnings. Usage: command.py PATH_TO_APUS MODEL"""

import fcntl
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request

from checking import run_checks
from server import Server

CHECKS = []


def check(function):
    """Marks a function as a check; its first line of documentation is what it says."""
    CHECKS.append(function)
    return function


class Command:
    """The program and a model."""

    def __init__(self, apus, model):
        self.apus, self.model = apus, model

    def run(self, *arguments, **options):
        """Runs the command to its end."""
        pipes = {"stdin": subprocess.DEVNULL} if "input" not in options else {}
        for stream in ("stdout", "stderr"):
            if stream not in options:
                pipes[stream] = subprocess.PIPE
        return subprocess.run([self.apus, *arguments], timeout=120, **pipes, **options)

    def serve(self, *arguments, **options):
        """Runs a server that is expected to end by itself."""
        return self.run("serve", "--model", self.model, *arguments, text=True, **options)

    @property
    def results(self):
        """Commands that print a result, and end."""
        return [
            ["--version"], ["--help"], ["models"], ["inspect", self.model], ["check", self.model],
            ["tokenize", "--model", self.model, "some text"], ["serve", "--print-config"],
            ["generate", "--model", self.model, "--max-tokens", "3", "some text"],
            ["bench", "--model", self.model, "--prompt", "8", "--generate", "0", "--repetitions", "1"],
        ]


@check
def full(c):
    """a result that cannot be written is an error line and exit code 74"""
    for arguments in c.results:
        with open("/dev/full", "wb") as nowhere:
            result = c.run(*arguments, stdout=nowhere)
        assert result.returncode == 74, (arguments, result)
        assert result.stderr == b"apus: standard output cannot be written: No space left on device\n", result


@check
def left(c):
    """a reader that has left ends a command without a word"""
    for arguments in c.results:
        reading, writing = os.pipe()
        os.close(reading)
        result = c.run(*arguments, stdout=writing)
        os.close(writing)
        assert result.returncode == -signal.SIGPIPE and not result.stderr, (arguments, result)


@check
def mute(c):
    """messages that nobody can read change nothing"""
    with open("/dev/full", "wb") as nowhere:
        assert c.run("check", "/nothing", stderr=nowhere).returncode == 65
        assert c.serve("--host", "name.invalid", stderr=nowhere).returncode == 1
        assert c.run("generate", "--nothing", stderr=nowhere).returncode == 64
        result = c.run("check", c.model, stderr=nowhere)
        assert result.returncode == 0 and b"sound" in result.stdout, result


@check
def slow(c):
    """a full pipe that does not block is waited for"""
    whole = c.run("inspect", c.model, "--tensors").stdout
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writing, False)
    process = subprocess.Popen([c.apus, "inspect", c.model, "--tensors"], stdout=writing)
    os.close(writing)
    with open(reading, "rb") as stream:
        assert stream.read() == whole and len(whole) > 8192
    assert process.wait(60) == 0


@check
def input(c):
    """texts come from standard input too, where they are asked for or no terminal is there"""
    tokenize = ["tokenize", "--model", c.model, "--ids"]
    expected = c.run(*tokenize, "héllo").stdout
    assert re.fullmatch(rb"\d+( \d+)*\n", expected), expected
    for arguments in ([], ["-"]):
        assert c.run(*tokenize, *arguments, input="héllo\n".encode()).stdout == expected
    result = c.run(*tokenize, input=b"\xff")
    assert result.returncode == 64 and b"is not UTF-8" in result.stderr, result
    generate = ["generate", "--model", c.model, "--max-tokens", "5", "--temperature", "0"]
    assert c.run(*generate, input=b"The sky").stdout == c.run(*generate, "The sky").stdout
    result = c.run("perplexity", "--model", c.model, "--file", "/nothing")
    assert result.returncode == 64 and b"/nothing cannot be read" in result.stderr, result


@check
def taken(c):
    """addresses that cannot be had are told, with what helps"""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = c.serve("--port", str(port))
        assert result.returncode == 1 and f"port {port} of 127.0.0.1" in result.stderr, result
        assert "--port" in result.stderr and "errno" not in result.stderr, result
    for host in ("192.0.2.1", "name.invalid"):
        result = c.serve("--host", host)
        assert result.returncode == 1 and f"{host} " in result.stderr, result
        assert "--host" in result.stderr and "Error" not in result.stderr, result


def has_ipv6():
    """Whether this machine can talk to itself over IPv6."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        return True
    except OSError:
        return False


@check
def families(c):
    """the server listens on both addresses of localhost, and on one alone where that is named"""
    hosts = {"localhost": ["127.0.0.1", "[::1]"], "127.0.0.1": ["127.0.0.1"]}
    if has_ipv6():
        hosts["::1"] = hosts["[::1]"] = ["[::1]"]
    for host, reached in hosts.items():
        process = subprocess.Popen(
            [c.apus, "serve", "--model", c.model, "--port", "0", "--host", host],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            url = re.search(r"http://\S+", process.stdout.readline())[0]
            port = url.rsplit(":", 1)[1].split("/")[0]
            assert urllib.request.urlopen(f"{url}/models", timeout=60).status == 200
            for address in ("127.0.0.1", "[::1]") if has_ipv6() else ("127.0.0.1",):
                try:
                    status = urllib.request.urlopen(f"http://{address}:{port}/health", timeout=60).status
                except urllib.error.URLError:
                    status = None
                assert status == (200 if address in reached else None), (host, address, status)
        finally:
            process.terminate()
            assert process.wait(60) == 0


@check
def warnings(c):
    """what looks like a setting and is none, what was reduced, and an open door are said"""
    server = Server(
        c.apus, c.model, "--context", "100000", prepare=lambda: os.environ.update(APUS_PROT="1"))
    server.terminate()
    assert server.exit_code() == 0
    server.reader.join()
    text = "".join(server.log)
    assert "APUS_PROT is no setting" in text and "in place of 100000" in text, text
    server = Server(c.apus, c.model, "--cache-mib", "1", "--host", "0.0.0.0")
    server.terminate()
    assert server.exit_code() == 0
    server.reader.join()
    text = "".join(server.log)
    assert re.search(r"holds \d+ positions", text) and "--api-keys" in text, text


@check
def interrupted(c):
    """an interrupted server says how many answers it finishes, and a second signal ends it"""
    server = Server(c.apus, c.model)
    body = {"messages": [{"role": "user", "content": "Hi"}], "model": "x", "stream": True,
            "ignore_eos": True, "max_tokens": 4000}
    body["model"] = json.load(urllib.request.urlopen(f"{server.origin}/v1/models"))["data"][0]["id"]
    answer = urllib.request.urlopen(urllib.request.Request(
        f"{server.origin}/v1/chat/completions", json.dumps(body).encode()), timeout=60)
    assert answer.readline().startswith(b"data:")
    server.process.send_signal(signal.SIGINT)
    told = threading.Event()

    def read():
        while not any("Finishing 1 answer;" in line for line in list(server.log)):
            if not server.reader.is_alive():
                return
        told.set()

    threading.Thread(target=read, daemon=True).start()
    assert told.wait(60), "".join(server.log)
    server.process.send_signal(signal.SIGINT)
    server.exit_code()


@check
def weights(c):
    """models of Weights/ go by their names, and what comes with the program stands in for what was not fetched"""
    golden = pathlib.Path(__file__).parents[1] / "Goldens/tiny-gguf/llama_gqa_tied.gguf"
    with tempfile.TemporaryDirectory() as folder:
        weights = pathlib.Path(folder, "Weights")
        weights.mkdir()
        manifests = {
            "manifest.json": {"name": "large", "file": "large.gguf", "sha256": "0" * 64, "source": {}},
            "other.json": {"name": "other", "file": "other.gguf", "sha256": "0" * 64, "source": []},
        }

        def write(name, manifest):
            (weights / name).write_text(json.dumps(manifest))

        def inspect(*arguments):
            return c.run("inspect", *arguments, text=True, cwd=folder)

        for name, manifest in manifests.items():
            write(name, manifest)
        missing = inspect()
        assert missing.returncode == 64, missing
        assert "large.gguf is missing; run" in missing.stderr and "Weights/fetch first" in missing.stderr
        shutil.copy(golden, weights / "small.gguf")
        digest = hashlib.sha256(golden.read_bytes()).hexdigest()
        write("small.json", {"name": "small", "file": "small.gguf", "sha256": digest})
        stands_in = inspect()
        assert stands_in.returncode == 0 and stands_in.stdout, stands_in
        assert "large was not fetched; small" in stands_in.stderr, stands_in
        named = inspect("small")
        assert named.returncode == 0 and named.stdout == stands_in.stdout and not named.stderr, named
        not_there = inspect("other")
        assert "fetch --manifest other.json first" in not_there.stderr, not_there
        write("small.json", {"name": "small", "file": "../small.gguf", "sha256": digest})
        assert "not a plain file name" in inspect("small").stderr


def main(apus, model):
    command = Command(os.path.abspath(apus), os.path.abspath(model))
    return run_checks(CHECKS, lambda function: function(command))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
