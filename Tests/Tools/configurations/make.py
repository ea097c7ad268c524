#!/usr/bin/env python3
"""Usage: make.py FOLDER SEEDS [FAMILY...]

Writes random models of configurations that a seed draws, each with the logits that transformers computes in
float32: FOLDER/FAMILY-SEED for each seed below SEEDS. Needs `pip install torch transformers`.
"""

import copy
import json
import pathlib
import random
import shutil
import sys
import warnings
import zlib

import torch
import transformers
from families import FAMILIES, Drawing
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).resolve().parent
TOKENIZER = HERE.parents[1] / "Goldens" / "tiny" / "hunyuan_dense"
LENGTH = 50
# Numbers that a model keeps beside its weights, which stay as they are.
KEPT = ("inv_freq", "embed_scale", "embed_positions", "act_fn.beta", "act_fn.eps", "softcap")


def randomize(model, seed):
    """Gives every weight a value that counts."""
    generator = torch.Generator().manual_seed(seed)
    for name, tensor in model.state_dict().items():
        if not tensor.is_floating_point() or any(part in name for part in KEPT):
            continue
        noise = torch.randn(tensor.shape, generator=generator)
        if "correction_bias" in name or "expert_bias" in name:
            tensor.copy_(0.1 * noise)
        elif tensor.dim() < 2 or name.endswith("A_log"):
            tensor.add_(0.3 * noise)
        elif "conv" in name and tensor.dim() == 3:
            tensor.copy_(0.5 * noise)
        elif any(part in name for part in ("embed", "wte", "wpe")):
            tensor.copy_(0.5 * noise)
        else:
            tensor.copy_(1.2 * noise / tensor.shape[-1] ** 0.5)


def network(kind, values):
    """A model without weights that count."""
    config = transformers.AutoConfig.for_model(kind, **values)
    config._experts_implementation = "eager"
    # Eager, Falcon adds what scores fall by twice.
    config._attn_implementation = "sdpa" if kind == "falcon" else "eager"
    if kind == "mistral4":
        return transformers.Mistral4ForCausalLM(config).float().eval()
    return transformers.AutoModelForCausalLM.from_config(config).float().eval()


def logits(model, tokens):
    with torch.no_grad():
        # Layers of Gemma that share keys and values find them in the cache.
        keeps = model.config.model_type.startswith("gemma")
        return model(torch.tensor([tokens]), use_cache=keeps).logits[0]


def made(kind, values, name):
    """A model whose numbers float32 can be trusted with, its logits, and how far they are off."""
    tokens = random.Random(name).choices(range(3, 384), k=LENGTH)
    best = None
    for attempt in range(12):
        model = network(kind, values)
        with torch.no_grad():
            randomize(model, zlib.crc32(f"{name} {attempt}".encode()))
        found = logits(model, tokens)
        largest = float(found.abs().max())
        off = float((logits(copy.deepcopy(model).double(), tokens) - found).abs().max()) / largest
        if best is None or off < best[3]:
            best = model, tokens, found, off
        if off < 4e-6:
            break
    return best


def write(kind, seed, root):
    name = f"{kind}-{seed}"
    values = FAMILIES[kind](Drawing(random.Random(name)))
    model, tokens, found, off = made(kind, values, name)
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    for file in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        if (TOKENIZER / file).exists():
            shutil.copy(TOKENIZER / file, folder / file)
    save_file({"logits": found.contiguous()}, folder / "reference_logits.safetensors")
    (folder / "reference.json").write_text(json.dumps({
        "input_ids": tokens, "argmax": found.argmax(-1).tolist(), "error": off, "drawn": values}))


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    root = pathlib.Path(sys.argv[1])
    for kind in sys.argv[3:] or FAMILIES:
        for seed in range(int(sys.argv[2])):
            try:
                write(kind, seed, root)
            except Exception as error:  # A drawing that transformers itself does not compute.
                print(f"{kind}-{seed}: not made: {type(error).__name__}: {error}", flush=True)


if __name__ == "__main__":
    main()
