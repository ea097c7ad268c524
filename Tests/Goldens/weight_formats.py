"""Makes weight_formats.json: rows of each weight format and the values they stand for.

The witness is the `gguf` package (with numpy): it quantises normal random numbers where it can,
and decodes the bytes. Floats are written as their bits, so that the test compares exactly.

    python weight_formats.py > weight_formats.json
"""

import json
import sys

import gguf
import numpy

COLUMNS = 96
FORMATS = {"F32": 0, "F16": 1, "Q4_0": 2, "Q4_1": 3, "Q8_0": 8, "BF16": 30}


def row(name: str, seed: int) -> dict:
    kind = gguf.GGMLQuantizationType(FORMATS[name])
    values = numpy.random.default_rng(seed).normal(size=(1, COLUMNS)).astype(numpy.float32)
    packed = gguf.quants.quantize(values, kind)
    raw = numpy.ascontiguousarray(packed).view(numpy.uint8)
    decoded = gguf.quants.dequantize(packed, kind).astype(numpy.float32)
    block_length, block_bytes = gguf.GGML_QUANT_SIZES[kind]
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
