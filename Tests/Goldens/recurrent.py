#!/usr/bin/env python3
"""Makes tiny random models of families whose layers have a state, with logits of transformers.

    recurrent.py [NAME ...]

Writes folders to `tiny/`, as `tiny/README.md` describes them. Needs torch, transformers and safetensors.
"""

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
        tie_word_embeddings=True,
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
}


def randomize(model, generator):
    """Gives every parameter a size at which it matters."""
    for name, value in model.named_parameters():
        noise = torch.randn(value.shape, generator=generator)
        if name.endswith("A_log"):
            value.data = 0.5 * noise
        elif name.endswith(("dt_bias", "dt_proj.bias")):
            value.data = noise
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


def make(name):
    """Writes one folder."""
    config = MODELS[name]()
    config._attn_implementation = "eager"
    model = transformers.AutoModelForCausalLM.from_config(config, attn_implementation="eager").float().eval()
    randomize(model, torch.Generator().manual_seed(sum(map(ord, name))))
    model.tie_weights()
    folder = HERE / "tiny" / name
    folder.mkdir(exist_ok=True)
    model.save_pretrained(folder)
    for unused in folder.glob("generation_config.json"):
        unused.unlink()
    for file in ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"]:
        if (SOURCE / file).exists():
            shutil.copy(SOURCE / file, folder / file)
    source = json.loads((SOURCE / "reference.json").read_text())
    tokens = source["input_ids"]
    found = logits(model, tokens)
    greedy, margins, text = [], [], list(tokens)
    for _ in range(8):
        row = logits(model, text)[-1]
        best = row.topk(2).values
        greedy.append(int(row.argmax()))
        margins.append(round(float(best[0] - best[1]), 4))
        text.append(greedy[-1])
    exact = logits(model.double(), tokens)
    reference = {
        "name": name,
        "transformers": transformers.__version__,
        "input_ids": tokens,
        "text": source["text"],
        "float64_max_abs_diff": float((found.double() - exact).abs().max()),
        "max_abs": float(found.abs().max()),
        "argmax": [int(token) for token in found.argmax(-1)],
        "greedy": greedy,
        "greedy_margins": margins,
        "logits": [[float(f"{float(x):.8g}") for x in row] for row in found],
    }
    (folder / "reference.json").write_text(json.dumps(reference))
    print(name, reference["max_abs"], reference["float64_max_abs_diff"], min(margins))


if __name__ == "__main__":
    for name in sys.argv[1:] or MODELS:
        make(name)
