#!/usr/bin/env python3
"""Makes tiny random models of families whose layers have a state, with logits of transformers.

    recurrent.py [NAME ...]

Writes folders to `tiny/`, as `tiny/README.md` describes them. Needs torch, transformers and safetensors.
"""

import copy
import json
import pathlib
import shutil
import sys

import torch
import transformers

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE / "tiny" / "ernie4_5"

COMMON = {"vocab_size": 384, "hidden_size": 32, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2}
MAMBA2 = {"mamba_n_heads": 4, "mamba_d_head": 16, "mamba_n_groups": 2, "mamba_d_state": 16, "mamba_chunk_size": 8}

MODELS = {
    "mamba": lambda: transformers.MambaConfig(
        **COMMON, state_size=8, num_hidden_layers=2, layer_norm_epsilon=0.01, time_step_rank=4
    ),
    "falcon_mamba": lambda: transformers.FalconMambaConfig(
        **COMMON, state_size=8, num_hidden_layers=2, layer_norm_epsilon=0.01, time_step_rank=4, mixer_rms_eps=0.01
    ),
    "falcon_h1": lambda: transformers.FalconH1Config(
        **COMMON,
        **MAMBA2,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        rms_norm_eps=0.01,
        max_position_embeddings=128,
        mamba_d_ssm=64,
        mamba_rms_norm=True,
        mamba_norm_before_gate=False,
        attention_in_multiplier=1.25,
        attention_out_multiplier=0.75,
        key_multiplier=0.5,
        ssm_in_multiplier=1.5,
        ssm_out_multiplier=0.5,
        ssm_multipliers=[0.5, 1.25, 0.75, 1.5, 0.875],
        mlp_multipliers=[0.75, 0.5],
        embedding_multiplier=2.0,
        lm_head_multiplier=0.5,
        tie_word_embeddings=False,
    ),
    "nemotron_h": lambda: transformers.NemotronHConfig(
        **COMMON,
        layers_block_type=["linear_attention", "mlp", "full_attention", "mlp"],
        num_hidden_layers=4,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        intermediate_size=64,
        ssm_state_size=16,
        mamba_num_heads=4,
        mamba_head_dim=16,
        n_groups=2,
        chunk_size=8,
        layer_norm_epsilon=0.01,
        max_position_embeddings=128,
        tie_word_embeddings=False,
    ),
    "granite_hybrid_dense": lambda: transformers.GraniteMoeHybridConfig(
        **COMMON,
        **MAMBA2,
        layer_types=["mamba", "attention", "mamba"],
        num_hidden_layers=3,
        num_attention_heads=2,
        num_key_value_heads=1,
        num_local_experts=0,
        num_experts_per_tok=0,
        intermediate_size=48,
        shared_intermediate_size=48,
        embedding_multiplier=12.0,
        residual_multiplier=0.22,
        attention_multiplier=0.125,
        logits_scaling=0.25,
        position_embedding_type="nope",
        rms_norm_eps=0.01,
        max_position_embeddings=128,
        tie_word_embeddings=True,
    ),
    "nemotron_h_moe": lambda: nemotron_moe(n_group=2, topk_group=1),
    "nemotron_h_latent": lambda: nemotron_moe(layers=["linear_attention", "moe", "full_attention"], moe_latent_size=16),
    "qwen3_next": lambda: transformers.Qwen3NextConfig(
        **DELTA, intermediate_size=48, num_key_value_heads=1, norm_topk_prob=True
    ),
    "qwen3_5_moe": lambda: transformers.Qwen3_5MoeTextConfig(**DELTA, num_key_value_heads=2),
}

DELTA = {
    **COMMON,
    "layer_types": ["linear_attention", "full_attention", "linear_attention"],
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "head_dim": 16,
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 4,
    "linear_key_head_dim": 16,
    "linear_value_head_dim": 16,
    "num_experts": 6,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 16,
    "shared_expert_intermediate_size": 32,
    "rms_norm_eps": 0.01,
    "max_position_embeddings": 128,
    "tie_word_embeddings": False,
}


def nemotron_moe(layers=("linear_attention", "moe", "full_attention", "moe", "mlp"), **changes):
    """Nemotron-H with experts."""
    return transformers.NemotronHConfig(
        **COMMON,
        layers_block_type=list(layers),
        num_hidden_layers=len(layers),
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        intermediate_size=64,
        ssm_state_size=16,
        mamba_num_heads=4,
        mamba_head_dim=16,
        n_groups=2,
        chunk_size=8,
        n_routed_experts=6,
        num_experts_per_tok=2,
        moe_intermediate_size=16,
        moe_shared_expert_intermediate_size=48,
        routed_scaling_factor=2.5,
        layer_norm_epsilon=0.01,
        max_position_embeddings=128,
        tie_word_embeddings=False,
        **changes,
    )


# Wrong readings: what a configuration would say in the place of what it says.
MISTAKES = {
    "nemotron_h_moe": {"scale 1": {"routed_scaling_factor": 1.0}, "groups ignored": {"topk_group": 2}},
    "nemotron_h_latent": {"scale 1": {"routed_scaling_factor": 1.0}, "weights as they are": {"norm_topk_prob": False}},
    "qwen3_next": {"weights as they are": {"norm_topk_prob": False}, "one expert": {"num_experts_per_tok": 1}},
    "qwen3_5_moe": {"one expert": {"num_experts_per_tok": 1}},
}


def randomize(model, generator):
    """Gives every parameter a size at which it matters."""
    biases = [(name, value) for name, value in model.named_buffers() if "correction_bias" in name]
    for name, value in [*model.named_parameters(), *biases]:
        noise = torch.randn(value.shape, generator=generator)
        if name.endswith("A_log"):
            value.data = 0.5 * noise
        elif name.endswith(("dt_bias", "dt_proj.bias")):
            value.data = noise
        elif "correction_bias" in name:
            value.data = 0.2 * noise
        elif name.endswith(".gate.weight"):
            value.data = 2 * noise / value.shape[-1] ** 0.5
        elif value.dim() == 1:
            value.data = (0 if name.endswith("bias") else 1) + 0.3 * noise
        elif "conv1d" in name:
            value.data = 0.5 * noise
        elif "embed" in name:
            value.data = 0.5 * noise
        else:
            value.data = noise / value.shape[-1] ** 0.5


def logits(model, tokens):
    """The logits of every position."""
    with torch.no_grad():
        return model(torch.tensor([tokens]), use_cache=False).logits[0]


def network(config):
    """A model without tricks that change the order of sums."""
    ways = {"attn_implementation": "eager"}
    if hasattr(config, "num_experts_per_tok"):
        ways["experts_implementation"] = "eager"
    return transformers.AutoModelForCausalLM.from_config(config, **ways).float().eval()


def mistakes(name, model, tokens, right):
    """How far logits go when one thing is misread."""
    distances = {}
    for what, changes in MISTAKES.get(name, {}).items():
        config = MODELS[name]()
        for key, value in changes.items():
            setattr(config, key, value)
        other = network(config)
        other.load_state_dict(model.state_dict())
        away = float((logits(other, tokens) - right).abs().max())
        distances[what] = {"max_abs_diff": round(away, 6)}
    return distances


def continued(model, tokens, count=8):
    """The most likely tokens that follow, and by how much each is more likely than the next."""
    text, margins = list(tokens), []
    for _ in range(count):
        best = logits(model, text)[-1].topk(2)
        text.append(int(best.indices[0]))
        margins.append(round(float(best.values[0] - best.values[1]), 4))
    return text[len(tokens) :], margins


def trusted(name, tokens):
    """A model of numbers that float32 can be trusted with, its logits, and how far they are off."""
    for seed in range(sum(map(ord, name)), sum(map(ord, name)) + 1000):
        model = network(MODELS[name]())
        randomize(model, torch.Generator().manual_seed(seed))
        model.tie_weights()
        found = logits(model, tokens)
        off = float((found.double() - logits(copy.deepcopy(model).double(), tokens)).abs().max())
        if name not in MISTAKES or off < 3e-6 * found.abs().max() and min(continued(model, tokens)[1]) > 0.02:
            break
    return model, found, off


def make(name):
    """Writes one folder."""
    source = json.loads((SOURCE / "reference.json").read_text())
    tokens = source["input_ids"]
    model, found, off = trusted(name, tokens)
    folder = HERE / "tiny" / name
    folder.mkdir(exist_ok=True)
    model.save_pretrained(folder)
    for unused in folder.glob("generation_config.json"):
        unused.unlink()
    for file in ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"]:
        if (SOURCE / file).exists():
            shutil.copy(SOURCE / file, folder / file)
    greedy, margins = continued(model, tokens)
    wrong = mistakes(name, model, tokens, found)
    reference = {
        "name": name,
        "transformers": transformers.__version__,
        "input_ids": tokens,
        "text": source["text"],
        "float64_max_abs_diff": off,
        "max_abs": float(found.abs().max()),
        "argmax": [int(token) for token in found.argmax(-1)],
        "greedy": greedy,
        "greedy_margins": margins,
        "logits": [[float(f"{float(x):.8g}") for x in row] for row in found],
    }
    if wrong:
        reference["mistakes"] = wrong
    (folder / "reference.json").write_text(json.dumps(reference))
    print(name, reference["max_abs"], reference["float64_max_abs_diff"], min(margins), wrong)


if __name__ == "__main__":
    for name in sys.argv[1:] or MODELS:
        make(name)
