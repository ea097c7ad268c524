"""Checks completions and embeddings as their clients see them. Usage: completions.py PATH_TO_APUS MODEL"""

import base64
import concurrent.futures
import json
import math
import struct
import sys

import openai

from checks import expect_error, main

CHECKS = []
TEXT = "The capital of France is"
TEXTS = [TEXT, "Once upon a time, there", "def add(a, b):\n    return", "🦆 naïve café:"]


def check(function):
    """Marks a function as a check; its first line of documentation is what it says."""
    CHECKS.append(function)
    return function


def complete(c, prompt=TEXT, **options):
    options = {"model": c.model, "temperature": 0, "max_tokens": 8} | options
    return c.client.completions.create(prompt=prompt, **options)


def lists(logprobs):
    """The four lists of a report."""
    return [logprobs.tokens, logprobs.token_logprobs, logprobs.top_logprobs, logprobs.text_offset]


@check
def answer(c):
    """a text is continued, by 16 tokens where nothing is said, and usage adds up"""
    completion = complete(c, max_tokens=None, extra_body={"ignore_eos": True})
    assert completion.object == "text_completion" and completion.choices[0].text.strip()
    assert completion.choices[0].finish_reason == "length"
    assert completion.usage.completion_tokens == 16
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + 16


@check
def stream(c):
    """a stream carries what the document does, with the prompt and log-probabilities before it"""
    for options in ({}, {"echo": True}, {"logprobs": 2}, {"echo": True, "logprobs": 1, "n": 2}):
        expected = complete(c, **options)
        chunks = list(complete(c, stream=True, stream_options={"include_usage": True}, **options))
        assert len({(chunk.id, chunk.created) for chunk in chunks}) == 1
        assert not chunks[-1].choices
        assert chunks[-1].usage.completion_tokens == expected.usage.completion_tokens
        for choice in expected.choices:
            own = [part for chunk in chunks for part in chunk.choices if part.index == choice.index]
            assert "".join(part.text for part in own) == choice.text, options
            assert own[-1].finish_reason == choice.finish_reason
            if choice.logprobs:
                parts = [lists(part.logprobs) for part in own if part.logprobs]
                joined = [sum(columns, []) for columns in zip(*parts)]
                assert joined == lists(choice.logprobs), options


@check
def several(c):
    """several prompts at once have the answers of each alone, in any form"""
    alone = [complete(c, text, logprobs=1, seed=3, temperature=0.9, n=2).choices for text in TEXTS]
    together = complete(c, TEXTS, logprobs=1, seed=3, temperature=0.9, n=2).choices
    assert [choice.index for choice in together] == list(range(8))
    for prompt, choices in enumerate(alone):
        for sample, choice in enumerate(choices):
            other = together[2 * prompt + sample]
            assert (other.text, lists(other.logprobs)) == (choice.text, lists(choice.logprobs))
    assert len({choice.text for choice in together}) == 8


@check
def scoring(c):
    """a text is scored with the log-probabilities with which it was written, to the last bit"""
    written = complete(c, echo=True, logprobs=3, max_tokens=12).choices[0]
    scored = complete(c, written.text, echo=True, logprobs=3, max_tokens=0)
    choice = scored.choices[0]
    assert choice.text == written.text and choice.finish_reason == "length"
    assert scored.usage.completion_tokens == 0
    assert choice.logprobs.tokens == written.logprobs.tokens[:len(choice.logprobs.tokens)]
    assert lists(choice.logprobs) == [column[:len(choice.logprobs.tokens)]
                                      for column in lists(written.logprobs)]
    assert choice.logprobs.token_logprobs[0] is None and choice.logprobs.top_logprobs[0] is None
    assert all(value <= 0 for value in choice.logprobs.token_logprobs[1:])
    offsets, tokens = choice.logprobs.text_offset, choice.logprobs.tokens
    assert all(choice.text[offset:].startswith(token) for offset, token in zip(offsets, tokens))


@check
def scoring_beside_others(c):
    """scores do not depend on what else runs or was cached"""
    text = " ".join(TEXTS) * 12
    expected = lists(complete(c, text, echo=True, logprobs=2, max_tokens=1).choices[0].logprobs)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        others = [pool.submit(complete, c, text[n:], max_tokens=20) for n in range(1, 5)]
        same = [pool.submit(complete, c, text, echo=True, logprobs=2, max_tokens=1) for _ in range(3)]
        for future in same:
            assert lists(future.result().choices[0].logprobs) == expected
        assert all(future.result().choices for future in others)
    entry = complete(c, text, extra_body={"prompt_logprobs": 1}).choices[0].prompt_logprobs
    assert entry[0] is None
    assert [next(iter(e.values()))["logprob"] for e in entry[1:]] == expected[1][1:len(entry)]


@check
def prompt_logprobs(c):
    """prompt_logprobs names tokens by number, with rank and text, in completions and chats"""
    entries = complete(c, extra_body={"prompt_logprobs": 2}).choices[0].prompt_logprobs
    tokens = [next(iter(entry.items())) for entry in entries[1:]]
    assert TEXT.endswith("".join(value["decoded_token"] for _, value in tokens))
    for entry in entries[1:]:
        ranks = {value["rank"]: value["logprob"] for value in entry.values()}
        assert {1, 2} <= set(ranks) and len(ranks) == len(entry) <= 3
        assert [ranks[rank] for rank in sorted(ranks)] == sorted(ranks.values(), reverse=True)
    ids = [int(number) for number, _ in tokens]
    again = complete(c, ids, extra_body={"prompt_logprobs": 0}).choices[0].prompt_logprobs
    assert [int(next(iter(entry))) for entry in again[1:]] == ids[1:]
    chat = c.chat(extra_body={"prompt_logprobs": 1})
    assert len(chat.prompt_logprobs) == chat.usage.prompt_tokens


@check
def best_of(c):
    """the best of several answers are told, by the mean log-probability of their tokens"""
    options = {"temperature": 1.3, "seed": 11, "logprobs": 0}
    every = complete(c, n=6, **options).choices
    best = complete(c, n=2, best_of=6, **options)

    def mean(choice):
        return math.fsum(choice.logprobs.token_logprobs) / len(choice.logprobs.token_logprobs)

    expected = sorted(every, key=mean, reverse=True)[:2]
    assert [choice.text for choice in best.choices] == [choice.text for choice in expected]
    assert best.usage.completion_tokens > sum(len(x.logprobs.tokens) for x in best.choices)


@check
def refusals(c):
    """what completions and embeddings cannot do is refused by name"""
    def refused(call, param):
        expect_error(openai.BadRequestError, call, param=param)
    refused(lambda: complete(c, suffix="."), "suffix")
    refused(lambda: complete(c, []), "prompt")
    refused(lambda: complete(c, [10 ** 9]), "prompt")
    refused(lambda: complete(c, best_of=1, n=2), "best_of")
    refused(lambda: complete(c, "word " * 100_000), "prompt")
    refused(lambda: embed(c, ""), "input")
    refused(lambda: embed(c, []), "input")
    refused(lambda: embed(c, "a", dimensions=100_000), "dimensions")
    expect_error(openai.NotFoundError, lambda: complete(c, model="other"), code="model_not_found")


def embed(c, texts, **options):
    return c.client.embeddings.create(input=texts, model=c.model, **options)


def vectors(response):
    assert [entry.index for entry in response.data] == list(range(len(response.data)))
    return [entry.embedding for entry in response.data]


def cosine(one, other):
    return math.fsum(a * b for a, b in zip(one, other))


@check
def embeddings(c):
    """embeddings are of length one, like texts near each other, alone as in a batch"""
    texts = ["The cat sleeps on the sofa.", "A kitten is napping on the couch.",
             "Interest rates rose by half a percent."]
    response = embed(c, texts)
    one, other, third = vectors(response)
    assert response.usage.total_tokens == response.usage.prompt_tokens > 20
    assert all(abs(cosine(v, v) - 1) < 1e-5 for v in (one, other, third))
    assert cosine(one, other) > cosine(one, third)
    many = vectors(embed(c, [f"{text} ({n})" for n in range(20) for text in TEXTS] + texts))
    assert many[-3:] == [one, other, third]


@check
def embedding_forms(c):
    """vectors come as base64 or numbers, of any dimensions, by their mean or their last state"""
    text = TEXTS[3]
    packed = json.loads(c.curl("/v1/embeddings", body=json.dumps(
        {"model": c.model, "input": text, "encoding_format": "base64"}))[2])["data"][0]["embedding"]
    raw = base64.b64decode(packed)
    values = list(struct.unpack(f"<{len(raw) // 4}f", raw))
    floats = vectors(embed(c, text, encoding_format="float"))[0]
    assert [struct.unpack("<f", struct.pack("<f", value))[0] for value in floats] == values
    assert vectors(embed(c, text))[0] == values, "the client asks for base64"
    short = vectors(embed(c, text, dimensions=32))[0]
    norm = math.sqrt(cosine(values[:32], values[:32]))
    assert len(short) == 32 and all(abs(s - v / norm) < 1e-6 for s, v in zip(short, values))
    assert vectors(embed(c, text, extra_body={"pooling": "last"}))[0] != values
    assert len(vectors(embed(c, [[504, 3575], [282]]))) == 2


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:], checks=CHECKS))
