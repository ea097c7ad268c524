"""Prompts computed once serve others; several answers come from one prompt."""

import asyncio

from measures import median, milliseconds, words

PAGE = 32
# What the engine has computed, in all.
COMPUTED = "apus:iteration_tokens_total_sum"


async def aligned_length(client, count):
    """A number of words, and how many tokens the question has.

    A prompt with a system message of so many words parts from others amid a page: where exactly, just
    before the question or some tokens away, makes no difference to the pages that they share.
    """
    async def tokens(system, question):
        answer = await client.ask(
            conversation(system, question), max_tokens=1, cache_prompt=True, key="length")
        return answer.usage["prompt_tokens"]
    system = words(count, 0)
    whole = await tokens(system, "Why?")
    question = whole - await tokens(system, "")
    return count + (26 - (whole - question)) % PAGE, question


def conversation(system, question):
    return [{"role": "system", "content": system}, {"role": "user", "content": question}]


async def prefix(bench):
    """a prefix that another answer uses is not computed again, unless another client's"""
    report = bench.report
    server, client = await bench.serve()
    count, question = await aligned_length(client, 1000)
    firsts, seconds = [], []
    for run in range(bench.pick(3, 30)):
        why, how = (conversation(words(count, 10 + run), text) for text in ("Why?", "How?"))
        one = await client.open(why, max_tokens=2000, ignore_eos=True, cache_prompt=True, key="a")
        firsts.append((await one.first()).first_token_after)
        two = await client.ask(how, max_tokens=2, ignore_eos=True, cache_prompt=True, key="a")
        one.leave()
        seconds.append(two.first_token_after)
        length = two.usage["prompt_tokens"]
        shared, whole = (length - question) // PAGE * PAGE, (length - 1) // PAGE * PAGE
        for name, prompt, options, expected in (
                ("another key", why, {"cache_prompt": True, "key": "b"}, 0),
                ("that key again", why, {"cache_prompt": True, "key": "b"}, whole),
                ("another question again", how, {"cache_prompt": True, "key": "a"}, whole),
                ("cache off", why, {"key": "a"}, 0))[:4 if run == 0 else 2]:
            answer = await client.ask(prompt, max_tokens=1, **options)
            report.require(answer.cached_tokens == expected,
                           f"{name}: cached_tokens {answer.cached_tokens}, not {expected}")
        report.require(two.cached_tokens == shared,
                       f"cached_tokens {two.cached_tokens} of {length}, not {shared}")
    report.note(f"first token of the first: {milliseconds(firsts)}")
    report.note(f"first token of the second: {milliseconds(seconds)}")
    report.note(f"cached tokens of the second: {shared}")
    report.figure("median of the second over the first", median(seconds) / median(firsts),
                  most=1 / 20, is_time=True)
    await counted(bench, client, conversation(words(count, 10), "Where?"), shared)
    await accounted(bench, client)


async def at_rest(client):
    """Waits until nothing runs, which is soon after the last client has left."""
    async with asyncio.timeout(120):
        while (await client.health())["running"]:
            await asyncio.sleep(0.02)


async def counted(bench, client, prompt, shared):
    """Alone on the server, a prompt that shares pages has the engine compute the rest and no more."""
    await at_rest(client)
    before = await client.metric(COMPUTED)
    answer = await client.ask(prompt, max_tokens=2, ignore_eos=True, cache_prompt=True, key="a")
    await at_rest(client)
    computed = await client.metric(COMPUTED) - before
    # The last token is chosen, and never computed.
    expected = answer.usage["prompt_tokens"] - shared + answer.usage["completion_tokens"] - 1
    bench.report.require(computed == expected and answer.cached_tokens == shared,
                         f"{computed} positions computed and {answer.cached_tokens} cached "
                         f"of {answer.usage}, not {expected} and {shared}")
    bench.report.figure("positions of a prompt computed beside those shared",
                        computed / answer.usage["prompt_tokens"], most=1 / 20)


async def accounted(bench, client):
    """All that was computed are prompts, less what was found, and answers, less their last tokens."""
    names = ("prompt_tokens_total", "prefix_cache_hits_total", "generation_tokens_total",
             "request_success_total")
    prompts, hits, answered, requests = [await client.metric("apus:" + name) for name in names]
    computed, expected = await client.metric(COMPUTED), prompts - hits + answered - requests
    # Who leaves may have a token chosen that is not counted, or counted and not computed.
    left = requests - await client.metric("apus:e2e_request_latency_seconds_count")
    bench.report.require(abs(computed - expected) <= left,
                         f"{computed} positions computed, not {expected}; {left} clients left")


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
