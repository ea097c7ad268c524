"""Ways to choose tokens, and gaps to be filled, that mean harm, each with the answer that is right.

`rows()` lists them. To run them alone: hostile_sampling.py PORT
"""

import asyncio
import sys

from hostile_api import CHAT, COMPLETIONS, RENDER, chat, expect, model, run_alone

ROWS = []


def row(name):
    """Marks a coroutine function as a row of the scoreboard."""
    def mark(function):
        function.together = False
        ROWS.append((f"sampling: {name}", function))
        return function
    return mark


def rows():
    """The rows: (name, coroutine function of a context with `.port`)."""
    return list(ROWS)


@row("samplers at their limits, over a prompt that repeats itself")
async def samplers(c):
    words = [{"role": "user", "content": "a b " * 1500}]
    for members in (
            {"dry_multiplier": 100, "dry_base": 100, "dry_allowed_length": 1},
            {"dry_multiplier": 1e-30, "dry_sequence_breakers": ["\0", "a" * 128, "\u00e9"]},
            {"typical_p": 0}, {"typical_p": 1e-30}, {"top_n_sigma": 1e-30}, {"xtc_probability": 1, "xtc_threshold": 0},
            {"typical_p": 0.5, "top_n_sigma": 1, "xtc_probability": 1, "dry_multiplier": 1, "temperature": 2,
             "top_p": 0, "top_k": 1, "min_p": 1, "logit_bias": {"1": -100}}):
        sound = {"temperature": 1, "max_tokens": 4, "messages": words} | members
        await expect(c, 200, CHAT, await chat(c, **sound))
        await expect(c, 200, CHAT, await chat(c, response_format={"type": "json_object"}, **sound))


@row("gaps that this model cannot fill")
async def gaps(c):
    name = await model(c)
    for body in ({}, {"input_prefix": "a"}, {"input_prefix": "<|im_end|>" * 999, "input_suffix": "\0"},
                 {"input_extra": [{"text": "a"}] * 256}, {"input_extra": [{}]}, {"input_extra": [5]},
                 {"n": 2}, {"prompt": [1]}, {"input_prefix": None, "stream": True}):
        await expect(c, 400, "/infill", {"model": name} | body)
    await expect(c, 400, COMPLETIONS, {"model": name, "prompt": "a", "suffix": "b"}, "suffix")


@row("what other servers have is refused by name, unless it asks for nothing")
async def others(c):
    for name, value in {"mirostat": 2, "use_beam_search": True, "dynatemp_range": 0.5,
                        "options": {"num_ctx": 9}}.items():
        await expect(c, 400, CHAT, await chat(c, **{name: value}), name)
    for limit in (1, -1, 2**63 - 1):
        await expect(c, 200, RENDER, await chat(c, max_tokens=..., n_predict=limit))
    for limit in (0, -2, 2**63, True, "1"):
        await expect(c, 400, CHAT, await chat(c, max_tokens=..., n_predict=limit), "n_predict")


if __name__ == "__main__":
    sys.exit(asyncio.run(run_alone(int(sys.argv[1]), ROWS)))
