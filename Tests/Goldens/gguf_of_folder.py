#!/usr/bin/env python3
"""Usage: gguf_of_folder.py FOLDER FILE

Writes a published folder of Llama, Mistral, Qwen 2, Qwen 3, Gemma 2 or Gemma 3 as a GGUF file in
float32, as those who share such files do, with the names of the GGUF specification. An independent
witness for what the two formats say otherwise: names, keys, the order of rotated rows, norms around
one, factors of frequencies. Needs `pip install gguf numpy safetensors`.
"""

import json
import math
import pathlib
import sys

import gguf
import numpy
from safetensors.numpy import load_file

ARCHITECTURES = {
    "llama": "llama", "mistral": "llama", "qwen2": "qwen2", "qwen3": "qwen3",
    "gemma2": "gemma2", "gemma3_text": "gemma3",
}
WHOLE = {
    "model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}
PARTS = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
# Gemma has norms on both sides of a block.
GEMMA_PARTS = PARTS | {
    "post_attention_layernorm": "post_attention_norm", "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm",
}


def name_of(tensor, is_gemma):
    """The name in a GGUF file."""
    if tensor in WHOLE:
        return WHOLE[tensor]
    _, _, layer, rest = tensor.split(".", 3)
    part, kind = rest.rsplit(".", 1)
    return f"blk.{layer}.{(GEMMA_PARTS if is_gemma else PARTS)[part]}.{kind}"


def in_pairs(rows, heads):
    """Rows of halves that are rotated together, as neighbours."""
    length = rows.shape[0] // heads
    return (rows.reshape(heads, 2, length // 2, *rows.shape[1:])
            .swapaxes(1, 2).reshape(rows.shape))


def frequency_factors(rope, length):
    """What Llama 3 divides each frequency by."""
    low = rope["original_max_position_embeddings"] / rope["low_freq_factor"]
    high = rope["original_max_position_embeddings"] / rope["high_freq_factor"]
    factors = []
    for index in range(0, length, 2):
        wave = 2 * math.pi * rope["rope_theta"] ** (index / length)
        if wave < high:
            factors.append(1.0)
        elif wave > low:
            factors.append(rope["factor"])
        else:
            smooth = (rope["original_max_position_embeddings"] / wave - rope["low_freq_factor"]) / (
                rope["high_freq_factor"] - rope["low_freq_factor"])
            factors.append(1 / ((1 - smooth) / rope["factor"] + smooth))
    return numpy.array(factors, dtype=numpy.float32)


def write_sizes(writer, config):
    """Hyper-parameters."""
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])
    head = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_rope_dimension_count(head)
    rope = config["rope_parameters"]
    writer.add_rope_freq_base(rope.get("full_attention", rope)["rope_theta"])
    if "sliding_attention" in rope:
        key = f"{writer.arch}.rope.freq_base_swa"
        writer.add_float32(key, rope["sliding_attention"]["rope_theta"])
    if config.get("sliding_window") and config.get("use_sliding_window", True):
        writer.add_sliding_window(config["sliding_window"])
    if config.get("attn_logit_softcapping"):
        writer.add_attn_logit_softcapping(config["attn_logit_softcapping"])
    if config.get("final_logit_softcapping"):
        writer.add_final_logit_softcapping(config["final_logit_softcapping"])
    return head, rope


def write_vocabulary(writer, folder, config):
    """A byte-level vocabulary of merges."""
    document = json.loads((folder / "tokenizer.json").read_text())
    pieces = {index: piece for piece, index in document["model"]["vocab"].items()}
    special = {entry["id"]: entry["content"] for entry in document["added_tokens"]}
    tokens = [special.get(i, pieces.get(i, f"[unused{i}]")) for i in range(config["vocab_size"])]
    kinds = [gguf.TokenType.CONTROL if i in special else
             gguf.TokenType.NORMAL if i in pieces else gguf.TokenType.UNUSED
             for i in range(config["vocab_size"])]
    merges = [m if isinstance(m, str) else " ".join(m) for m in document["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_add_bos_token(False)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    config = json.loads((folder / "config.json").read_text())
    family = config["model_type"]
    is_gemma = family.startswith("gemma")
    writer = gguf.GGUFWriter(sys.argv[2], ARCHITECTURES[family])
    head, rope = write_sizes(writer, config)
    write_vocabulary(writer, folder, config)
    if rope.get("rope_type") == "llama3":
        writer.add_tensor("rope_freqs.weight", frequency_factors(rope, head))
    heads = {"attn_q": config["num_attention_heads"], "attn_k": config["num_key_value_heads"]}
    for name, values in load_file(folder / "model.safetensors").items():
        if name == "lm_head.weight" and config["tie_word_embeddings"]:
            continue
        name, values = name_of(name, is_gemma), values.astype(numpy.float32)
        part = name.split(".")[-2]
        if ARCHITECTURES[family] == "llama" and part in heads:
            values = in_pairs(values, heads[part])
        if is_gemma and part.endswith("norm"):
            values = values + numpy.float32(1)
        writer.add_tensor(name, numpy.ascontiguousarray(values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
