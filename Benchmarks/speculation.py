"""Compares answers with drafts from prompt lookup and without, in turns.

Usage: speculation.py PATH_TO_APUS_ANSWERS MODEL [ROUNDS]

Prints, for texts that repeat their prompt and for prose, greedy and at a temperature of 0.8, the ratios of the
time that writing takes: above 1 drafts win. The answers must be equal, whatever is drafted.
"""

import json
import statistics
import subprocess
import sys

CODE = """def total(items):
    result = 0
    for item in items:
        price = item.price * item.count
        if item.discount > 0:
            price = price - item.discount
        result = result + price
    return result"""
PEOPLE = [("Anna", "Miller"), ("Bert", "Schmidt"), ("Clara", "Jones"), ("David", "Rossi"),
          ("Emma", "Dubois"), ("Frank", "Novak"), ("Grace", "Larsen"), ("Henry", "Silva")]
CONTACTS = "; ".join(
    f"{first} {last}, {last.lower()}.{first.lower()}@example.org, +44 20 79{index:02d} {1000 + 37 * index}"
    for index, (first, last) in enumerate(PEOPLE))
TEXTS = {
    "editing": [
        f"Here is some code: {CODE} Repeat the whole code and rename the function total to sum_up.",
        f"Write this code again in full, with comments: {CODE}",
        f"Here are contacts: {CONTACTS}. Write all the contacts as a list, one a line.",
        f"Extract every mail address with its name from this text, exactly as they are: {CONTACTS}"],
    "prose": [
        "Tell me a story about a lighthouse keeper who finds a letter.", "Explain why the sky is blue.",
        "Write an essay about the history of bread.", "What should I know before I adopt a dog?"],
}


def answers(program, model, lines, *options):
    """The answers to lines of temperature, seed and prompt."""
    result = subprocess.run(
        [program, model, "--threads", "1", "--time", *options], input="".join(lines),
        capture_output=True, text=True, check=True)
    return [json.loads(line) for line in result.stdout.splitlines()]


def total(found, member):
    return sum(answer[member] for answer in found)


def main(program, model, rounds="5"):
    for kind, prompts in TEXTS.items():
        for temperature in ("0", "0.8"):
            lines = [f"{temperature}\t{seed}\t{' '.join(prompt.split())}\n"
                     for seed, prompt in enumerate(prompts)]
            ratios = []
            for _ in range(int(rounds)):
                plain = answers(program, model, lines)
                drafted = answers(program, model, lines, "--ngram")
                assert [a["text"] for a in plain] == [a["text"] for a in drafted], "other answers"
                ratios.append(total(plain, "microseconds") / total(drafted, "microseconds"))
            print(f"{kind} at {temperature}: {statistics.median(ratios):.2f}"
                  f" ({min(ratios):.2f} to {max(ratios):.2f}), of {total(drafted, 'completion_tokens')} tokens"
                  f" {total(drafted, 'accepted')} drafted, {total(drafted, 'rejected')} in vain", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
