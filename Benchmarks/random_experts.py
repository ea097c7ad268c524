#!/usr/bin/env python3
"""Usage: random_experts.py VOCABULARY.gguf FILE.gguf [LAYERS]

Writes a model of Qwen 3's kind with 64 experts, of which a token takes 8, whose weights are random:
for measuring speed beside other programs, and what a token reads. The vocabulary is that of another
GGUF file. Experts are stored as Q4_0, the rest as Q8_0, norms and routers as F32. With 8 layers the
file has 0.25 GB. Needs `pip install gguf numpy`.
"""

import sys

import gguf
import numpy

WIDTH, HEADS, SHARED_HEADS, LENGTH = 1024, 16, 4, 64
EXPERTS, USED, EXPERT_WIDTH = 64, 8, 256
KINDS = gguf.GGMLQuantizationType


def main():
    source, target, *rest = sys.argv[1:]
    layers = int(rest[0]) if rest else 8
    generator = numpy.random.default_rng(5)
    writer = gguf.GGUFWriter(target, "qwen3moe")
    tokens = copy_vocabulary(gguf.GGUFReader(source), writer)
    writer.add_name("Random experts")
    writer.add_context_length(4096)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(4 * WIDTH)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(SHARED_HEADS)
    writer.add_key_length(LENGTH)
    writer.add_value_length(LENGTH)
    writer.add_rope_freq_base(1e6)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_expert_count(EXPERTS)
    writer.add_expert_used_count(USED)
    writer.add_expert_feed_forward_length(EXPERT_WIDTH)

    def add(name, shape, kind=KINDS.Q8_0):
        """Adds a random matrix, or as many as the shape says."""
        values = generator.standard_normal(shape, dtype=numpy.float32) / shape[-1] ** 0.5
        if kind == KINDS.F32:
            writer.add_tensor(f"{name}.weight", values)
        else:
            writer.add_tensor(f"{name}.weight", gguf.quants.quantize(values, kind), raw_dtype=kind)

    def add_ones(name, count):
        writer.add_tensor(f"{name}.weight", numpy.ones(count, dtype=numpy.float32))

    add("token_embd", (tokens, WIDTH))
    add_ones("output_norm", WIDTH)
    for layer in range(layers):
        block = f"blk.{layer}"
        for name, count in (("attn_norm", WIDTH), ("ffn_norm", WIDTH),
                            ("attn_q_norm", LENGTH), ("attn_k_norm", LENGTH)):
            add_ones(f"{block}.{name}", count)
        add(f"{block}.attn_q", (HEADS * LENGTH, WIDTH))
        add(f"{block}.attn_k", (SHARED_HEADS * LENGTH, WIDTH))
        add(f"{block}.attn_v", (SHARED_HEADS * LENGTH, WIDTH))
        add(f"{block}.attn_output", (WIDTH, HEADS * LENGTH))
        add(f"{block}.ffn_gate_inp", (EXPERTS, WIDTH), KINDS.F32)
        add(f"{block}.ffn_gate_exps", (EXPERTS, EXPERT_WIDTH, WIDTH), KINDS.Q4_0)
        add(f"{block}.ffn_up_exps", (EXPERTS, EXPERT_WIDTH, WIDTH), KINDS.Q4_0)
        add(f"{block}.ffn_down_exps", (EXPERTS, WIDTH, EXPERT_WIDTH), KINDS.Q4_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def copy_vocabulary(reader, writer):
    """Copies what a file says of its tokens, and counts them."""
    for key, field in reader.fields.items():
        if not key.startswith("tokenizer."):
            continue
        kind, *inner = field.types
        writer.add_key_value(key, field.contents(), kind, inner[0] if inner else None)
    return len(reader.fields["tokenizer.ggml.tokens"].data)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main()
