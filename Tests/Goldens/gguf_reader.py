"""Writes a file with the PyPI package `gguf`, and it with what that package reads to gguf_reader.json.

Usage: pip install gguf==0.19.0 && python gguf_reader.py
"""

import base64
import hashlib
import json
import pathlib
import tempfile

import gguf
import numpy

folder = pathlib.Path(__file__).parent
path = pathlib.Path(tempfile.mkdtemp()) / "reader.gguf"
generator = numpy.random.default_rng(11)

writer = gguf.GGUFWriter(path, "llama")
writer.add_custom_alignment(64)
writer.add_block_count(2)
writer.add_layer_norm_rms_eps(1e-5)
writer.add_uint64("test.large", 2**63 + 5)
writer.add_int8("test.small", -3)
writer.add_float64("test.double", 0.1)
writer.add_bool("test.truth", True)
writer.add_string("test.text", "Mauersegler \N{SWAN} \u00e9")
writer.add_array("test.integers", [-1, 0, 2**31 - 1])
writer.add_array("test.reals", [0.5, -2.25])
writer.add_token_list(["<s>", "\u0120the", "", "\u96e8\u71d5"])

rows = generator.standard_normal((4, 64)).astype(numpy.float32)
kinds = gguf.GGMLQuantizationType
for kind in [kinds.F32, kinds.F16, kinds.BF16, kinds.Q4_0, kinds.Q4_1, kinds.Q8_0]:
    data = gguf.quants.quantize(rows, kind)
    writer.add_tensor(f"{kind.name.lower()}.weight", data, raw_dtype=kind)
writer.add_tensor("odd.weight", rows[0, :7].copy())
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()


def texts(field):
    """The values of a field as Python writes them."""
    contents = field.contents()
    return [str(value) for value in (contents if isinstance(contents, list) else [contents])]


reader = gguf.GGUFReader(path)
golden = {
    "file": base64.b64encode(path.read_bytes()).decode(),
    "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    "metadata": [
        {"key": key, "type": field.types[-1].name, "values": texts(field)}
        for key, field in reader.fields.items()
        if not key.startswith("GGUF.")
    ],
    "alignment": int(reader.alignment),
    "tensors": [
        {
            "name": tensor.name,
            "type": int(tensor.tensor_type),
            "dimensions": [int(length) for length in tensor.shape],
            "offset": int(tensor.data_offset),
            "data": tensor.data.tobytes().hex(),
        }
        for tensor in reader.tensors
    ],
}
(folder / "gguf_reader.json").write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n")
