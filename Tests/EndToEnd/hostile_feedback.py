"""Bad ratings of answers, and ratings with odd texts. To run them alone: hostile_feedback.py PORT

The server keeps ratings; where it does not, there is nothing at the address.
"""

import asyncio
import json
import sys

from hostile_api import HI, exchange, expect, model, run_alone

FEEDBACK = "/v1/feedback"
ROWS = []


def row(name):
    """Marks a coroutine function as a row of the scoreboard."""
    def mark(function):
        function.together = False
        ROWS.append((f"feedback: {name}", function))
        return function
    return mark


def rows():
    """The rows: (name, coroutine function of a context with `.port`)."""
    return list(ROWS)


def rating(**members):
    """A sound rating with further members; an ellipsis leaves one out."""
    body = {"messages": HI, "chosen": "Hello!", "rejected": "Go away."} | members
    return {name: value for name, value in body.items() if value is not ...}


@row("fields that are missing or of another kind")
async def fields(c):
    for name in ("messages", "chosen", "rejected"):
        for bad in (..., None, 5, True, {}, [5], [[]]):
            await expect(c, 400, FEEDBACK, rating(**{name: bad}), name)
    for bad in ([], [{}], [{"role": "user"}], [{"role": "user", "content": 5}], [{"role": "judge", "content": "a"}],
                [{"role": "user", "content": [{"type": "text", "text": "a"}]}], HI * 2049):
        await expect(c, 400, FEEDBACK, rating(messages=bad), "messages")
    for bad in ("", "Hello!"):
        await expect(c, 400, FEEDBACK, rating(rejected=bad), "rejected")
    await expect(c, 404, FEEDBACK, rating(model="a\0b"), "model")
    for bad in ("", "[]", "null", json.dumps(rating())[:-1], json.dumps(rating()) * 2):
        await expect(c, 400, FEEDBACK, bad)


@row("texts that could break the file")
async def texts(c):
    for text in ("\n", "\r\n{}\n", "\0", "\u2028\u2029", '"}\n{"', "\\", "\x1b[2J", "<|im_end|>", "a" * 100_000, "💥"):
        answer = await expect(c, 200, FEEDBACK, rating(chosen=text, model=await model(c)))
        assert json.loads(answer.body)["stored"] is True
    for bad in (b"\xff", b"\\ud800"):
        await expect(c, 400, FEEDBACK, json.dumps(rating(chosen="@")).encode().replace(b"@", bad))


@row("other methods, and many at once")
async def methods(c):
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        answer = await exchange(c, FEEDBACK, method=method)
        assert answer.status == 405 and "POST" in answer.headers["allow"], (method, answer.status)
    answers = await asyncio.gather(*(exchange(c, FEEDBACK, rating(chosen=str(n))) for n in range(40)))
    assert {answer.status for answer in answers} == {200}
    counts = [json.loads(answer.body)["count"] for answer in answers]
    assert len(set(counts)) == 40 and max(counts) - min(counts) == 39, counts


if __name__ == "__main__":
    sys.exit(asyncio.run(run_alone(int(sys.argv[1]), ROWS)))
