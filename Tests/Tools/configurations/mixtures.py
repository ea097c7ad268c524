"""Families with experts."""

from drawing import experts, family, grouped, multipliers, rope, sizes, square, windows
from dense import hunyuan, latent


@family("mixtral")
def mixtral(d):
    return sizes(d) | rope(d, kinds=("default",)) | experts(d, "num_local_experts") | {
        "sliding_window": d.one(None, 7)}


def qwen_experts(d, found):
    count = found["num_hidden_layers"]
    more = experts(d) | {"moe_intermediate_size": d.one(16, 24, 32), "norm_topk_prob": d.flag()}
    if d.flag() and count > 1:
        more["mlp_only_layers"] = [d.one(*range(count))]
    if d.flag() and count > 1:
        more["decoder_sparse_step"] = 2
    return more


@family("qwen2_moe")
def qwen2_moe(d):
    found = square(d)
    return found | rope(d, kinds=("default",)) | qwen_experts(d, found) | {
        "shared_expert_intermediate_size": d.one(16, 48), "qkv_bias": d.flag()}


@family("qwen3_moe")
def qwen3_moe(d):
    found = sizes(d)
    return found | rope(d, kinds=("default", "yarn")) | qwen_experts(d, found) | {
        "attention_bias": d.flag()}


@family("gpt_oss")
def gpt_oss(d):
    found = sizes(d, lengths=(16, 32))
    return found | windows(d, found) | rope(d, kinds=("default", "yarn")) | experts(
        d, "num_local_experts") | {"attention_bias": d.flag(), "tie_word_embeddings": False}


@family("phimoe")
def phimoe(d):
    return square(d) | rope(d, kinds=("default",)) | {
        "num_local_experts": d.one(4, 6), "num_experts_per_tok": 2,
        "router_jitter_noise": d.one(0.01, 0.3), "attention_bias": d.flag(), "lm_head_bias": d.flag(),
        "sliding_window": d.one(None, 9), "tie_word_embeddings": False}


@family("granitemoe")
def granitemoe(d):
    return square(d) | rope(d, kinds=("default",)) | multipliers(d) | experts(
        d, "num_local_experts") | {"attention_bias": d.flag()}


@family("granitemoeshared")
def granitemoeshared(d):
    return granitemoe(d) | {"shared_intermediate_size": d.one(16, 48)}


@family("deepseek_v2")
def deepseek_v2(d):
    found = latent(d)
    return found | grouped(d) | rope(d, kinds=("default", "yarn")) | {
        "first_k_dense_replace": d.one(0, 1), "norm_topk_prob": False,
        "topk_method": d.one("greedy", "group_limited_greedy")}


@family("deepseek_v3")
def deepseek_v3(d):
    found = latent(d)
    return found | grouped(d) | rope(d, kinds=("default", "yarn")) | {
        "first_k_dense_replace": d.one(0, 1), "norm_topk_prob": d.flag(),
        "rope_interleave": d.flag()}


@family("glm4_moe_lite")
def glm4_moe_lite(d):
    found = latent(d)
    count = found["num_hidden_layers"]
    return found | grouped(d) | rope(d, kinds=("default",)) | {
        "mlp_layer_types": [d.one("dense", "sparse") for _ in range(count)],
        "norm_topk_prob": d.flag()}


@family("mistral4")
def mistral4(d):
    found = latent(d)
    found["q_lora_rank"] = d.one(16, 24)
    angles = rope(d, kinds=("yarn",))
    angles["rope_parameters"]["llama_4_scaling_beta"] = d.one(0.1, 0.5)
    return found | grouped(d) | angles | {
        "first_k_dense_replace": d.one(0, 1), "norm_topk_prob": d.flag()}


@family("glm4_moe")
def glm4_moe(d):
    found = sizes(d, lengths=(16, 32))
    return found | grouped(d) | rope(d, kinds=("default",), share=(0.5, 1.0)) | {
        "first_k_dense_replace": d.one(0, 1), "norm_topk_prob": d.flag(), "attention_bias": d.flag(),
        "use_qk_norm": d.flag()}


@family("olmoe")
def olmoe(d):
    return square(d) | rope(d, kinds=("default",)) | experts(d) | {
        "norm_topk_prob": d.flag(), "attention_bias": d.flag()}


@family("llama4_text")
def llama4(d):
    found = sizes(d, layers=(2, 4))
    count = found["num_hidden_layers"]
    return found | rope(d, kinds=("default", "llama3")) | {
        "num_local_experts": d.one(2, 4), "num_experts_per_tok": 1,
        "intermediate_size_mlp": d.one(48, 64), "interleave_moe_layer_step": d.one(1, 2),
        "attention_chunk_size": 32, "floor_scale": d.one(4, 7), "attn_scale": d.one(0.1, 0.5),
        "attn_temperature_tuning": d.flag(), "use_qk_norm": d.flag(), "attention_bias": d.flag(),
        "no_rope_layers": [d.one(0, 1) for _ in range(count)]}


@family("ernie4_5_moe")
def ernie4_5_moe(d):
    found = square(d)
    count = found["num_hidden_layers"]
    return found | rope(d, kinds=("default",)) | experts(d, "moe_num_experts", "moe_k") | {
        "moe_intermediate_size": d.one(16, 24), "moe_num_shared_experts": d.one(0, 1, 2),
        "moe_layer_start_index": d.one(0, 1), "moe_layer_end_index": d.one(-1, count - 1),
        "moe_layer_interval": d.one(1, 2), "use_bias": d.flag(), "moe_norm_min": 1e-12}


@family("hunyuan_v1_moe")
def hunyuan_moe(d):
    return hunyuan(d) | experts(d, used="moe_topk")
