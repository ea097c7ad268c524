"""Checks what an operator relies on: settings, keys, limits and logs. Usage: operation.py PATH_TO_APUS MODEL"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from checking import run_checks
from server import Server

ANN, BOB, NEW = "sk-ann-0123456789abcdef", "sk-bob-0123456789abcdef", "sk-new-0123456789abcdef"
CANARY = "canary-4711"
CHECKS = []


def check(function):
    """Marks a function as a check; its first line of documentation is what it says."""
    CHECKS.append(function)
    return function


class Context:
    """A folder with the files of settings and keys, and a server that runs with them."""

    def __init__(self, apus, model):
        self.apus, self.model = apus, model
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="apus-operation-"))
        self.keys = self.folder / "keys"
        self.keys.write_text(f"# people\nann:{ANN}\n")
        self.keys.chmod(0o600)
        self.config = self.folder / "apus.conf"
        self.config.write_text(
            f"api-keys = {self.keys}\nrequests-per-minute = 30 # few\nlog-format = json\n"
            "name = from-file\nparallel = 4\n")
        os.environ["APUS_API_KEYS"] = f"bob:{BOB}"
        os.environ["APUS_NAME"] = "from-environment"
        self.server = Server(apus, model, "--config", str(self.config), "--parallel", "8")

    def call(self, path, key=None, body=None, headers={}):
        """Returns status, headers and body."""
        headers = dict(headers) | ({"Authorization": f"Bearer {key}"} if key else {})
        request = urllib.request.Request(
            self.server.origin + path, data=body and json.dumps(body).encode(), headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, response.headers, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def ask(self, key, **members):
        """Asks for five tokens, no more and no fewer."""
        message = {"role": "user", "content": f"Say {CANARY}."}
        return self.call("/v1/chat/completions", key, {
            "model": "from-environment", "messages": [message], "max_tokens": 5,
            "temperature": 0, "ignore_eos": True} | members,
            {"X-Request-Id": "mine-1"})

    def run(self, *arguments, **environment):
        return subprocess.run(
            [self.apus, "serve", *arguments], env=os.environ | environment, text=True,
            capture_output=True, timeout=60)

    def lines(self, **fields):
        """Logged documents that have these fields; waits until there is one."""
        deadline = time.monotonic() + 60
        while True:
            documents = [json.loads(line) for line in list(self.server.log) if line.startswith("{")]
            found = [d for d in documents if all(d.get(k) == v for k, v in fields.items())]
            if found or time.monotonic() > deadline:
                return found
            time.sleep(0.02)


@check
def settings(c):
    """settings come from flags, the environment and a file, in this order, and are listed so"""
    result = c.run("--config", str(c.config), "--parallel", "8", "--print-config")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert "parallel = 8  # command line" in lines, lines
    assert "name = from-environment  # APUS_NAME" in lines, lines
    assert f"requests-per-minute = 30  # {c.config}:2" in lines, lines
    assert "port = 8080  # default" in lines, lines
    assert ANN not in result.stdout and BOB not in result.stdout
    again = c.folder / "again.conf"
    again.write_text(result.stdout)
    listed = c.run("--config", str(again), "--print-config").stdout
    values = [line.split("  # ")[0] for line in listed.splitlines()]
    assert values == [line.split("  # ")[0] for line in lines]


@check
def faults(c):
    """a fault in a file or variable is told with its place, and nothing is served"""
    bad = c.folder / "bad.conf"
    for text, place in [
            ("prot = 1", f"{bad}:1: there is no setting prot"), ("\nport = x", f"{bad}:2: "),
            ("port = 99999", f"{bad}:1: "), ("port", f"{bad}:1: ")]:
        bad.write_text(text)
        result = c.run("--config", str(bad))
        assert result.returncode != 0 and place in result.stderr, (text, result.stderr)
    result = c.run(APUS_PORT="tcp://10.0.0.1:8080")
    assert result.returncode != 0 and "APUS_PORT: " in result.stderr, result.stderr
    assert c.run("--config", str(c.folder / "none")).returncode != 0
    weak = c.folder / "weak"
    weak.write_text("ann:weak-secret")
    result = c.run("--api-keys", str(weak), "--model", c.model)
    assert result.returncode != 0 and f"{weak}:1" in result.stderr, result.stderr
    assert "weak-secret" not in result.stderr


@check
def doors(c):
    """without a key only health answers, and with one everything does"""
    for path in ("/health", "/health/live", "/health/ready"):
        assert c.call(path)[0] == 200
    for path in ("/metrics", "/v1/models", "/v1/chat/completions", "/nothing"):
        for key in (None, ANN + "x", ANN[:-1]):
            status, headers, text = c.call(path, key)
            assert status == 401 and headers["www-authenticate"] == "Bearer", (path, text)
            assert json.loads(text)["error"]["code"] == "invalid_api_key"
        assert c.call(f"{path}?api_key={ANN}")[0] == 401
    assert c.call("/v1/models", ANN)[0] == c.call("/v1/models", BOB)[0] == 200
    assert c.ask(ANN)[0] == 200


@check
def log(c):
    """each request is one JSON line, with the key's name and without text or key"""
    line = c.lines(message="request", client="ann", status=200, request="mine-1")[0]
    assert line["route"] == "/v1/chat/completions" and line["completion_tokens"] == 5, line
    assert line["finish"] == "length" and line["prompt_tokens"] > 5, line
    assert 0 < line["prefill_ms"] + line["decode_ms"] + line["queue_ms"] <= line["total_ms"], line
    assert c.ask(BOB, stream=True)[0] == 200
    assert c.lines(client="bob", route="/v1/chat/completions")[0]["completion_tokens"] == 5
    assert c.lines(error="invalid_api_key", status=401)
    for line in c.server.log:
        assert not any(secret in line for secret in (CANARY, ANN, BOB, NEW)), line


@check
def rates(c):
    """a key that is used up waits as long as it is told, and others do not"""
    status, headers = 200, {}
    for _ in range(40):
        status, headers, text = c.call("/v1/models", BOB)
        if status != 200:
            break
    assert status == 429 and 1 <= int(headers["retry-after"]) <= 2, (status, dict(headers))
    assert json.loads(text)["error"]["code"] == "rate_limit_exceeded"
    assert c.call("/v1/models", ANN)[0] == 200
    time.sleep(int(headers["retry-after"]))
    assert c.call("/v1/models", BOB)[0] == 200
    metrics = c.call("/metrics", ANN)[2]
    assert 'apus:request_rejections_total{reason="rate_limit"}' in metrics
    assert not any(secret in metrics for secret in (CANARY, ANN, BOB))


@check
def reload(c):
    """a signal has the keys read again, and a file that is not sound changes nothing"""
    c.keys.write_text(f"carl:{NEW}\n")
    c.server.process.send_signal(signal.SIGHUP)
    assert c.lines(message="Keys were read again")
    assert c.call("/v1/models", NEW)[0] == 200 and c.call("/v1/models", ANN)[0] == 401
    c.keys.write_text("carl\n")
    c.server.process.send_signal(signal.SIGHUP)
    assert "keys:1" in c.lines(message="The keys stay as they were")[0]["error"]
    assert c.call("/v1/models", NEW)[0] == 200


@check
def farewell(c):
    """a signal to stop still ends the process with status 0"""
    c.server.terminate()
    assert c.server.exit_code() == 0, "".join(c.server.log)


def main(apus, model):
    context = Context(apus, model)
    status = run_checks(CHECKS, lambda function: function(context))
    context.server.kill()
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
