"""Makes tiny random models in folders as they are published, with what transformers computes of them.

    python3 tiny_models.py FOLDER [NAME...]

Writes FOLDER/NAME/ for each model of MODELS: config.json, model.safetensors, the tokenizer of a folder
beside this script, and reference.json with the logits of every position in float32, the next tokens by
greedy choice, how far float64 is from that, and what wrong readings of the configuration would change.
The logits of every position stand in reference_logits.safetensors.
"""

import json
import pathlib
import shutil
import sys
import zlib

import renamed
import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM

HERE = pathlib.Path(__file__).resolve().parent
TOKENIZER = HERE / "tiny" / "hunyuan_dense"
COMMON = dict(
    vocab_size=384, hidden_size=32, intermediate_size=64, num_attention_heads=4,
    max_position_embeddings=128, rms_norm_eps=1e-5, bos_token_id=0, eos_token_id=1, pad_token_id=None,
)
LATENT = dict(
    COMMON, num_hidden_layers=3, num_key_value_heads=4, kv_lora_rank=32, q_lora_rank=32,
    qk_nope_head_dim=16, qk_rope_head_dim=16, v_head_dim=16,
)
EXPERTS = dict(n_routed_experts=8, num_experts_per_tok=2, moe_intermediate_size=16, n_shared_experts=1)
GEMMA = dict(
    COMMON, num_hidden_layers=4, num_key_value_heads=2, head_dim=16, sliding_window=8,
    layer_types=["sliding_attention", "sliding_attention", "sliding_attention", "full_attention"],
    final_logit_softcapping=3.0, hidden_size_per_layer_input=0, global_head_dim=32,
)
YARN = dict(
    rope_type="yarn", rope_theta=10000.0, factor=4.0, mscale=0.707, mscale_all_dim=0.707,
    original_max_position_embeddings=32, beta_fast=32.0, beta_slow=1.0,
)
DENSE = COMMON | dict(
    num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, head_dim=16,
    tie_word_embeddings=False,
)
WIDE = DENSE | dict(num_key_value_heads=2)
TURNED = dict(rope_type="default", rope_theta=10000.0)
HALF_TURNED = dict(TURNED, partial_rotary_factor=0.5)
WHOLLY_TURNED = dict(TURNED, partial_rotary_factor=1.0)
STRETCHED = dict(
    rope_type="llama3", rope_theta=10000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
    original_max_position_embeddings=64,
)
LAYERED = dict(COMMON, num_hidden_layers=2, num_attention_heads=2, layer_norm_eps=1e-5)
GPT = dict(
    vocab_size=384, n_embd=32, n_layer=2, n_head=2, n_positions=128, layer_norm_epsilon=1e-5,
    bos_token_id=0, eos_token_id=1, pad_token_id=None,
)
SPANS = ["sliding_attention", "full_attention"]
# For each model its type, its configuration, and wrong readings: what they change of it.
MODELS = {
    "minicpm3": (
        "minicpm3",
        dict(LATENT, tie_word_embeddings=True, scale_emb=12, scale_depth=1.4, dim_model_base=16,
             rope_parameters=dict(rope_type="default", rope_theta=10000.0)),
        {"residual scale 1": dict(scale_depth=3**0.5), "logits not scaled": dict(dim_model_base=32)},
    ),
    "deepseek_v2": (
        "deepseek_v2",
        dict(LATENT, **EXPERTS) | dict(
            q_lora_rank=None, first_k_dense_replace=1, topk_method="greedy", norm_topk_prob=False,
            routed_scaling_factor=1.5, n_group=1, topk_group=1, n_shared_experts=2,
            rope_parameters=YARN),
        {"scale 1": dict(routed_scaling_factor=1.0),
         "mscale ignored": dict(rope_parameters=dict(YARN, mscale=0.0, mscale_all_dim=0.0))},
    ),
    "glm4_moe_lite": (
        "glm4_moe_lite",
        dict(LATENT, **EXPERTS) | dict(
            routed_scaling_factor=1.8, n_group=1, topk_group=1, norm_topk_prob=True,
            rope_parameters=dict(rope_type="default", rope_theta=1000000.0),
            mlp_layer_types=["dense", "sparse", "sparse"]),
        {"scale 1": dict(routed_scaling_factor=1.0),
         "weights not renormalised": dict(norm_topk_prob=False),
         "pairs half apart": dict(rope_interleave=False)},
    ),
    "mistral4": (
        "mistral4",
        dict(LATENT, **EXPERTS) | dict(
            num_hidden_layers=2, first_k_dense_replace=0, norm_topk_prob=True,
            routed_scaling_factor=1.0, n_group=1, topk_group=1,
            rope_parameters=dict(YARN, mscale=1.0, mscale_all_dim=1.0, llama_4_scaling_beta=0.5,
                                 original_max_position_embeddings=8)),
        {"temperature ignored": dict(
            rope_parameters=dict(YARN, mscale=1.0, mscale_all_dim=1.0, llama_4_scaling_beta=0.0,
                                 original_max_position_embeddings=8))},
    ),
    "gemma4_keys": (
        "gemma4_text",
        dict(GEMMA, attention_k_eq_v=True, num_global_key_value_heads=1),
        {"window ignored": dict(sliding_window=128)},
    ),
    "gemma4_experts": (
        "gemma4_text",
        dict(GEMMA, num_hidden_layers=2, layer_types=["sliding_attention", "full_attention"],
             enable_moe_block=True, num_experts=4, top_k_experts=2, moe_intermediate_size=16),
        {"one expert": dict(top_k_experts=1)},
    ),
    "apertus": ("apertus", dict(DENSE, hidden_act="xielu", rope_parameters=STRETCHED),
                {"angles as they are": dict(rope_parameters=TURNED)}),
    "arcee": ("arcee", dict(DENSE, hidden_act="relu2"), {"relu": dict(hidden_act="relu")}),
    "bloom": ("bloom", dict(
        vocab_size=384, hidden_size=32, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=1,
        pad_token_id=None, seq_length=128), {}),
    "cohere": ("cohere", dict(WIDE, logit_scale=0.25, layer_norm_eps=1e-2, use_qk_norm=True,
                              tie_word_embeddings=True),
               {"logits as they are": dict(logit_scale=1.0)}),
    "exaone": ("exaone", DENSE, {"angles of another base": dict(
        rope_parameters=dict(TURNED, rope_theta=1000.0))}),
    "exaone4": ("exaone4", dict(DENSE, sliding_window=8, layer_types=SPANS),
                {"window ignored": dict(sliding_window=128)}),
    "gemma": ("gemma", dict(DENSE, tie_word_embeddings=True, hidden_act="gelu_pytorch_tanh"), {}),
    "glm": ("glm", dict(DENSE, rope_parameters=HALF_TURNED, attention_bias=True, rms_norm_eps=1e-2),
            {"whole heads turn": dict(rope_parameters=WHOLLY_TURNED)}),
    "glm4": ("glm4", dict(DENSE, rope_parameters=HALF_TURNED, attention_bias=True),
             {"whole heads turn": dict(rope_parameters=WHOLLY_TURNED)}),
    "gpt_bigcode": ("gpt_bigcode", dict(GPT, n_inner=64), {}),
    "gpt_neo": ("gpt_neo", dict(
        vocab_size=384, hidden_size=32, num_layers=2, num_heads=2, intermediate_size=64,
        max_position_embeddings=128, attention_types=[[["global", "local"], 1]], window_size=8,
        bos_token_id=0, eos_token_id=1, pad_token_id=None), {"window ignored": dict(window_size=128)}),
    "gptj": ("gptj", dict(GPT, n_inner=64, rotary_dim=8), {"whole heads turn": dict(rotary_dim=16)}),
    "granite": ("granite", dict(
        DENSE, embedding_multiplier=3.0, logits_scaling=2.0, residual_multiplier=0.5,
        attention_multiplier=0.5), {
            "residual scale 1": dict(residual_multiplier=1.0),
            "score scale of the root": dict(attention_multiplier=0.25)}),
    "ministral3": ("ministral3", dict(DENSE, rope_parameters=dict(
        YARN, mscale=1.0, mscale_all_dim=1.0, llama_4_scaling_beta=0.5,
        original_max_position_embeddings=8)), {"temperature ignored": dict(rope_parameters=dict(
            YARN, mscale=1.0, mscale_all_dim=1.0, llama_4_scaling_beta=0.0,
            original_max_position_embeddings=8))}),
    "mpt": ("mpt", dict(
        vocab_size=384, d_model=32, n_heads=2, n_layers=2, expansion_ratio=4, max_seq_len=128,
        attn_config=dict(clip_qkv=1.0), bos_token_id=0, eos_token_id=1, pad_token_id=None),
        {"bound ignored": dict(attn_config=dict(clip_qkv=None))}),
    "nemotron": ("nemotron", dict(DENSE, norm_eps=1e-2, rope_parameters=HALF_TURNED),
                 {"whole heads turn": dict(rope_parameters=WHOLLY_TURNED)}),
    "olmo": ("olmo", dict(DENSE, clip_qkv=1.0), {"bound ignored": dict(clip_qkv=None)}),
    "opt": ("opt", dict(LAYERED, ffn_dim=64, word_embed_proj_dim=16, do_layer_norm_before=False), {}),
    "phi": ("phi", dict(LAYERED, rope_parameters=HALF_TURNED, num_key_value_heads=2),
            {"whole heads turn": dict(rope_parameters=WHOLLY_TURNED)}),
    "seed_oss": ("seed_oss", DENSE, {"angles of another base": dict(
        rope_parameters=dict(TURNED, rope_theta=1000.0))}),
    "smollm3": ("smollm3", dict(DENSE, no_rope_layers=[1, 0], use_sliding_window=False),
                {"all layers turn": dict(no_rope_layers=[1, 1])}),
    "starcoder2": ("starcoder2", dict(DENSE, norm_epsilon=1e-2, sliding_window=8, use_bias=True),
                   {"window ignored": dict(sliding_window=128)}),
}
# Families that transformers does not have: those that compute the same, and what else their files say.
TWINS = {
    "internlm2": ("llama", dict(DENSE, hidden_size=64, num_attention_heads=4, num_key_value_heads=2), {}),
    "minicpm": ("granite", dict(
        WIDE, tie_word_embeddings=True, embedding_multiplier=12.0, residual_multiplier=1.4 / 2**0.5,
        attention_multiplier=0.25, logits_scaling=2.0), {
            "residual scale 1": dict(residual_multiplier=1.0)}),
    "baichuan": ("llama", WIDE, {}),
    "chatglm": ("glm", dict(DENSE, rope_parameters=HALF_TURNED, attention_bias=True),
                {"whole heads turn": dict(rope_parameters=WHOLLY_TURNED)}),
    "codeshell": ("starcoder2", dict(DENSE, norm_epsilon=1e-2, use_bias=True, sliding_window=None,
                                     tie_word_embeddings=True), {}),
}


def randomize(model, seed):
    """Gives every weight a value that counts: norms near 1, others such that rows keep their size."""
    generator = torch.Generator().manual_seed(seed)
    for name, tensor in list(model.named_parameters()) + list(model.named_buffers()):
        if not tensor.is_floating_point() or "inv_freq" in name or name.endswith(("embed_scale", "embed_positions")):
            continue
        noise = torch.randn(tensor.shape, generator=generator)
        if tensor.dim() >= 2 and "embed_tokens" not in name:
            noise = noise * tensor.shape[-1] ** -0.5 * 1.5
        elif "embed_tokens" in name:
            noise = noise * 0.5
        elif "bias" in name:
            noise = noise * 0.3
        else:
            noise = 1 + noise * 0.2
        with torch.no_grad():
            tensor.copy_(noise)


def all_models():
    return MODELS | TWINS


def make(kind, values):
    config = AutoConfig.for_model(kind, **values)
    config._attn_implementation = config._experts_implementation = "eager"
    if kind == "mistral4":
        return transformers.Mistral4ForCausalLM(config).float().eval()
    return AutoModelForCausalLM.from_config(config).float().eval()


def logits(model, tokens):
    with torch.no_grad():
        return model(torch.tensor([tokens])).logits[0]


def greedy(model, tokens, count):
    found, margins = [], []
    for _ in range(count):
        best = logits(model, tokens + found)[-1].topk(2)
        found.append(int(best.indices[0]))
        margins.append(round(float(best.values[0] - best.values[1]), 5))
    return found, margins


def mistakes(name, expected, state, tokens):
    kind, values, wrong = all_models()[name]
    found = {}
    for label, change in wrong.items():
        other = make(kind, values | change)
        other.load_state_dict(state)
        difference = (logits(other, tokens) - expected).abs()
        found[label] = {"max_abs_diff": round(float(difference.max()), 6)}
    return found


def write(name, folder):
    kind, values, _ = all_models()[name]
    text = json.loads((TOKENIZER / "reference.json").read_text())
    tokens = text["input_ids"]
    for attempt in range(100):
        model = make(kind, values)
        randomize(model, zlib.crc32(f"{name} {attempt}".encode()))
        expected = logits(model, tokens)
        found, margins = greedy(model, tokens, 8)
        if min(margins) > 0.02:
            break
    state = model.state_dict()
    double = make(kind, values)
    double.load_state_dict(state)
    exact = logits(double.double(), tokens)
    folder.mkdir(parents=True, exist_ok=True)
    if name in TWINS:
        renamed.save(name, model, folder)
    else:
        model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    for file in ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"]:
        if (TOKENIZER / file).exists():
            shutil.copy(TOKENIZER / file, folder / file)
    reference = {
        "name": name, "text": text.get("text"), "input_ids": tokens,
        "float64_max_abs_diff": float((exact - expected).abs().max()),
        "argmax": expected.argmax(-1).tolist(), "greedy": found, "greedy_margins": margins,
        "mistakes": mistakes(name, expected, state, tokens),
    }
    save_file({"logits": expected.contiguous()}, folder / "reference_logits.safetensors")
    (folder / "reference.json").write_text(json.dumps(reference, ensure_ascii=False))
    print(name, reference["float64_max_abs_diff"], float(expected.abs().max()), reference["mistakes"])


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    for name in sys.argv[2:] or all_models():
        write(name, target / name)
