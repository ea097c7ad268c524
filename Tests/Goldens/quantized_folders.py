"""Makes quantized_folders.json: quantised tensors as folders keep them, and the weights they stand for.

Integers, floats of 8 bits and scales are random; weights follow from them by each method's definition,
in float32. Floats of 8 bits are decoded by torch, experts of gpt-oss by transformers. Of the weights
the bits of the first 40 are written, and a hash of all bits (FNV-1a of 64 bits, by words of 32), so
that the test compares exactly.

    python quantized_folders.py > quantized_folders.json
"""

import json
import sys

import numpy
import torch
from transformers.integrations.mxfp4 import convert_moe_packed_tensors

NAME = "model.layers.0.self_attn.q_proj"
TYPES = {
    torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int32: "I32",
    torch.int64: "I64", torch.int8: "I8", torch.uint8: "U8", torch.float8_e4m3fn: "F8_E4M3",
    torch.float8_e5m2: "F8_E5M2",
}  # fmt: skip
generator = numpy.random.default_rng(7)


def integers(low: int, high: int, *shape: int) -> torch.Tensor:
    return torch.from_numpy(generator.integers(low, high, size=shape))


def scales(dtype: torch.dtype, *shape: int) -> torch.Tensor:
    values = generator.uniform(0.001, 0.1, size=shape).astype(numpy.float32)
    return torch.from_numpy(values).to(dtype)


def floats(dtype: torch.dtype, *shape: int) -> torch.Tensor:
    codes = integers(0, 256, *shape).to(torch.uint8)
    codes[~torch.isfinite(codes.view(dtype).float())] = 1
    return codes.view(dtype)


def pack(values: torch.Tensor, bits: int, order=None) -> torch.Tensor:
    """Integers along the last dimension in words of 32 bits, the first lowest."""
    count = 32 // bits
    padding = -values.shape[-1] % count
    padded = torch.nn.functional.pad(values, (0, padding)).numpy().astype(numpy.uint32)
    parts = padded.reshape(*padded.shape[:-1], -1, count)
    words = numpy.zeros(parts.shape[:-1], dtype=numpy.uint32)
    for place in range(count):
        part = parts[..., order[place] if order else place]
        words |= part << numpy.uint32(bits * place)
    return torch.from_numpy(words.view(numpy.int32).copy())


def spread(values: torch.Tensor, shape: tuple, block: tuple) -> torch.Tensor:
    """Numbers for blocks, one for each weight."""
    wide = values.float().repeat_interleave(block[0], 0).repeat_interleave(block[1], 1)
    return wide[: shape[0], : shape[1]]


def fnv(words) -> int:
    state = 0xCBF29CE484222325
    for word in words:
        state = (state ^ word) * 0x100000001B3 & (1 << 64) - 1
    return state


def case(label: str, settings: dict, tensors: dict, weights: torch.Tensor, name=NAME + ".weight"):
    raw = [
        {
            "name": key,
            "type": TYPES[tensor.dtype],
            "shape": list(tensor.shape),
            "bytes": tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes().hex(),
        }
        for key, tensor in tensors.items()
    ]
    bits = weights.float().contiguous().numpy().view(numpy.uint32).reshape(-1).tolist()
    return {
        "label": label,
        "settings": settings,
        "tensors": raw,
        "weight": name,
        "shape": list(weights.shape),
        "bits": bits[:40],
        "hash": f"{fnv(bits):x}",
    }


def fp8(label: str, dtype, settings: dict, scale: str, numbers: torch.Tensor, block: tuple):
    shape = (136, 160) if block == (128, 128) else (24, 96)
    weights = floats(dtype, *shape)
    tensors = {f"{NAME}.weight": weights, f"{NAME}.{scale}": numbers}
    grid = numbers.reshape(-1, 1) if numbers.dim() < 2 else numbers
    return case(label, settings, tensors, weights.float() * spread(grid, shape, block))


def packed(label: str, bits: int, group: int, dtype, has_zeros: bool):
    rows, columns = 12, 256
    values = integers(0, 1 << bits, rows, columns)
    numbers = scales(dtype, rows, columns // group)
    zeros = torch.full((rows, columns // group), 1 << (bits - 1))
    tensors = {
        f"{NAME}.weight_packed": pack(values, bits),
        f"{NAME}.weight_scale": numbers,
        f"{NAME}.weight_shape": torch.tensor([rows, columns]),
    }
    if has_zeros:
        zeros = integers(0, 1 << bits, rows, columns // group)
        tensors[f"{NAME}.weight_zero_point"] = pack(zeros.T, bits).T
    weights = spread(numbers, values.shape, (1, group)) * (
        values.float() - spread(zeros, values.shape, (1, group)))
    settings = {
        "quant_method": "compressed-tensors", "format": "pack-quantized",
        "config_groups": {"group_0": {"targets": ["Linear"], "weights": {"num_bits": bits}}},
    }  # fmt: skip
    return case(label, settings, tensors, weights)


def bytewise(label: str, has_zeros: bool):
    rows, columns = 12, 256
    values = integers(-128, 128, rows, columns).to(torch.int8)
    numbers = scales(torch.bfloat16, rows, 1)
    zeros = integers(-128, 128, rows, 1).to(torch.int8)
    tensors = {f"{NAME}.weight": values, f"{NAME}.weight_scale": numbers}
    if has_zeros:
        tensors[f"{NAME}.weight_zero_point"] = zeros
    weights = numbers.float() * (values.float() - (zeros.float() if has_zeros else 0))
    settings = {"quant_method": "compressed-tensors", "format": "int-quantized"}
    return case(label, settings, tensors, weights)


def gptq(label: str, bits: int, group: int, form: str):
    rows, columns = 40, 256
    size = group if group > 0 else columns
    values = integers(0, 1 << bits, rows, columns)
    numbers = scales(torch.float16, columns // size, rows)
    top = (1 << bits) - (1 if form == "gptq" and bits == 8 else 0)
    zeros = integers(0, top, columns // size, rows)
    order = torch.arange(columns, dtype=torch.int32) // size
    tensors = {
        f"{NAME}.qweight": pack(values, bits).T,
        f"{NAME}.qzeros": pack(zeros, bits),
        f"{NAME}.scales": numbers,
        f"{NAME}.g_idx": order,
    }
    offset = 1 if form == "gptq" else 0
    weights = spread(numbers.T, values.shape, (1, size)) * (
        values.float() - spread((zeros + offset).T, values.shape, (1, size)))
    settings = {"quant_method": "gptq", "bits": bits, "group_size": group, "checkpoint_format": form}
    return case(label, settings, tensors, weights)


def stream(values: torch.Tensor, bits: int) -> torch.Tensor:
    """Integers along the last dimension one after the other in words of 32 bits, the lowest bits first."""
    digits = (values.numpy()[..., None] >> numpy.arange(bits)) & 1
    digits = digits.reshape(*values.shape[:-1], -1).astype(numpy.uint8)
    padding = [(0, 0)] * (digits.ndim - 1) + [(0, -digits.shape[-1] % 32)]
    data = numpy.packbits(numpy.pad(digits, padding), axis=-1, bitorder="little")
    return torch.from_numpy(numpy.ascontiguousarray(data).view(numpy.int32).copy())


def gptq_of_few_bits(label: str, bits: int, group: int):
    rows, columns = 64, 256
    values = integers(0, 1 << bits, rows, columns)
    numbers = scales(torch.float16, columns // group, rows)
    zeros = integers(0, 1 << bits, columns // group, rows)
    tensors = {
        f"{NAME}.qweight": stream(values, bits).T,
        f"{NAME}.qzeros": stream(zeros, bits),
        f"{NAME}.scales": numbers,
    }
    weights = spread(numbers.T, values.shape, (1, group)) * (
        values.float() - spread((zeros + 1).T, values.shape, (1, group)))
    settings = {"quant_method": "gptq", "bits": bits, "group_size": group}
    return case(label, settings, tensors, weights)


def gptq_in_order_of_activations(label: str, bits: int, group: int):
    rows, columns = 40, 256
    values = integers(0, 1 << bits, rows, columns)
    numbers = scales(torch.float16, columns // group, rows)
    zeros = integers(0, (1 << bits) - 1, columns // group, rows)
    order = torch.from_numpy(generator.permutation(columns)) // group
    tensors = {
        f"{NAME}.qweight": pack(values, bits).T,
        f"{NAME}.qzeros": pack(zeros, bits),
        f"{NAME}.scales": numbers,
        f"{NAME}.g_idx": order.to(torch.int32),
    }
    weights = numbers.float()[order].T * (values.float() - (zeros + 1).float()[order].T)
    settings = {"quant_method": "gptq", "bits": bits, "group_size": group, "desc_act": True}
    return case(label, settings, tensors, weights)


def awq(label: str, group: int):
    rows, columns = 40, 256
    values = integers(0, 16, rows, columns)
    numbers = scales(torch.float16, columns // group, rows)
    zeros = integers(0, 16, columns // group, rows)
    order = [0, 2, 4, 6, 1, 3, 5, 7]
    tensors = {
        f"{NAME}.qweight": pack(values.T, 4, order),
        f"{NAME}.qzeros": pack(zeros, 4, order),
        f"{NAME}.scales": numbers,
    }
    weights = spread(numbers.T, values.shape, (1, group)) * (
        values.float() - spread(zeros.T, values.shape, (1, group)))
    settings = {"quant_method": "awq", "bits": 4, "group_size": group, "version": "gemm"}
    return case(label, settings, tensors, weights)


def mxfp4(label: str):
    name = "model.layers.0.mlp.experts.gate_up_proj"
    blocks = integers(0, 256, 3, 10, 2, 16).to(torch.uint8)
    exponents = integers(110, 130, 3, 10, 2).to(torch.uint8)
    # The witness gives [experts, input, output].
    weights = convert_moe_packed_tensors(blocks.clone(), exponents.clone(), dtype=torch.float32)
    tensors = {f"{name}_blocks": blocks, f"{name}_scales": exponents}
    # The sum makes a zero of one with a sign.
    return case(label, {"quant_method": "mxfp4"}, tensors, weights.transpose(1, 2) + 0.0, name)


FP8 = {"quant_method": "fp8"}
BLOCKS = {"quant_method": "fp8", "weight_block_size": [128, 128]}
FLOAT = {"quant_method": "compressed-tensors", "format": "float-quantized"}
E4M3, E5M2 = torch.float8_e4m3fn, torch.float8_e5m2
cases = [
    fp8("blocks", E4M3, BLOCKS, "weight_scale_inv", scales(torch.float32, 2, 2), (128, 128)),
    fp8("blocks of 16 by 32", E4M3, {**FP8, "weight_block_size": [16, 32]}, "weight_scale_inv",
        scales(torch.bfloat16, 2, 3), (16, 32)),
    fp8("one scale", E4M3, FP8, "weight_scale", scales(torch.float32), (24, 96)),
    fp8("rows, E5M2", E5M2, FP8, "weight_scale", scales(torch.bfloat16, 24, 1), (1, 96)),
    fp8("rows of compressed-tensors", E4M3, FLOAT, "weight_scale", scales(torch.bfloat16, 24, 1),
        (1, 96)),
    fp8("one scale of compressed-tensors", E4M3, FLOAT, "weight_scale", scales(torch.float32, 1),
        (24, 96)),
    packed("4 bits, groups of 128", 4, 128, torch.bfloat16, False),
    packed("4 bits, groups of 32, zeros", 4, 32, torch.float16, True),
    packed("4 bits, rows, zeros", 4, 256, torch.float32, True),
    packed("8 bits, groups of 64", 8, 64, torch.bfloat16, False),
    packed("8 bits, rows, zeros", 8, 256, torch.bfloat16, True),
    bytewise("signed bytes", False),
    bytewise("signed bytes, zeros", True),
    gptq("gptq of 4 bits", 4, 128, "gptq"),
    gptq("gptq of 4 bits, version 2, rows", 4, -1, "gptq_v2"),
    gptq("gptq of 8 bits", 8, 32, "gptq"),
    awq("awq, groups of 128", 128),
    awq("awq, groups of 64", 64),
    mxfp4("experts of gpt-oss"),
    gptq_of_few_bits("gptq of 2 bits", 2, 64),
    gptq_of_few_bits("gptq of 3 bits", 3, 128),
    gptq_in_order_of_activations("gptq in the order of activations", 4, 64),
]  # fmt: skip
json.dump(cases, sys.stdout)
print()
