"""Checks vectors and scores of texts with OpenAI's client and plain requests. Usage: encoders.py PATH_TO_APUS

The models are tiny random ones beside the tests, whose vectors and scores another program computed.
"""

import json
import math
import pathlib
import sys
import urllib.error
import urllib.request

import openai

from server import Server

TINY = pathlib.Path(__file__).parents[1] / "Goldens/tiny"


def post(server, path, body):
    """The status and the document of an answer."""
    request = urllib.request.Request(server.origin + path, data=json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def near(found, expected):
    return len(found) == len(expected) and all(
        abs(a - b) < 1e-5 for a, b in zip(found, expected, strict=True))


def vectors(server, reference):
    """OpenAI's client gets the reference's vectors, as numbers and in base64"""
    client = openai.OpenAI(base_url=server.origin + "/v1", api_key="none", max_retries=0)
    model = client.models.list().data[0].id
    for options in ({}, {"encoding_format": "float"}):
        answer = client.embeddings.create(
            model=model, input=[reference["text"], "ships"], **options)
        assert near(answer.data[0].embedding, reference["embedding"])
        assert answer.usage.prompt_tokens > len(reference["input_ids"])
    tokens = client.embeddings.create(model=model, input=reference["input_ids"]).data[0].embedding
    assert near(tokens, reference["embedding"])
    short = client.embeddings.create(model=model, input="ships", dimensions=8).data[0].embedding
    assert len(short) == 8 and abs(math.hypot(*short) - 1) < 1e-5


def prompts(server, reference):
    """a prompt by name is like its text in front, and an unknown one is refused"""
    def vector(**fields):
        status, answer = post(server, "/v1/embeddings", {"model": "tiny", **fields})
        assert status == 200, answer
        return answer["data"][0]["embedding"]
    assert vector(input="ships", prompt_name="query") == vector(input="query: ships")
    status, answer = post(
        server, "/v1/embeddings", {"model": "tiny", "input": "a", "prompt_name": "x"})
    assert status == 400 and answer["error"]["param"] == "prompt_name"


def hostile(server, reference):
    """inputs that are empty, too long, too many or of a wrong type are refused with 400, and by name"""
    cases = [
        ("", "input"), ([], "input"), ([""], "input"), ([[]], "input[0]"), (["a"] * 10_000, "input"),
        ("a " * 5_000, "input"), (7, "input"), ({"a": 1}, "input"), ([True], "input[0]"),
        ([[1, "a"]], "input[0]"), ([[-1]], "input[0]"), ([10**9], "input"), (None, "input"),
    ]
    for value, name in cases:
        status, answer = post(server, "/v1/embeddings", {"model": "tiny", "input": value})
        error = answer["error"]
        assert status == 400 and set(error) == {"message", "type", "param", "code"}, (value, answer)
        assert error["param"] in (name, name.split("[")[0]), (str(value)[:40], error)
    status, answer = post(server, "/v1/chat/completions", {
        "model": "tiny", "messages": [{"role": "user", "content": "Hi"}]})
    assert status == 400 and answer["error"]["code"] == "unsupported_task"


def scores(server, reference):
    """scores are the reference's, and the best document is the first"""
    documents = [pair["document"] for pair in reference["pairs"]]
    expected = [pair["score"] for pair in reference["pairs"]]
    status, answer = post(server, "/v1/score", {
        "model": "tiny", "text_1": reference["query"], "text_2": documents})
    assert status == 200 and near([entry["score"] for entry in answer["data"]], expected), answer
    for path in ("/rerank", "/v1/rerank", "/v2/rerank"):
        status, answer = post(server, path, {
            "model": "tiny", "query": reference["query"], "documents": documents})
        order = sorted(range(len(expected)), key=lambda index: -expected[index])
        assert status == 200 and [entry["index"] for entry in answer["results"]] == order


CHECKS = {"embedding_gemma_dense": [vectors, prompts, hostile], "xlmr_rerank": [scores]}


def main(apus):
    failures = 0
    for name, checks in CHECKS.items():
        reference = json.loads((TINY / name / "reference.json").read_text())
        server = Server(apus, str(TINY / name), "--name", "tiny")
        try:
            for check in checks:
                try:
                    check(server, reference)
                    print(f"passed  {name}: {check.__doc__}")
                except AssertionError as error:
                    failures += 1
                    print(f"FAILED  {name}: {check.__doc__}\n  {error}")
            server.terminate()
            assert server.exit_code() == 0
        finally:
            server.kill()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
