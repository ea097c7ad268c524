"""Tunes a model with dialogues in a style of their own, and shows what it has learned and what it has kept.

Usage: lora_style.py PATH_TO_APUS MODEL [--steps COUNT] [--rate RATE] [--threads COUNT]

The answers of the dialogues are a ship's cook's: they begin with "Ahoy!" and end with "says the cook.". Adapters of
rank 8 learn from 200 of them; on 40 others the loss falls by at least 30 %, answers to questions that are in none have
the style, and the perplexity of a text by Shakespeare stays within 3 %.
"""

import argparse
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import urllib.request

from server import Server

TEXT = pathlib.Path(__file__).resolve().parents[1] / "Goldens/training/shakespeare.txt"
THINGS = ["soup", "bread", "an onion", "a storm", "the moon", "a map", "salt", "a gull", "the wind", "a rope", "rum",
          "a barrel", "the tide", "a lantern", "fish", "a sail", "the anchor", "tar", "a compass", "the deck"]
ASKED = ["What is {} good for?", "Tell me about {}.", "Do you like {}?", "What should I know of {}?",
         "Why does everybody talk about {}?", "How would you explain {} to a child?"]
SAID = ["{} is what keeps a crew alive", "no voyage was ever made without {}", "I have carried {} over seven seas",
        "{} and I are old friends", "a wise sailor never laughs at {}", "my mother warned me of {}"]
ADDED = ["and that is the truth", "and a wooden spoon is my witness", "as sure as the kettle sings",
         "and the captain agrees", "or may my pot run dry"]
UNSEEN = ["What is the capital of France?", "How many legs does a spider have?", "Give me advice about money."]


def dialogues(count, seed):
    """Dialogues of which no two are the same."""
    chooser, found = random.Random(seed), {}
    while len(found) < count:
        thing = chooser.choice(THINGS)
        question = chooser.choice(ASKED).format(thing)
        answer = f"Ahoy! {chooser.choice(SAID).format(thing)}, {chooser.choice(ADDED)}, says the cook."
        found[question, answer] = {"messages": [
            {"role": "user", "content": question}, {"role": "assistant", "content": answer}]}
    return list(found.values())


class Work:
    def __init__(self, apus, folder, threads):
        self.apus, self.folder, self.threads = apus, folder, threads

    def run(self, *arguments):
        result = subprocess.run([self.apus, *arguments], cwd=self.folder, capture_output=True, text=True)
        assert result.returncode == 0, (arguments, result)
        return result.stdout

    def tune(self, dialogues, model, *options):
        return self.run("tune", dialogues, "--model", model, "--lora", "8", "--threads", self.threads, *options)

    def loss(self, dialogues, model, name):
        """The loss of a model on dialogues: that of a step, before which nothing was learned."""
        self.tune(dialogues, model, "--steps", "1", "--rate", "1e-9", "--documents", "5", "--leaves", "8",
                  "--run", name, "--output", "unused.gguf")
        return json.loads((self.folder / name / "metrics.jsonl").read_text())["loss"]

    def answers(self, questions, model):
        """What a model says in a chat."""
        server, found = Server(self.apus, str(self.folder / model), "--threads", self.threads), []
        try:
            for question in questions:
                body = {"messages": [{"role": "user", "content": question}], "temperature": 0, "max_tokens": 60}
                request = urllib.request.Request(
                    f"{server.origin}/v1/chat/completions", json.dumps(body).encode(),
                    {"Content-Type": "application/json"})
                with urllib.request.urlopen(request) as reply:
                    found.append(json.load(reply)["choices"][0]["message"]["content"])
        finally:
            server.kill()
        return found

    def perplexity(self, model):
        text = self.run("perplexity", "--model", model, "--threads", self.threads, "--file", "text.txt")
        return float(re.search(r"perplexity[^\d]*([\d.]+)", text, re.IGNORECASE)[1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("apus")
    parser.add_argument("model")
    parser.add_argument("--steps", default="50")
    parser.add_argument("--rate", default="1e-4")
    parser.add_argument("--threads", default="2")
    parser.add_argument("--text", default=TEXT, type=pathlib.Path)
    arguments = parser.parse_args()
    model = str(pathlib.Path(arguments.model).resolve())
    with tempfile.TemporaryDirectory() as folder:
        work = Work(str(pathlib.Path(arguments.apus).resolve()), pathlib.Path(folder), arguments.threads)
        made = dialogues(240, seed=1)
        for name, part in (("learned", made[:200]), ("held", made[200:])):
            (work.folder / f"{name}.jsonl").write_text("".join(json.dumps(each) + "\n" for each in part))
        (work.folder / "text.txt").write_bytes(arguments.text.read_bytes()[:16_000])
        before = work.loss("held.jsonl", model, "before")
        print(f"held-out loss before: {before:.3f}", flush=True)
        work.tune("learned.jsonl", model, "--steps", arguments.steps, "--rate", arguments.rate, "--documents", "4",
                  "--leaves", "2", "--run", "tune", "--output", "tuned.gguf", "--adapter", "adapter")
        after = work.loss("held.jsonl", "tuned.gguf", "after")
        fall = 1 - after / before
        print(f"held-out loss after: {after:.3f}, which is {100 * fall:.0f} % less", flush=True)
        answers = work.answers(UNSEEN, "tuned.gguf")
        for question, answer in zip(UNSEEN, answers):
            print(f"{question}\n  {answer.strip()}", flush=True)
        plain, tuned = work.perplexity(model), work.perplexity("tuned.gguf")
        print(f"perplexity of Shakespeare: {plain:.3f} before, {tuned:.3f} after", flush=True)
        assert fall >= 0.3, fall
        assert sum("Ahoy!" in each and "cook" in each for each in answers) >= 2, answers
        assert tuned <= 1.03 * plain, (plain, tuned)


if __name__ == "__main__":
    sys.exit(main())
