"""Families whose layers have a state."""

from drawing import experts, family, multipliers, rope, sizes, square, tokens
from mixtures import qwen_experts


def delta(d):
    found = sizes(d, lengths=(16, 32))
    heads = d.one(1, 2)
    count = found["num_hidden_layers"]
    return found | rope(d, kinds=("default",), share=(0.25, 0.5, 1.0)) | {
        "linear_num_key_heads": heads, "linear_num_value_heads": heads * d.one(1, 2, 3),
        "linear_key_head_dim": d.one(8, 16), "linear_value_head_dim": d.one(8, 16, 24),
        "linear_conv_kernel_dim": d.one(2, 3, 4),
        "layer_types": d.kinds(count, "linear_attention", "full_attention"),
        "attention_bias": d.flag()}


@family("qwen3_next")
def qwen3_next(d):
    found = delta(d)
    more = qwen_experts(d, found)
    return found | more | {"shared_expert_intermediate_size": d.one(16, 48)}


@family("qwen3_5_text")
def qwen3_5(d):
    return delta(d)


@family("qwen3_5_moe_text")
def qwen3_5_moe(d):
    return delta(d) | experts(d) | {
        "moe_intermediate_size": d.one(16, 32), "shared_expert_intermediate_size": d.one(16, 48)}


@family("lfm2")
def lfm2(d):
    found = square(d, layers=(2, 3, 4))
    return found | rope(d, kinds=("default",)) | {
        "layer_types": d.kinds(found["num_hidden_layers"], "conv", "full_attention"),
        "conv_L_cache": d.one(2, 3, 4), "conv_bias": d.flag(), "norm_eps": d.one(1e-5, 1e-2),
        "block_auto_adjust_ff_dim": d.flag(), "block_multiple_of": d.one(16, 32),
        "block_ffn_dim_multiplier": d.one(1.0, 1.3)}


@family("lfm2_moe")
def lfm2_moe(d):
    found = square(d, layers=(2, 3, 4))
    return found | rope(d, kinds=("default",)) | experts(d) | {
        "layer_types": d.kinds(found["num_hidden_layers"], "conv", "full_attention"),
        "conv_L_cache": d.one(2, 3, 4), "conv_bias": d.flag(), "norm_eps": d.one(1e-5, 1e-2),
        "num_dense_layers": d.one(0, 1), "moe_intermediate_size": d.one(16, 24),
        "norm_topk_prob": d.flag(), "use_expert_bias": d.flag(), "routed_scaling_factor": d.one(1.0, 1.7)}


def mamba2(d):
    heads, groups = d.one((2, 1), (4, 2), (4, 4), (6, 3), (4, 1))
    length = d.one(8, 16)
    return heads, groups, length, d.one(8, 16), d.one(2, 4)


@family("granitemoehybrid")
def granitemoehybrid(d):
    found = square(d, layers=(2, 3, 4))
    heads, groups, length, state, kernel = mamba2(d)
    found["hidden_size"] = width = found["num_attention_heads"] * 16
    while heads * length != 2 * width:
        length = 2 * width // heads
        if heads * length != 2 * width:
            heads, groups = 4, 2
    more = multipliers(d) | {
        "layer_types": d.kinds(found["num_hidden_layers"], "mamba", "attention"),
        "mamba_n_heads": heads, "mamba_n_groups": groups, "mamba_d_head": length,
        "mamba_d_state": state, "mamba_d_conv": kernel, "mamba_expand": 2, "mamba_chunk_size": 8,
        "mamba_conv_bias": d.flag(), "mamba_proj_bias": d.flag(), "attention_bias": d.flag(),
        "shared_intermediate_size": found["intermediate_size"],
        "position_embedding_type": d.one("nope", "rope")}
    more |= experts(d, "num_local_experts") if d.flag() else {
        "num_local_experts": 0, "num_experts_per_tok": 0}
    return found | more


@family("falcon_h1")
def falcon_h1(d):
    heads, groups, length, state, kernel = mamba2(d)
    return sizes(d, lengths=(16, 32)) | rope(d, kinds=("default",)) | {
        "mamba_n_heads": heads, "mamba_n_groups": groups, "mamba_d_head": length,
        "mamba_d_state": state, "mamba_d_conv": kernel, "mamba_d_ssm": heads * length,
        "mamba_chunk_size": 8, "mamba_rms_norm": d.flag(), "mamba_norm_before_gate": d.flag(),
        "mamba_conv_bias": d.flag(), "mlp_bias": d.flag(),
        "attention_in_multiplier": d.one(0.7, 1.0), "attention_out_multiplier": d.one(0.9, 1.0),
        "key_multiplier": d.one(0.4, 1.0), "ssm_in_multiplier": d.one(1.0, 1.3),
        "ssm_out_multiplier": d.one(0.6, 1.0), "embedding_multiplier": d.one(1.0, 3.0),
        "lm_head_multiplier": d.one(0.5, 1.0), "mlp_multipliers": [d.one(0.7, 1.0), d.one(0.6, 1.0)],
        "ssm_multipliers": [d.one(0.6, 1.0, 1.2) for _ in range(5)]}


@family("nemotron_h")
def nemotron_h(d):
    heads, groups, length, state, kernel = mamba2(d)
    kinds = ["linear_attention", "full_attention"] + [
        d.one("linear_attention", "full_attention", "mlp", "moe") for _ in range(d.one(1, 2, 3))]
    d.source.shuffle(kinds)
    found = sizes(d, lengths=(16, 32))
    found["layer_norm_epsilon"] = found.pop("rms_norm_eps")
    count = d.one(4, 6, 8)
    return found | {
        "num_hidden_layers": len(kinds), "layers_block_type": kinds,
        "mamba_num_heads": heads, "n_groups": groups, "mamba_head_dim": length,
        "ssm_state_size": state, "conv_kernel": kernel, "chunk_size": 8,
        "attention_bias": d.flag(), "mlp_bias": "moe" not in kinds and d.flag(),
        "use_bias": d.flag(), "use_conv_bias": d.flag(),
        "n_routed_experts": count, "num_experts_per_tok": d.one(1, 2), "n_group": 2,
        "topk_group": d.one(1, 2), "moe_intermediate_size": d.one(16, 24),
        "moe_shared_expert_intermediate_size": d.one(16, 48), "routed_scaling_factor": d.one(1.0, 2.5),
        "norm_topk_prob": d.flag(), "moe_latent_size": d.one(None, 16)}


@family("mamba")
def mamba(d):
    return {"vocab_size": 384, "hidden_size": d.one(32, 48), "state_size": d.one(4, 8, 16),
            "num_hidden_layers": d.one(1, 2, 3), "layer_norm_epsilon": d.one(1e-5, 1e-2),
            "expand": d.one(1, 2), "conv_kernel": d.one(2, 4), "use_bias": d.flag(),
            "use_conv_bias": d.flag(), "time_step_rank": d.one("auto", 4, 6),
            "tie_word_embeddings": d.flag(), **tokens()}


@family("falcon_mamba")
def falcon_mamba(d):
    return mamba(d) | {"mixer_rms_eps": d.one(1e-6, 1e-2)}


@family("mamba2")
def mamba2_model(d):
    heads, groups, length, state, kernel = mamba2(d)
    expand = d.one(1, 2)
    return {"vocab_size": 384, "hidden_size": heads * length // expand, "state_size": state,
            "num_heads": heads, "head_dim": length, "n_groups": groups, "expand": expand,
            "num_hidden_layers": d.one(1, 2, 3), "layer_norm_epsilon": d.one(1e-5, 1e-2),
            "conv_kernel": kernel, "use_bias": d.flag(), "use_conv_bias": d.flag(), "chunk_size": 8,
            "tie_word_embeddings": d.flag(), **tokens()}
