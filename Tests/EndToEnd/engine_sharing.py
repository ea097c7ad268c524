"""Prompts computed once serve others; several answers come from one prompt."""

import asyncio

from measures import median, milliseconds, words

PAGE = 32


async def aligned_system(client, count, seed):
    """A system message of about so many tokens, and how many tokens of a prompt come before the question.

    Its length is chosen so that the rounding to pages comes out the same wherever within some tokens
    of the question two prompts part.
    """
    async def tokens(system, question="Why?"):
        answer = await client.ask(conversation(system, question), max_tokens=1)
        return answer.usage["prompt_tokens"]
    system = words(count, seed)
    question = await tokens(system) - await tokens(system, "")
    lacking = (26 - (await tokens(system) - question)) % PAGE
    system = f"{system} {words(lacking, seed + 1)}" if lacking else system
    return system, (await tokens(system) - question) // PAGE * PAGE


def conversation(system, question):
    return [{"role": "system", "content": system}, {"role": "user", "content": question}]


async def prefix(bench):
    """a prefix that another answer uses is not computed again, unless another client's"""
    report = bench.report
    server, client = await bench.serve()
    await client.ask(words(600, 1), max_tokens=8)
    firsts, seconds = [], []
    for run in range(bench.pick(5, 30)):
        system, shared = await aligned_system(client, 1000, 10 * run)
        one = await client.open(
            conversation(system, "Why?"), max_tokens=400, ignore_eos=True, cache_prompt=True, key="a")
        firsts.append((await one.first()).first_token_after)
        two = await client.ask(
            conversation(system, "How?"), max_tokens=2, ignore_eos=True, cache_prompt=True, key="a")
        seconds.append(two.first_token_after)
        report.require(two.cached_tokens == shared,
                       f"cached_tokens {two.cached_tokens} of {two.usage['prompt_tokens']}, not {shared}")
        three = await client.ask(
            conversation(system, "Why?"), max_tokens=2, cache_prompt=True, key="b")
        report.require(three.cached_tokens == 0, f"another key's {three.cached_tokens} tokens")
        four = await client.ask(
            conversation(system, "Why?"), max_tokens=2, cache_prompt=True, key="b")
        whole = (four.usage["prompt_tokens"] - 1) // PAGE * PAGE
        report.require(four.cached_tokens == whole, f"again: {four.cached_tokens}, not {whole}")
        five = await client.ask(conversation(system, "Why?"), max_tokens=2, key="b")
        report.require(five.cached_tokens == 0, f"cache off: {five.cached_tokens}")
        one.leave()
    report.note(f"first token of the first: {milliseconds(firsts)}")
    report.note(f"first token of the second: {milliseconds(seconds)}")
    report.note(f"cached tokens of the second: {shared}")
    report.figure("median of the second over the first", median(seconds) / median(firsts), most=1 / 20)


async def choices(bench):
    """several choices differ, repeat with a seed, and their prompt counts once"""
    server, client = await bench.serve()
    options = {"temperature": 1.2, "seed": 5, "max_tokens": 24}
    for stream in (True, False):
        name = "streamed" if stream else "whole"
        one, other, single = await asyncio.gather(
            client.ask("Write a short poem about rain.", n=4, stream=stream, **options),
            client.ask("Write a short poem about rain.", n=4, stream=not stream, **options),
            client.ask("Write a short poem about rain.", stream=stream, **options))
        report = bench.report
        report.figure(f"{name}: different texts of 4", len(set(one.texts.values())), least=4)
        report.require(one.texts == other.texts, f"{name}: not the same again")
        report.require(one.texts[0] == single.texts[0], f"{name}: choice 0 is not the single answer")
        report.require(one.usage["prompt_tokens"] == single.usage["prompt_tokens"],
                       f"{name}: prompt counted {one.usage}")
        report.require(one.usage["completion_tokens"] > 3 * single.usage["completion_tokens"] // 2,
                       f"{name}: completion counted {one.usage}")
