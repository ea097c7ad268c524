"""Writes models of families that transformers does not have: one that computes the same, under other names."""

import json

import torch
from safetensors.torch import save_file

COMMON = ["vocab_size", "hidden_size", "intermediate_size", "num_attention_heads", "rms_norm_eps",
          "num_hidden_layers", "num_key_value_heads", "max_position_embeddings", "bos_token_id",
          "eos_token_id", "tie_word_embeddings"]


def by_group(parts, config):
    """Rows of queries, keys and values, those of each key-value head together."""
    groups = config.num_key_value_heads
    split = [part.reshape(groups, -1, part.shape[-1]) for part in parts]
    return torch.cat(split, dim=1).reshape(-1, parts[0].shape[-1])


def internlm2(state, config):
    """Queries, keys and values of a group in one matrix."""
    found = {
        "model.tok_embeddings.weight": state["model.embed_tokens.weight"],
        "model.norm.weight": state["model.norm.weight"], "output.weight": state["lm_head.weight"],
    }
    names = {
        "input_layernorm": "attention_norm", "post_attention_layernorm": "ffn_norm",
        "self_attn.o_proj": "attention.wo", "mlp.gate_proj": "feed_forward.w1",
        "mlp.up_proj": "feed_forward.w3", "mlp.down_proj": "feed_forward.w2",
    }
    for layer in range(config.num_hidden_layers):
        start = f"model.layers.{layer}."
        for old, new in names.items():
            found[f"{start}{new}.weight"] = state[f"{start}{old}.weight"]
        parts = [state[f"{start}self_attn.{part}_proj.weight"] for part in "qkv"]
        found[f"{start}attention.wqkv.weight"] = by_group(parts, config)
    return found, {"bias": False, "rope_theta": 10000.0}


def minicpm(state, config):
    """Granite's factors, spelt otherwise."""
    return state, {
        "scale_emb": config.embedding_multiplier, "scale_depth": 1.4,
        "dim_model_base": int(config.hidden_size / config.logits_scaling), "rope_theta": 10000.0,
    }


def baichuan(state, config):
    """Queries, keys and values in one matrix."""
    found = {name: value for name, value in state.items() if not name.endswith(
        ("q_proj.weight", "k_proj.weight", "v_proj.weight"))}
    for layer in range(config.num_hidden_layers):
        start = f"model.layers.{layer}.self_attn."
        parts = [state[f"{start}{part}_proj.weight"] for part in "qkv"]
        found[f"{start}W_pack.weight"] = torch.cat(parts)
    return found, {"rope_theta": 10000.0}


def chatglm(state, config):
    """GLM with other names and keys."""
    found = {
        "transformer.embedding.word_embeddings.weight": state["model.embed_tokens.weight"],
        "transformer.encoder.final_layernorm.weight": state["model.norm.weight"],
        "transformer.output_layer.weight": state["lm_head.weight"],
    }
    names = {
        "input_layernorm": "input_layernorm", "post_attention_layernorm": "post_attention_layernorm",
        "self_attn.o_proj": "self_attention.dense", "mlp.gate_up_proj": "mlp.dense_h_to_4h",
        "mlp.down_proj": "mlp.dense_4h_to_h",
    }
    for layer in range(config.num_hidden_layers):
        start, end = f"model.layers.{layer}.", f"transformer.encoder.layers.{layer}."
        for old, new in names.items():
            found[f"{end}{new}.weight"] = state[f"{start}{old}.weight"]
        for kind in ["weight", "bias"]:
            parts = [state[f"{start}self_attn.{part}_proj.{kind}"] for part in "qkv"]
            found[f"{end}self_attention.query_key_value.{kind}"] = torch.cat(parts)
    return found, {
        "ffn_hidden_size": config.intermediate_size, "kv_channels": config.head_dim,
        "multi_query_attention": True, "multi_query_group_num": config.num_key_value_heads,
        "num_layers": config.num_hidden_layers, "padded_vocab_size": config.vocab_size,
        "seq_length": config.max_position_embeddings, "layernorm_epsilon": config.rms_norm_eps,
        "add_qkv_bias": True, "add_bias_linear": False, "rmsnorm": True, "post_layer_norm": True,
        "apply_residual_connection_post_layernorm": False, "original_rope": True,
    }


def codeshell(state, config):
    """StarCoder 2 under the names of GPT-2."""
    found = {"transformer.wte.weight": state["model.embed_tokens.weight"]}
    names = {
        "input_layernorm": "ln_1", "post_attention_layernorm": "ln_2", "self_attn.o_proj": "attn.c_proj",
        "mlp.c_fc": "mlp.c_fc", "mlp.c_proj": "mlp.c_proj",
    }
    for kind in ["weight", "bias"]:
        found[f"transformer.ln_f.{kind}"] = state[f"model.norm.{kind}"]
        for layer in range(config.num_hidden_layers):
            start, end = f"model.layers.{layer}.", f"transformer.h.{layer}."
            for old, new in names.items():
                found[f"{end}{new}.{kind}"] = state[f"{start}{old}.{kind}"]
            parts = [state[f"{start}self_attn.{part}_proj.{kind}"] for part in "qkv"]
            found[f"{end}attn.c_attn.{kind}"] = torch.cat(parts)
    return found, {
        "n_embd": config.hidden_size, "n_head": config.num_attention_heads,
        "n_layer": config.num_hidden_layers, "n_inner": config.intermediate_size,
        "n_positions": config.max_position_embeddings, "num_query_groups": config.num_key_value_heads,
        "layer_norm_epsilon": config.norm_epsilon, "activation_function": "gelu_pytorch_tanh",
        "position_embedding_type": "rope", "group_query_attention": True,
    }


FAMILIES = {function.__name__: function for function in [internlm2, minicpm, baichuan, chatglm, codeshell]}
# Sizes that those files call otherwise.
RENAMED_SIZES = ["intermediate_size", "num_hidden_layers", "num_key_value_heads", "max_position_embeddings",
                 "rms_norm_eps"]


def save(name, model, folder):
    """Writes the weights and the configuration of a family."""
    config = model.config
    state = {key: value.contiguous() for key, value in model.state_dict().items()
             if key != "lm_head.weight" or not config.tie_word_embeddings}
    tensors, members = FAMILIES[name](state, config)
    sizes = {key: getattr(config, key) for key in COMMON if hasattr(config, key)}
    if name in ("chatglm", "codeshell"):
        sizes = {key: value for key, value in sizes.items() if key not in RENAMED_SIZES}
    document = sizes | members | {"model_type": name, "torch_dtype": "float32"}
    save_file({key: value.contiguous() for key, value in tensors.items()}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(document, indent=2, sort_keys=True) + "\n")
