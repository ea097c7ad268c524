#!/usr/bin/env python3
"""Usage: experts.py FOLDER [NAME...]

Writes tiny random models with experts into FOLDER/tiny as they are published, each with the logits
of a text that transformers computes in float32 with eager attention, how far those are from float64,
and how far logits go when one thing in the configuration is misread. The tokenizer is that of
tiny/ernie4_5. Needs `pip install torch transformers`.
"""

import copy
import json
import pathlib
import shutil
import sys

import torch
import transformers
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
TOKENIZER = ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"]
SHAPE = {
    "vocab_size": 384, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "head_dim": 16, "intermediate_size": 32,
    "max_position_embeddings": 128, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": None,
    "tie_word_embeddings": False,
}
# Heads as long, where all together are as wide as the model.
TWO_HEADS = {"num_attention_heads": 2, "num_key_value_heads": 1}
# By name: the model, what its configuration says besides, and wrong readings of it.
MODELS = {
    "qwen3_moe": ("Qwen3Moe", {
        "num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 16,
        "norm_topk_prob": True, "mlp_only_layers": [0], "num_hidden_layers": 3,
    }, {"weights not renormalised": {"norm_topk_prob": False}}),
    "olmoe": ("Olmoe", {
        "num_experts": 6, "num_experts_per_tok": 2, "intermediate_size": 16, **TWO_HEADS,
    }, {"weights renormalised": {"norm_topk_prob": True}}),
    "granitemoe": ("GraniteMoe", {
        "num_local_experts": 6, "num_experts_per_tok": 2, "intermediate_size": 16, **TWO_HEADS,
        "embedding_multiplier": 12.0, "logits_scaling": 2.0, "residual_multiplier": 0.5,
        "attention_multiplier": 0.25,
    }, {"a multiplier ignored": {"residual_multiplier": 1.0}}),
    "granitemoeshared": ("GraniteMoeShared", {
        "num_local_experts": 6, "num_experts_per_tok": 2, "intermediate_size": 16, **TWO_HEADS,
        "shared_intermediate_size": 32, "embedding_multiplier": 12.0, "logits_scaling": 2.0,
        "residual_multiplier": 0.5, "attention_multiplier": 0.25,
    }, {"a multiplier ignored": {"attention_multiplier": 1.0}}),
    "ernie4_5_moe": ("Ernie4_5_Moe", {
        "moe_num_experts": 6, "moe_k": 2, "moe_intermediate_size": 16, "moe_num_shared_experts": 2,
        "moe_layer_start_index": 1, "num_hidden_layers": 3, "intermediate_size": 64,
    }, {}),
    "hunyuan_v1_moe": ("HunYuanMoEV1", {
        "num_experts": 6, "moe_topk": 2, "num_shared_expert": 1, "moe_intermediate_size": 32,
    }, {"one expert": {"moe_topk": 1}}),
    "phimoe": ("Phimoe", {
        "num_local_experts": 6, "num_experts_per_tok": 2, "router_jitter_noise": 0.2,
        "attention_bias": True, "lm_head_bias": True, "intermediate_size": 16, **TWO_HEADS,
    }, {"all experts near": {"router_jitter_noise": 1e6}}),
    "lfm2_moe": ("Lfm2Moe", {
        "num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 16,
        "num_dense_layers": 1, "num_hidden_layers": 3, "conv_L_cache": 3,
        "layer_types": ["conv", "full_attention", "conv"], "routed_scaling_factor": 1.5,
        **TWO_HEADS,
    }, {"scale 1": {"routed_scaling_factor": 1.0}}),
    "llama4": ("Llama4", {
        "num_local_experts": 4, "num_experts_per_tok": 1, "intermediate_size": 16,
        "intermediate_size_mlp": 64, "interleave_moe_layer_step": 2, "num_hidden_layers": 4,
        "attention_chunk_size": 32, "floor_scale": 5, "attn_scale": 0.5,
    }, {
        "chunks ignored": {"attention_chunk_size": 1000},
        "no norm of heads": {"use_qk_norm": False},
        "temperature ignored": {"attn_temperature_tuning": False},
    }),
}


def classes(stem):
    """The configuration and the model of a family."""
    text = "TextConfig" if stem == "Llama4" else "Config"
    return getattr(transformers, stem + text), getattr(transformers, stem + "ForCausalLM")


def is_selection_bias(name):
    """Whether a tensor is added to scores for the choice of experts alone."""
    return "correction_bias" in name or "expert_bias" in name


def randomise(model, generator):
    """Fills all weights, and biases for the choice of experts."""
    with torch.no_grad():
        tensors = list(model.named_parameters())
        tensors += [(n, b) for n, b in model.named_buffers() if is_selection_bias(n)]
        for name, weight in tensors:
            noise = torch.randn(weight.shape, generator=generator)
            if is_selection_bias(name):
                weight.copy_(0.1 * noise)
            elif weight.dim() == 1:
                weight.copy_(0.3 * noise + (0 if name.endswith("bias") else 1))
            elif "embed_tokens" in name:
                weight.copy_(0.7 * noise)
            else:
                # Llama 4 keeps its experts with columns for rows.
                turned = "Llama4" in type(model).__name__ and weight.dim() == 3
                inputs = weight.shape[-2 if turned else -1]
                scale = 3 if "router" in name or ".gate." in name else 1.2
                weight.copy_(scale / inputs**0.5 * noise)


def logits(model, ids):
    """The logits of every position."""
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0]


def continued(model, ids, count=8):
    """The most likely tokens that follow, and by how much each is more likely than the next."""
    tokens, margins = list(ids), []
    for _ in range(count):
        best = logits(model, tokens)[-1].topk(2)
        tokens.append(int(best.indices[0]))
        margins.append(round(float(best.values[0] - best.values[1]), 5))
    return tokens[len(ids):], margins


def made(stem, entries, seed):
    """A model with random weights, twice as exact too."""
    configuration, kind = classes(stem)
    model = kind._from_config(
        configuration(**SHAPE | entries), attn_implementation="eager",
        experts_implementation="eager", dtype=torch.float32).eval()
    randomise(model, torch.Generator().manual_seed(seed))
    return model


def write(name, folder):
    """Writes a model whose numbers float32 can be trusted with."""
    stem, entries, mistakes = MODELS[name]
    known = json.loads((HERE / "tiny/ernie4_5/reference.json").read_text())
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(HERE / "tiny/ernie4_5/tokenizer.json"))
    # Longer than a chunk, where there are some.
    count = 44 if "attention_chunk_size" in entries else 24
    text = " ".join([known["text"]] * (count // 24 + 1))
    ids = tokenizer(text).input_ids[:count]
    assert ids[:24] == known["input_ids"]
    for seed in range(1000):
        model = made(stem, entries, seed)
        found = logits(model, ids)
        exact = logits(copy.deepcopy(model).double(), ids)
        off = float((found - exact).abs().max())
        greedy, margins = continued(model, ids)
        if off < 3e-5 and min(margins) > 0.02 and 1 < found.abs().max() < 100:
            break
    wrong = {}
    for mistake, changes in mistakes.items():
        other = made(stem, entries | changes, seed)
        away = (logits(other, ids) - found).abs()
        wrong[mistake] = {"max_abs_diff": round(float(away.max()), 6)}
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    for file in TOKENIZER:
        shutil.copyfile(HERE / "tiny/ernie4_5" / file, folder / file)
    (folder / "generation_config.json").unlink(missing_ok=True)
    reference = {
        "name": name, "transformers": transformers.__version__, "torch": torch.__version__,
        "seed": seed, "input_ids": ids, "text": text, "float64_max_abs_diff": off,
        "argmax": found.argmax(-1).tolist(), "greedy": greedy, "greedy_margins": margins,
        "mistakes": wrong,
    }
    save_file({"logits": found.contiguous()}, folder / "reference_logits.safetensors")
    text = json.dumps(reference, ensure_ascii=False, separators=(",", ":"))
    (folder / "reference.json").write_text(text + "\n")
    print(name, "seed", seed, "off", off, "margin", min(margins), wrong)


if __name__ == "__main__":
    for name in sys.argv[2:] or MODELS:
        write(name, pathlib.Path(sys.argv[1]) / "tiny" / name)
