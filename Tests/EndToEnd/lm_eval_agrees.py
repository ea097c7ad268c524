"""Evaluates a small task with lm-eval's local-completions, and compares its log-likelihoods with the
library's. Usage: lm_eval_agrees.py PATH_TO_APUS MODEL ANSWERS
"""

import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

# Before anything of Hugging Face is imported.
home = tempfile.TemporaryDirectory(prefix="lm-eval-")
os.environ["HF_HOME"] = home.name

import gguf
import lm_eval
import tokenizers
import transformers
from lm_eval.models.openai_completions import LocalCompletionsAPI
from lm_eval.tasks import TaskManager

from server import Server

QUESTIONS = [
    ("The capital of France is", ["Paris", "Berlin", "a potato"], 0),
    ("The opposite of hot is", ["warm", "cold", "a mountain"], 1),
    ("Water freezes at zero degrees", ["Celsius", "Kelvin", "of separation"], 0),
    ("One, two, three,", ["four", "nine", "Tuesday"], 0),
    ("A baby dog is called a", ["kitten", "puppy", "naïve café 🦆"], 1),
    ("In winter it often", ["snows", "sings", "divides"], 0),
    ("def add(a, b):\n    return a", ["+ b", "= 7", "lorem"], 0),
    ("Roses are red, violets are", ["blue", "fast", "made of steel"], 0),
]

TASK = """
task: small_choices
dataset_path: json
dataset_kwargs:
  data_files:
    test: {data}
output_type: multiple_choice
test_split: test
doc_to_text: "{{{{text}}}}"
doc_to_choice: choices
doc_to_target: label
num_fewshot: 0
metric_list:
  - metric: acc
---
"""


def save_tokenizer(model, folder):
    """Writes the vocabulary of a model file as Hugging Face's tokenizers read it."""
    fields = gguf.GGUFReader(model).fields
    pieces = fields["tokenizer.ggml.tokens"].contents()
    kinds = fields["tokenizer.ggml.token_type"].contents()
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"].contents()]
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(
        {piece: number for number, piece in enumerate(pieces)}, merges))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Sequence([
        tokenizers.pre_tokenizers.Digits(individual_digits=True),
        tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    control = int(gguf.TokenType.CONTROL)
    tokenizer.add_special_tokens(
        [piece for piece, kind in zip(pieces, kinds) if kind == control])
    end = pieces[fields["tokenizer.ggml.eos_token_id"].contents()]
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=end, bos_token=end).save_pretrained(folder)


def write_task(folder):
    data = folder / "questions.json"
    data.write_text(json.dumps([
        {"text": text, "choices": choices, "label": label} for text, choices, label in QUESTIONS]))
    tasks = folder / "tasks"
    tasks.mkdir()
    (tasks / "small_choices.yaml").write_text(TASK.format(data=data).removesuffix("---\n"))
    return tasks


def in_process(answers, model, texts):
    """The log-probabilities of token lists, by the engine and by a plain softmax in float64."""
    lines = "".join(" ".join(map(str, tokens)) + "\n" for tokens in texts)
    output = subprocess.run([answers, model, "--scores"], input=lines, capture_output=True,
                            check=True, text=True).stdout
    return [json.loads(line) for line in output.splitlines()]


def evaluate(lm, tasks):
    found = lm_eval.simple_evaluate(
        model=lm, tasks=["small_choices"], task_manager=TaskManager(include_path=str(tasks)),
        log_samples=True, bootstrap_iters=0)
    pairs = []
    for sample in found["samples"]["small_choices"]:
        arguments = sample["arguments"]
        arguments = list(arguments.values()) if isinstance(arguments, dict) else arguments
        for request, response in zip(arguments, sample["filtered_resps"]):
            context, continuation = (
                request.values() if isinstance(request, dict) else request[:2])
            pairs.append((context, continuation, float(response[0]), bool(response[1])))
    return found["results"]["small_choices"]["acc,none"], pairs


def main(apus, model, answers):
    folder = pathlib.Path(home.name)
    save_tokenizer(model, folder / "tokenizer")
    tasks = write_task(folder)
    server = Server(apus, model)
    try:
        runs = []
        for batch in (1, 8):
            lm = LocalCompletionsAPI(
                base_url=server.origin + "/v1/completions", tokenizer_backend="huggingface",
                tokenizer=str(folder / "tokenizer"), model="smollm2", batch_size=batch,
                max_length=2048)
            runs.append(evaluate(lm, tasks))
    finally:
        server.kill()
    accuracy, pairs = runs[0]
    assert len(pairs) == sum(len(choices) for _, choices, _ in QUESTIONS)
    assert sorted(runs[1][1]) == sorted(pairs), "batches of 8 differ from those of 1"
    encoded = [lm._encode_pair(context, continuation) for context, continuation, _, _ in pairs]
    scores = in_process(answers, model, [context + rest for context, rest in encoded])
    worst = 0.0
    for (context, rest), (_, text, found, greedy), score in zip(encoded, pairs, scores):
        start = len(context) - 1
        assert found == sum(score["logprobs"][start:]), (text, found, score["logprobs"][start:])
        assert greedy == all(rank == 1 for rank in score["ranks"][start:]), text
        worst = max(worst, abs(found - math.fsum(score["reference"][start:])))
    assert worst < 1e-4, f"{worst} from a plain softmax"
    assert accuracy >= 0.75, accuracy
    print(f"{len(pairs)} log-likelihoods by lm-eval {lm_eval.__version__} are the library's, "
          f"and within {worst:.1e} of a plain softmax; accuracy {accuracy}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
