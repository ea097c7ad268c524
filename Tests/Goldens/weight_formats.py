"""Makes weight_formats.json: rows of each weight format and the values they stand for.

The witness is the `gguf` package (with numpy): it quantises normal random numbers where it can,
and decodes the bytes. For formats that it only decodes, blocks are random bytes in which the
float16 numbers, whose places are below, are replaced by moderate ones. Floats are written as
their bits, so that the test compares exactly.

    python weight_formats.py > weight_formats.json
"""

import json
import sys

import gguf
import numpy

COLUMNS = 96
FORMATS = {
    "F32": 0, "F16": 1, "Q4_0": 2, "Q4_1": 3, "Q8_0": 8, "BF16": 30, "Q5_0": 6, "Q5_1": 7,
    "Q2_K": 10, "Q3_K": 11, "Q4_K": 12, "Q5_K": 13, "Q6_K": 14, "IQ4_NL": 20, "IQ4_XS": 23,
    "MXFP4": 39,
}  # fmt: skip
HALVES = {
    "Q2_K": (80, 82), "Q3_K": (108,), "Q4_K": (0, 2), "Q5_K": (0, 2), "Q6_K": (208,),
    "IQ4_NL": (0,), "IQ4_XS": (0,),
}  # fmt: skip


def random_blocks(name: str, count: int, size: int, generator) -> numpy.ndarray:
    blocks = generator.integers(0, 256, size=(count, size), dtype=numpy.uint8)
    for place in HALVES[name]:
        numbers = generator.normal(scale=0.01, size=(count, 1)).astype(numpy.float16)
        blocks[:, place : place + 2] = numbers.view(numpy.uint8)
    return blocks.reshape(1, -1)


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
    return {
        "name": name,
        "fileType": int(kind),
        "blockLength": block_length,
        "blockBytes": block_bytes,
        "bytes": raw.tobytes().hex(),
        "bits": decoded.view(numpy.uint32).reshape(-1).tolist(),
    }


json.dump([row(name, seed) for seed, name in enumerate(FORMATS)], sys.stdout)
print()
