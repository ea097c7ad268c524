"""Families with layer norms."""

from drawing import family, rope, sizes, square, tokens, windows


@family("phi")
def phi(d):
    found = square(d)
    del found["rms_norm_eps"]
    return found | rope(d, kinds=("default",), share=(0.5, 1.0)) | {
        "layer_norm_eps": d.one(1e-5, 1e-2), "tie_word_embeddings": False,
        "qk_layernorm": False, "hidden_act": d.one("gelu_new", "gelu")}


@family("nemotron")
def nemotron(d):
    found = sizes(d)
    del found["rms_norm_eps"]
    return found | rope(d, kinds=("default",), share=(0.5, 1.0)) | {
        "norm_eps": d.one(1e-5, 1e-2), "attention_bias": d.flag(), "mlp_bias": d.flag()}


@family("olmo")
def olmo(d):
    found = square(d)
    del found["rms_norm_eps"]
    return found | rope(d, kinds=("default",)) | {
        "clip_qkv": d.one(None, 0.7), "attention_bias": d.flag()}


@family("cohere")
def cohere(d):
    found = square(d)
    del found["rms_norm_eps"]
    return found | rope(d, kinds=("default",)) | {
        "layer_norm_eps": d.one(1e-5, 1e-2), "logit_scale": d.one(0.25, 2.0), "use_qk_norm": d.flag(),
        "attention_bias": d.flag(), "tie_word_embeddings": True}


@family("cohere2")
def cohere2(d):
    found = sizes(d)
    del found["rms_norm_eps"]
    return found | rope(d, kinds=("default",)) | windows(d, found) | {
        "layer_norm_eps": d.one(1e-5, 1e-2), "logit_scale": d.one(0.25, 2.0),
        "attention_bias": d.flag(), "tie_word_embeddings": True}


def gpt(d):
    heads = d.one(1, 2, 3, 4)
    return {"vocab_size": 384, "n_embd": heads * d.one(8, 16, 24), "n_layer": d.one(1, 2, 3),
            "n_head": heads, "n_positions": 128, "layer_norm_epsilon": d.one(1e-5, 1e-2),
            "n_inner": d.one(None, 48), "activation_function": d.one("gelu_new", "gelu", "relu"),
            **tokens()}


@family("gpt2")
def gpt2(d):
    return gpt(d) | {"scale_attn_weights": d.flag(), "scale_attn_by_inverse_layer_idx": d.flag(),
                     "tie_word_embeddings": d.flag()}


@family("gpt_bigcode")
def gpt_bigcode(d):
    return gpt(d) | {"multi_query": d.flag(), "scale_attn_weights": True,
                     "activation_function": "gelu_pytorch_tanh"}


@family("gptj")
def gptj(d):
    found = gpt(d)
    return found | {"rotary_dim": d.one(4, 8)}


@family("gpt_neo")
def gpt_neo(d):
    heads = d.one(1, 2, 3)
    count = d.one(1, 2)
    return {"vocab_size": 384, "hidden_size": heads * d.one(8, 16), "num_layers": 2 * count,
            "num_heads": heads, "intermediate_size": d.one(None, 48), "max_position_embeddings": 128,
            "attention_types": [[["global", "local"], count]], "window_size": d.one(5, 16),
            "layer_norm_epsilon": d.one(1e-5, 1e-2), "activation_function": d.one("gelu_new", "relu"),
            **tokens()}


@family("gpt_neox")
def gpt_neox(d):
    found = square(d)
    del found["num_key_value_heads"], found["rms_norm_eps"]
    return found | rope(d, kinds=("default",), share=(0.25, 0.5, 1.0)) | {
        "layer_norm_eps": d.one(1e-5, 1e-2), "use_parallel_residual": d.flag(),
        "attention_bias": d.flag(), "hidden_act": d.one("gelu", "gelu_new")}


@family("opt")
def opt(d):
    heads = d.one(1, 2, 3)
    width = heads * d.one(8, 16)
    return {"vocab_size": 384, "hidden_size": width, "num_hidden_layers": d.one(1, 2, 3),
            "num_attention_heads": heads, "ffn_dim": d.one(40, 64), "max_position_embeddings": 128,
            "do_layer_norm_before": d.flag(), "word_embed_proj_dim": d.one(width, 16),
            "enable_bias": d.flag(), "layer_norm_elementwise_affine": d.flag(),
            "activation_function": d.one("relu", "gelu"), **tokens()}


@family("falcon")
def falcon(d):
    alibi = d.flag()
    # What scores fall by is rounded to bfloat16 by transformers, but powers of two are not.
    heads, groups = d.one((2, 1), (4, 2)) if alibi else d.one((2, 1), (4, 2), (6, 3), (3, 3))
    is_new = d.flag()
    kind = {"new_decoder_architecture": True, "num_kv_heads": groups, "parallel_attn": True,
            "num_ln_in_parallel_attn": d.one(None, 2)} if is_new else {
        "new_decoder_architecture": False, "parallel_attn": d.flag(), "multi_query": d.flag()}
    return {"vocab_size": 384, "hidden_size": heads * d.one(8, 16, 24), "num_hidden_layers": d.one(1, 2, 3),
            "num_attention_heads": heads, "alibi": alibi, "bias": d.flag(), **kind,
            "layer_norm_epsilon": d.one(1e-5, 1e-2), "max_position_embeddings": 128, **tokens()}


@family("mpt")
def mpt(d):
    heads = d.one(1, 2, 3, 4)
    return {"vocab_size": 384, "d_model": heads * d.one(8, 16), "n_heads": heads,
            "n_layers": d.one(1, 2, 3), "expansion_ratio": 4, "max_seq_len": 128,
            "attn_config": {"clip_qkv": d.one(None, 0.7), "softmax_scale": d.one(None, 0.3),
                            "alibi_bias_max": 8}, **tokens()}


@family("bloom")
def bloom(d):
    heads = d.one(1, 2, 3, 4)
    return {"vocab_size": 384, "hidden_size": heads * d.one(8, 16), "n_head": heads,
            "n_layer": d.one(1, 2, 3), "layer_norm_epsilon": d.one(1e-5, 1e-2), "seq_length": 128,
            "apply_residual_connection_post_layernorm": d.flag(), **tokens()}


@family("stablelm")
def stablelm(d):
    found = square(d)
    del found["rms_norm_eps"]
    return found | rope(d, kinds=("default",), share=(0.25, 0.5, 1.0)) | {
        "layer_norm_eps": d.one(1e-5, 1e-2), "use_qkv_bias": d.flag(), "qk_layernorm": d.flag(),
        "use_parallel_residual": d.flag(), "hidden_act": d.one("silu", "gelu")}


@family("starcoder2")
def starcoder2(d):
    found = square(d)
    del found["rms_norm_eps"]
    return found | rope(d, kinds=("default",)) | {
        "norm_epsilon": d.one(1e-5, 1e-2), "sliding_window": d.one(None, 9), "use_bias": d.flag(),
        "hidden_act": d.one("gelu_pytorch_tanh", "gelu")}
