"""Makes adapters of low rank (LoRA) for tiny models, with what PEFT computes with them.

    python3 adapters.py [FOLDER]

Writes FOLDER/NAME/ for each adapter of ADAPTERS, by default beside this script: what PEFT saves, and
logits.safetensors with the logits of every position of the tokens in the model's reference.json, in float32.
Needs torch, transformers and peft.
"""

import json
import pathlib
import sys

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

HERE = pathlib.Path(__file__).resolve().parent
ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
# The folder of the model, and the adapter's settings.
ADAPTERS = {
    "llama_all": ("llama_gqa_tied", dict(r=4, lora_alpha=8, target_modules=ALL)),
    "llama_attention": (
        "llama_gqa_tied",
        dict(r=3, lora_alpha=6, target_modules=["q_proj", "v_proj"], use_rslora=True,
             rank_pattern={"layers.0.self_attn.q_proj": 5}, alpha_pattern={"layers.1.self_attn.v_proj": 9})),
    "phi3_fused": (
        "phi3", dict(r=4, lora_alpha=4, target_modules=["qkv_proj", "o_proj", "gate_up_proj", "down_proj"])),
    "gpt2_columns": (
        "gpt2", dict(r=4, lora_alpha=8, target_modules=["c_attn", "c_fc", "c_proj"], fan_in_fan_out=True)),
}


def make(folder, name, source, settings):
    """Writes one adapter and its logits."""
    torch.manual_seed(len(name) + 7 * settings["r"])
    base = HERE / "tiny" / source
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32, attn_implementation="eager")
    model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **settings)).eval()
    for key, value in model.named_parameters():
        if "lora_" in key:
            torch.nn.init.normal_(value, std=0.2)
    tokens = json.loads((base / "reference.json").read_text())["input_ids"]
    with torch.no_grad():
        logits = model(torch.tensor([tokens])).logits[0]
    target = folder / name
    model.save_pretrained(target)
    (target / "README.md").unlink(missing_ok=True)
    config = json.loads((target / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = source
    (target / "adapter_config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    save_file({"logits": logits.contiguous()}, target / "logits.safetensors")


def main(folder=HERE / "adapters"):
    for name, (source, settings) in ADAPTERS.items():
        make(pathlib.Path(folder), name, source, settings)


if __name__ == "__main__":
    main(*sys.argv[1:])
