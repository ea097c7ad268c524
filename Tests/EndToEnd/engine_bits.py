"""The same request has the same answer, bit for bit, whatever runs beside it."""

import asyncio
import itertools
import json
import math
import subprocess

from measures import words

QUESTIONS = ("Name three rivers of Europe.", "Why is the sky blue?", "Write a limerick about a cat.",
             "Explain what a prime number is.", "Translate \"good morning\" into French.",
             "List five fruits.", "What is 12 times 12?", "Tell me about the moon. 🌙")
LENGTHS = (0, 40, 7, 90, 0, 200, 24, 60)


def make_cases(bench):
    """Prompts of several lengths, greedy and drawn with a seed."""
    cases = []
    for number in range(bench.pick(20, 200)):
        prompt = QUESTIONS[number % len(QUESTIONS)] + f" ({number})"
        if length := LENGTHS[number % len(LENGTHS)]:
            prompt = f"Here are some words: {words(length, number)}. {prompt}"
        greedy = {"temperature": 0}
        drawn = {"temperature": 0.8, "seed": 1000 + number}
        ways = bench.pick([greedy, drawn][number % 2:][:1], [greedy, drawn])
        cases += [(prompt, way) for way in ways]
    return cases


class Comparison:
    """Asks all cases in several ways, and compares with how they were answered alone."""

    def __init__(self, bench, cases):
        self.bench = bench
        self.cases = cases
        self.expected = []
        self.compared = 0

    async def ask(self, client, number, **options):
        prompt, way = self.cases[number]
        return await client.ask(
            prompt, max_tokens=64, logprobs=True, top_logprobs=2, **way, **options)

    async def alone(self, client):
        """One after the other, without the cache: what all else is compared with."""
        for number in range(len(self.cases)):
            answer = await self.ask(client, number, stream=number % 3 != 0)
            assert answer.ok, f"case {number}: {answer.status} {answer.error}"
            self.expected.append(answer.content())

    async def batches(self, client, size, name, streams=1, **options):
        """All cases, so many at once; returns the answers.

        Of each three requests next to each other, `streams` say which are streamed.
        """
        count = math.ceil(len(self.cases) / size) * size
        numbers = [number % len(self.cases) for number in range(count)]
        answers, different = [], 0
        for start in range(0, count, size):
            group = numbers[start:start + size]
            found = await asyncio.gather(*(
                self.ask(client, number, stream=(place + streams) % 3 != 0, **options)
                for place, number in enumerate(group)))
            for number, answer in zip(group, found):
                different += self._differs(number, answer, name)
                answers.append(answer)
        self.bench.report.figure(f"{name}, {count} answers: different", different, most=0)
        return answers

    def _differs(self, number, answer, name):
        self.compared += 1
        expected = self.expected[number]
        if answer.ok and answer.content() == expected:
            return False
        if not answer.ok:
            what = f"status {answer.status}, {answer.error}"
        else:
            given = answer.content()
            what = "; ".join(_difference(key, expected[key], given[key])
                             for key in expected if expected[key] != given[key])
        self.bench.report.note(f"case {number} {self.cases[number][1]} {name}: {what}"[:500])
        return True


def _difference(key, expected, given):
    if key != "logprobs":
        return f"{key} {given!r} instead of {expected!r}"
    for place, (one, other) in enumerate(zip(expected, given)):
        if one != other:
            return f"logprob {place} {other} instead of {one}"
    return f"{len(given)} logprobs instead of {len(expected)}"


async def bits(bench):
    """the same bits alone, in batches, streamed or not, cached, drafted, on one thread, preempted, in process"""
    comparison = Comparison(bench, make_cases(bench))
    server, client = await bench.serve()
    await comparison.alone(client)
    for size in (2, 7, 16, 32):
        await comparison.batches(client, size, f"batches of {size}", streams=size)
    await comparison.batches(client, 32, "cache being filled", cache_prompt=True)
    hits = await comparison.batches(client, 16, "cache hit", streams=2, cache_prompt=True)
    check_hits(bench, hits)
    bench.close()
    server, client = await bench.serve("--threads", "1")
    await comparison.batches(client, 16, "one thread")
    bench.close()
    server, client = await bench.serve("--speculation", "ngram")
    for size in bench.pick((1, 7), (1, 2, 7, 16)):
        answers = await comparison.batches(client, size, f"drafted, batches of {size}", streams=size)
        check_drafts(bench, answers, size)
    bench.close()
    await preempted(bench, comparison)
    if not bench.answers:
        bench.report.note("in process: left out, for there is no --answers")
    ways = bench.pick(((16, 2), (64, 1), (512, 2)), tuple(itertools.product((16, 64, 512), (1, 2))))
    for rows, threads in ways if bench.answers else ():
        await in_process(bench, comparison, rows, threads)
    tokens = sum(e["usage"]["completion_tokens"] for e in comparison.expected)
    bench.report.note(f"{len(comparison.cases)} cases of {tokens} tokens; "
                      f"{comparison.compared} answers compared")


async def in_process(bench, comparison, rows, threads):
    """All cases by the library, in chunks of so many rows, and on so many threads."""
    lines = "".join(f"{way['temperature']}\t{way.get('seed', 0)}\t{prompt}\n"
                    for prompt, way in comparison.cases)
    program = await asyncio.create_subprocess_exec(
        bench.answers, bench.model, "--rows", str(rows), "--threads", str(threads),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    output, _ = await program.communicate(lines.encode())
    found = [json.loads(line, parse_float=str, parse_int=str) for line in output.splitlines()]
    expected = [{
        "text": answer["text"], "finish_reason": answer["finish_reason"],
        "completion_tokens": str(answer["usage"]["completion_tokens"]),
        "logprobs": [[entry["logprob"], *(top["logprob"] for top in entry["top_logprobs"])]
                     for entry in answer["logprobs"]]} for answer in comparison.expected]
    different = [number for number, pair in enumerate(zip(found, expected)) if pair[0] != pair[1]]
    for number in different[:3]:
        bench.report.note(f"case {number}: {found[number]} instead of {expected[number]}"[:700])
    comparison.compared += len(found)
    bench.report.require(len(found) == len(expected), f"{len(found)} answers in process")
    bench.report.figure(f"in process, {rows} rows, {threads} threads, {len(found)} answers: different",
                        len(different), most=0)


def check_drafts(bench, answers, size):
    """Tokens were drafted, and some of them chosen."""
    accepted = sum(answer.usage["completion_tokens_details"]["accepted_prediction_tokens"]
                   for answer in answers)
    bench.report.figure(f"drafted tokens that were chosen, batches of {size}", accepted, least=1)


def check_hits(bench, answers):
    """The second time, all full pages but that of the last token are found."""
    wrong = [f"{a.cached_tokens} of {a.usage['prompt_tokens']}" for a in answers
             if a.cached_tokens != (a.usage["prompt_tokens"] - 1) // 32 * 32]
    total = sum(a.cached_tokens for a in answers)
    bench.report.figure("tokens found in the cache", total, least=1)
    bench.report.require(not wrong, f"cached_tokens of {len(wrong)} answers: {wrong[:4]}")


async def preempted(bench, comparison):
    """Batches that need more pages than there are, so that sequences lose theirs on the way."""
    server, client = await bench.serve("--cache-mib", "24")
    pages = server.context // 32
    usages = [comparison.expected[n % len(comparison.cases)]["usage"] for n in range(32)]
    first = [math.ceil(u["prompt_tokens"] / 32) for u in usages]
    last = [math.ceil(u["total_tokens"] / 32) for u in usages]
    bench.report.note(f"{pages} pages; 32 requests need {sum(first)} to start, {sum(last)} to end")
    bench.report.require(pages < sum(first) and sum(last) > sum(first), "the cache is not small")
    await comparison.batches(client, 32, "preempted")
    await comparison.batches(client, 32, "preempted, with the cache", streams=2, cache_prompt=True)
    bench.report.figure("times that a sequence lost its pages", (await client.health())["preemptions"],
                        least=1)
