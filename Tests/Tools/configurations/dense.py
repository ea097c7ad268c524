"""Families with root-mean-square norms."""

from drawing import divided, experts, family, multipliers, rope, sizes, square, windows


@family("llama")
def llama(d):
    return square(d) | rope(d) | {
        "attention_bias": d.flag(), "mlp_bias": d.flag(),
        "hidden_act": d.one("silu", "gelu", "gelu_pytorch_tanh", "relu")}


@family("mistral")
def mistral(d):
    return sizes(d) | rope(d) | {"sliding_window": d.one(None, 5, 16, 20)}


@family("ministral3")
def ministral3(d):
    found = rope(d, kinds=("yarn",))
    found["rope_parameters"]["llama_4_scaling_beta"] = d.one(0.1, 0.5)
    return sizes(d) | found | {"sliding_window": d.one(None, 9)}


@family("qwen2")
def qwen2(d):
    found = square(d)
    return found | rope(d, kinds=("default", "yarn", "linear")) | (
        {"use_sliding_window": True, **windows(d, found)} if d.flag() else
        {"use_sliding_window": False, "sliding_window": 4, "max_window_layers": 1})


@family("qwen3")
def qwen3(d):
    found = sizes(d)
    return found | rope(d, kinds=("default", "yarn")) | {"attention_bias": d.flag()} | (
        {"use_sliding_window": True, "sliding_window": 6, "max_window_layers": 1} if d.flag() else {})


@family("gemma")
def gemma(d):
    return sizes(d) | rope(d, kinds=("default",)) | {
        "tie_word_embeddings": True, "attention_bias": d.flag(),
        "hidden_act": d.one("gelu", "gelu_pytorch_tanh")}


@family("gemma2")
def gemma2(d):
    found = divided(sizes(d))
    return found | rope(d, kinds=("default",)) | windows(d, found) | {
        "tie_word_embeddings": True, "attention_bias": d.flag(),
        "query_pre_attn_scalar": d.one(8, 20, 64), "attn_logit_softcapping": d.one(None, 2.0, 50.0),
        "final_logit_softcapping": d.one(None, 2.0, 30.0)}


def two_ropes(d, kinds=("default", "linear"), share=(1.0,)):
    return {"rope_parameters": {
        "full_attention": rope(d, kinds, share)["rope_parameters"],
        "sliding_attention": rope(d, ("default",))["rope_parameters"]}}


@family("gemma3_text")
def gemma3(d):
    found = divided(sizes(d))
    return found | windows(d, found) | two_ropes(d) | {
        "tie_word_embeddings": True, "attention_bias": d.flag(),
        "query_pre_attn_scalar": d.one(8, 20, 64), "final_logit_softcapping": d.one(None, 2.0)}


@family("gemma3n_text")
def gemma3n(d):
    found = divided(sizes(d, layers=(3, 4, 5), lengths=(16, 32)))
    count = found["num_hidden_layers"]
    own = d.one(2, count - 1, count)
    kinds = d.kinds(2, "sliding_attention", "full_attention")
    kinds += [d.one("sliding_attention", "full_attention") for _ in range(count - 2)]
    return found | two_ropes(d, kinds=("default",)) | {
        "sliding_window": d.one(5, 8), "layer_types": kinds, "num_kv_shared_layers": count - own,
        "hidden_size_per_layer_input": d.one(8, 16), "vocab_size_per_layer_input": 384,
        "altup_num_inputs": d.one(2, 3, 4), "altup_active_idx": d.one(0, 1),
        "altup_coef_clip": d.one(0.5, 120.0), "altup_correct_scale": d.flag(),
        "laurel_rank": d.one(4, 8), "intermediate_size": [found["intermediate_size"]] * count,
        "activation_sparsity_pattern": [d.one(0.0, 0.5, 0.95) for _ in range(count)],
        "final_logit_softcapping": d.one(2.0, 30.0), "tie_word_embeddings": True}


@family("gemma4_text")
def gemma4(d):
    found = sizes(d, layers=(3, 4, 5), lengths=(16, 32))
    count = found["num_hidden_layers"]
    own = d.one(2, count - 1, count)
    kinds = d.kinds(2, "sliding_attention", "full_attention")
    kinds += [d.one("sliding_attention", "full_attention") for _ in range(count - 3)] + ["full_attention"]
    keys = d.flag()
    more = {
        "sliding_window": d.one(5, 8), "layer_types": kinds, "num_kv_shared_layers": count - own,
        "global_head_dim": d.one(16, 32, 48), "attention_k_eq_v": keys,
        "num_global_key_value_heads": 1 if keys else None,
        "final_logit_softcapping": d.one(None, 3.0), "tie_word_embeddings": True,
        "hidden_size_per_layer_input": d.one(0, 8, 16), "vocab_size_per_layer_input": 384,
        "use_double_wide_mlp": count > own and d.flag(),
        "rope_parameters": {
            "full_attention": {"rope_type": "proportional", "rope_theta": 1e5,
                               "partial_rotary_factor": d.one(0.25, 0.5)},
            "sliding_attention": {"rope_type": "default", "rope_theta": 1e4}}}
    if not more["hidden_size_per_layer_input"]:
        more["num_kv_shared_layers"] = 0
    if d.flag():
        more |= {"enable_moe_block": True, "moe_intermediate_size": d.one(16, 24),
                 **experts(d, used="top_k_experts")}
    return found | more


@family("phi3")
def phi3(d):
    found = square(d, lengths=(16,))
    half = d.one(1.0, 0.5)
    if d.flag():
        pairs = int(found["hidden_size"] // found["num_attention_heads"] * half) // 2
        found |= {
            "original_max_position_embeddings": 32,
            "rope_parameters": {
                "rope_type": "longrope", "rope_theta": 1e4, "partial_rotary_factor": half,
                "original_max_position_embeddings": 32,
                "short_factor": [1.0 + 0.1 * i for i in range(pairs)],
                "long_factor": [1.0 + 0.5 * i for i in range(pairs)]}}
    else:
        found |= rope(d, kinds=("default",), share=(0.5, 1.0))
    return found | {"sliding_window": d.one(None, 9)}


@family("granite")
def granite(d):
    return square(d) | rope(d) | multipliers(d) | {
        "attention_bias": d.flag(), "mlp_bias": d.flag()}


def latent(d):
    found = divided(sizes(d))
    found["num_key_value_heads"] = found["num_attention_heads"]
    del found["head_dim"]
    return found | {
        "q_lora_rank": d.one(None, 16, 24), "kv_lora_rank": d.one(16, 32),
        "qk_nope_head_dim": d.one(8, 16, 24), "qk_rope_head_dim": d.one(8, 16),
        "v_head_dim": d.one(8, 16, 24), "attention_bias": d.flag()}


@family("minicpm3")
def minicpm3(d):
    found = latent(d)
    found["q_lora_rank"] = d.one(16, 24)
    found["hidden_size"] = found["num_attention_heads"] * 16
    return found | rope(d, kinds=("default",)) | {
        "scale_emb": d.one(1, 12), "scale_depth": d.one(1.0, 1.4), "dim_model_base": d.one(16, 32)}


@family("glm", "glm4")
def glm(d):
    return sizes(d, lengths=(16, 32)) | rope(d, kinds=("default",), share=(0.5, 1.0)) | {
        "attention_bias": d.flag()}


@family("olmo2")
def olmo2(d):
    return square(d) | rope(d) | {"attention_bias": d.flag()}


@family("olmo3")
def olmo3(d):
    found = square(d)
    return found | windows(d, found) | rope(d, kinds=("default", "yarn"))


@family("exaone4")
def exaone4(d):
    found = sizes(d)
    return found | rope(d, kinds=("default", "llama3")) | (
        windows(d, found) if d.flag() else {
            "sliding_window": None,
            "layer_types": ["full_attention"] * found["num_hidden_layers"]})


@family("smollm3")
def smollm3(d):
    found = square(d)
    count = found["num_hidden_layers"]
    more = windows(d, found) | {"use_sliding_window": True} if d.flag() else {}
    return found | rope(d, kinds=("default", "yarn")) | more | {
        "no_rope_layers": [d.one(0, 1) for _ in range(count)], "attention_bias": d.flag(),
        "mlp_bias": d.flag()}


@family("ernie4_5")
def ernie4_5(d):
    return sizes(d) | rope(d, kinds=("default",)) | {"use_bias": d.flag()}


@family("hunyuan_v1_dense")
def hunyuan(d):
    angles = rope(d, kinds=("default",))
    if d.flag():
        angles["rope_parameters"] |= {"rope_type": "dynamic", "alpha": d.one(10.0, 1000.0), "factor": 1.0}
    return sizes(d) | angles | {"attention_bias": d.flag()}


@family("apertus")
def apertus(d):
    return sizes(d) | rope(d, kinds=("default", "llama3")) | {
        "attention_bias": d.flag(), "hidden_act": "xielu"}


@family("arcee")
def arcee(d):
    return square(d) | rope(d, kinds=("default", "yarn")) | {
        "attention_bias": d.flag(), "mlp_bias": d.flag(), "hidden_act": d.one("relu2", "silu")}


@family("seed_oss")
def seed_oss(d):
    return sizes(d) | rope(d, kinds=("default",)) | {
        "attention_bias": d.flag(), "attention_out_bias": d.flag(), "mlp_bias": d.flag()}


@family("exaone")
def exaone(d):
    return square(d) | rope(d, kinds=("default", "llama3"))
