"""Makes weight_formats.json: rows of each weight format and the values they stand for.

The witness is the `gguf` package (with numpy): it quantises normal random numbers where it can,
and decodes the bytes. For formats that it only decodes, blocks are random bytes in which the
float16 numbers, whose places are below, are replaced by moderate ones. What the package does not
know is decoded here by its definition, and floats of 8 bits by torch. Floats are written as their
bits, so that the test compares exactly. Formats without a number in GGUF files are those in which
folders of quantised safetensors are read.

    python weight_formats.py > weight_formats.json
"""

import json
import sys

import gguf
import numpy
import torch

COLUMNS = 96
FORMATS = {
    "F32": 0, "F16": 1, "Q4_0": 2, "Q4_1": 3, "Q8_0": 8, "BF16": 30, "Q5_0": 6, "Q5_1": 7,
    "Q2_K": 10, "Q3_K": 11, "Q4_K": 12, "Q5_K": 13, "Q6_K": 14, "IQ4_NL": 20, "IQ4_XS": 23,
    "MXFP4": 39, "NVFP4": 40, "IQ3_S": 21, "IQ3_XXS": 18, "IQ2_S": 22, "IQ2_XS": 17, "IQ2_XXS": 16,
    "IQ1_S": 19, "IQ1_M": 29, "TQ2_0": 35, "TQ1_0": 34, "Q2_0": 42, "Q1_0": 41,
}  # fmt: skip
HALVES = {
    "Q2_K": (80, 82), "Q3_K": (108,), "Q4_K": (0, 2), "Q5_K": (0, 2), "Q6_K": (208,),
    "IQ4_NL": (0,), "IQ4_XS": (0,), "IQ3_S": (0,), "IQ3_XXS": (0,), "IQ2_S": (0,), "IQ2_XS": (0,),
    "IQ2_XXS": (0,), "IQ1_S": (0,), "IQ1_M": (), "NVFP4": (), "TQ2_0": (64,), "TQ1_0": (52,),
    "Q2_0": (0,), "Q1_0": (0,),
}  # fmt: skip
# Values and bytes of a block, where the package does not say.
SIZES = {
    "Q2_0": (64, 18), "Q1_0": (128, 18), "F8_E4M3": (32, 36), "F8_E5M2": (32, 36),
    "INT8_G32": (32, 37), "INT4_G32": (32, 21), "INT4_G128": (128, 69),
}  # fmt: skip
FLOATS = {"F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2}


def random_blocks(name: str, count: int, size: int, generator) -> numpy.ndarray:
    blocks = generator.integers(0, 256, size=(count, size), dtype=numpy.uint8)
    for place in HALVES[name]:
        numbers = generator.normal(scale=0.01, size=(count, 1)).astype(numpy.float16)
        blocks[:, place : place + 2] = numbers.view(numpy.uint8)
    if name == "IQ1_M":
        # The number's quarters are the highest bits of the four last pairs of bytes.
        numbers = generator.normal(scale=0.01, size=count).astype(numpy.float16).view(numpy.uint16)
        for part in range(4):
            place = 49 + 2 * part
            blocks[:, place] = blocks[:, place] & 15 | (numbers >> 4 * part & 15) << 4
    return blocks.reshape(1, -1)


def decode(name: str, blocks: numpy.ndarray) -> numpy.ndarray:
    """The values of blocks of a format with the sizes above."""
    if name in ("Q1_0", "Q2_0"):
        scales = blocks[:, :2].copy().view(numpy.float16).astype(numpy.float32)
        bits = numpy.unpackbits(blocks[:, 2:], axis=1, bitorder="little").astype(numpy.float32)
        codes = 2 * bits - 1 if name == "Q1_0" else bits[:, 0::2] + 2 * bits[:, 1::2] - 1
        return scales * codes
    scales = blocks[:, :4].copy().view(numpy.float32)
    if name in FLOATS:
        codes = torch.from_numpy(blocks[:, 4:].copy()).view(FLOATS[name]).float().numpy()
        return scales * codes
    codes = blocks[:, 5:].astype(numpy.float32)
    if name != "INT8_G32":
        low, high = blocks[:, 5:] & 15, blocks[:, 5:] >> 4
        codes = numpy.stack([low, high], axis=2).reshape(len(blocks), -1).astype(numpy.float32)
    return scales * (codes - blocks[:, 4:5].astype(numpy.float32))


def other_row(name: str, seed: int) -> dict:
    """A row of a format with the sizes above: all codes where blocks are small."""
    length, size = SIZES[name]
    generator = numpy.random.default_rng(seed)
    count = 256 // length + 1
    blocks = generator.integers(0, 256, size=(count, size), dtype=numpy.uint8)
    if name in HALVES:
        numbers = generator.normal(scale=0.01, size=(count, 1)).astype(numpy.float16)
        blocks[:, :2] = numbers.view(numpy.uint8)
    else:
        numbers = generator.normal(scale=0.01, size=(count, 1)).astype(numpy.float32)
        blocks[:, :4] = numbers.view(numpy.uint8)
    if name in FLOATS or name == "INT8_G32":
        values = numpy.arange(size - size % 32, size - size % 32 + 256, dtype=numpy.uint8)
        blocks[:8, -32:] = values.reshape(8, 32)
    if name in FLOATS:
        codes = blocks[:, 4:]
        nan = ~torch.isfinite(torch.from_numpy(codes.copy()).view(FLOATS[name]).float()).numpy()
        codes[nan] = 1
    return entry(name, FORMATS.get(name), (length, size), blocks, decode(name, blocks))


def row(name: str, seed: int) -> dict:
    kind = gguf.GGMLQuantizationType(FORMATS[name])
    block_length, block_bytes = gguf.GGML_QUANT_SIZES[kind]
    generator = numpy.random.default_rng(seed)
    if name in HALVES:
        packed = random_blocks(name, max(2, COLUMNS // block_length), block_bytes, generator)
    else:
        values = generator.normal(size=(1, COLUMNS)).astype(numpy.float32)
        packed = gguf.quants.quantize(values, kind)
    raw = numpy.ascontiguousarray(packed).view(numpy.uint8)
    decoded = gguf.quants.dequantize(packed, kind).astype(numpy.float32)
    return entry(name, int(kind), (block_length, block_bytes), raw, decoded)


def entry(name: str, number, sizes: tuple, raw: numpy.ndarray, decoded: numpy.ndarray) -> dict:
    return {
        "name": name,
        "fileType": number,
        "blockLength": sizes[0],
        "blockBytes": sizes[1],
        "bytes": raw.tobytes().hex(),
        "bits": decoded.astype(numpy.float32).view(numpy.uint32).reshape(-1).tolist(),
    }


names = [*FORMATS, *(name for name in SIZES if name not in FORMATS)]
rows = [(other_row if name in SIZES else row)(name, seed) for seed, name in enumerate(names)]
json.dump(rows, sys.stdout)
print()
