"""Sends the examples of Documentation/ to a server and compares the answers.

Usage: documentation.py PATH_TO_APUS MODEL

An example is two blocks marked `http`: a request, and the whole answer to it. In the answer `…` stands
for what differs from time to time: a value, or the rest of a line. An answer that ends in a line of
`⋮` has more than is shown.
"""

import http.client
import json
import pathlib
import re
import sys
import tempfile

from server import Server

PAGES = pathlib.Path(__file__).parents[2] / "Documentation"
RERANKER = pathlib.Path(__file__).parents[1] / "Goldens/tiny/bert_rerank"
BLOCK = re.compile(r"^```http\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REQUEST = re.compile(r"(GET|POST|DELETE) (\S+)\n(.*)", re.DOTALL)
MORE = "⋮"


def examples():
    """Pairs of a request and an answer, with the name of their page."""
    for page in sorted(PAGES.rglob("*.md")):
        blocks = BLOCK.findall(page.read_text())
        assert len(blocks) % 2 == 0, f"{page.name}: a request without its answer"
        for request, answer in zip(blocks[::2], blocks[1::2]):
            yield page.name, REQUEST.fullmatch(request), answer


def headers_and_body(text):
    """The lines before the first empty line, and what follows it."""
    head, _, body = ("\n" + text).partition("\n\n")
    return head.strip("\n").splitlines(), body


def same(expected, found, place):
    """Compares two JSON values; an ellipsis is like any value."""
    if expected == "…":
        return
    assert type(expected) is type(found), f"{place}: {expected!r}, but there is {found!r}"
    if isinstance(expected, dict):
        assert list(expected) == list(found), f"{place}: {list(expected)}, but there is {list(found)}"
        for name, value in expected.items():
            same(value, found[name], f"{place}.{name}")
    elif isinstance(expected, list):
        assert len(expected) == len(found), f"{place}: {len(expected)} elements, not {len(found)}"
        for index, value in enumerate(expected):
            same(value, found[index], f"{place}[{index}]")
    else:
        assert expected == found, f"{place}: {expected!r}, but there is {found!r}"


def same_lines(expected, found):
    """Compares texts line by line, and the JSON behind `data: `; the first may end early."""
    lines = expected.rstrip("\n").splitlines()
    if lines[-1] == MORE:
        lines = lines[:-1]
    else:
        assert len(lines) == len(found.rstrip("\n").splitlines()), found
    assert lines, "an answer of which nothing is shown"
    for line, other in zip(lines, found.splitlines(), strict=False):
        if line.startswith("data: {"):
            same(json.loads(line[6:]), json.loads(other[6:]), "data")
        else:
            pattern = re.escape(line).replace("…", ".*")
            assert re.fullmatch(pattern, other), f"{line!r}, but there is {other!r}"


def check(server, request, answer):
    method, path, rest = request.groups()
    fields, body = headers_and_body(rest)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    connection.request(
        method, path, body=body or None, headers=dict(line.split(": ", 1) for line in fields))
    response = connection.getresponse()
    found = response.read().decode()
    (status, *fields), expected = headers_and_body(answer)
    assert status == f"HTTP/1.1 {response.status} {response.reason}", f"{response.status} {found}"
    for name, value in (line.split(": ", 1) for line in fields):
        assert response.getheader(name) == value, f"{name}: {response.getheader(name)}"
    if response.getheader("Content-Type").startswith("application/json"):
        same(json.loads(expected), json.loads(found), "answer")
    else:
        same_lines(expected, found)
    connection.close()


def check_all(apus, model, name, chosen):
    """Runs some examples against a model; returns how many failed."""
    folder = tempfile.TemporaryDirectory()
    server = Server(apus, model, "--name", name, "--feedback-file", f"{folder.name}/ratings.jsonl")
    failures = 0
    try:
        for page, request, answer in chosen:
            title = f"{page}: {request[1]} {request[2]}" if request else page
            try:
                assert request, "a block that is no request"
                check(server, request, answer)
                print(f"passed  {title}")
            except AssertionError as error:
                failures += 1
                print(f"FAILED  {title}\n  {error}")
        server.terminate()
        assert server.exit_code() == 0
    finally:
        server.kill()
        folder.cleanup()
    return failures


def main(apus, model):
    known = list(examples())
    reranking = [example for example in known if example[0] == "Rerank.md"]
    others = [example for example in known if example[0] != "Rerank.md"]
    failures = check_all(apus, model, "smollm2", others)
    failures += check_all(apus, str(RERANKER), "reranker", reranking)
    print(f"{len(known) - failures} of {len(known)} examples are as documented")
    return 1 if failures or len(known) < 20 or not reranking else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
