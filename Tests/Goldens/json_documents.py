#!/usr/bin/env python3
"""Writes json_documents.json: documents as bytes, and what Python's json module makes of each.

Half are generated, half are those with a byte changed. Python's reader is made as strict as ours:
duplicate names, lone surrogates and numbers that are not finite count as refused.
Run it as `python3 Tests/Goldens/json_documents.py`; it needs nothing else and writes beside itself.
"""

import json
import pathlib
import random
import struct

generator = random.Random(20240611)
CHARACTERS = 'ab "\\/\b\f\n\r\t\u0000\u001f\u007fé\u0301Å\u212b\u2028日\ufeff\U0001f600\U0010ffff'
NUMBERS = [
    "0", "-0", "7", "-12", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
    "123456789012345678901234567890", "0.1", "-0.0", "1e5", "1E+2", "5e-324", "2.5e-400", "1e308",
    "1.7976931348623157e308", "1e309", "16.0", "3.141592653589793", "100000000000000000000.5",
]


def space():
    return "".join(generator.choice(" \t\n\r") for _ in range(generator.choice([0, 0, 0, 1, 3])))


def character(c):
    units = c.encode("utf-16-be")
    escaped = "".join(f"\\u{units[i] << 8 | units[i + 1]:04{generator.choice('xX')}}"
                      for i in range(0, len(units), 2))
    short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    plain = short.get(c, c if c >= " " else escaped)
    return generator.choice([plain, plain, escaped])


def string():
    return '"' + "".join(character(generator.choice(CHARACTERS))
                         for _ in range(generator.randrange(6))) + '"'


def document(depth):
    kind = generator.choice("nbisso[{[{" if depth < 4 else "nbis")
    if kind == "n":
        text = "null"
    elif kind == "b":
        text = generator.choice(["true", "false"])
    elif kind == "i":
        text = generator.choice(NUMBERS)
    elif kind in "so":
        text = string()
    elif kind == "[":
        text = "[" + (",".join(document(depth + 1) for _ in range(generator.randrange(5))) or space()) + "]"
    else:
        members = (space() + string() + space() + ":" + document(depth + 1)
                   for _ in range(generator.randrange(5)))
        text = "{" + (",".join(members) or space()) + "}"
    return space() + text + space()


def damaged(data):
    data = bytearray(data)
    position = generator.randrange(len(data))
    kind = generator.randrange(3)
    byte = generator.choice(b'{}[]:,"\\ \t0123456789eE+-.tfnu\x00\x1f\x80\xc0\xed\xf5')
    if kind == 0:
        data[position] = byte
    elif kind == 1:
        data.insert(position, byte)
    else:
        del data[position]
    return bytes(data)


def unique(pairs):
    if len(dict(pairs)) != len(pairs):
        raise ValueError("duplicate name")
    return ["o", [[typed(name), value] for name, value in ((n, v) for n, v in pairs)]]


def real(text):
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("not finite")
    return ["f", str(struct.unpack(">Q", struct.pack(">d", value))[0])]


def integer(text):
    value = int(text)
    return ["i", str(value)] if -2**63 <= value < 2**63 else real(text)


def refuse(text):
    raise ValueError(text)


def typed(value):
    """Strings become code points; what the hooks made stays."""
    if isinstance(value, str):
        if any(0xD800 <= ord(c) <= 0xDFFF for c in value):
            raise ValueError("lone surrogate")
        return ["s", [ord(c) for c in value]]
    if value is None or isinstance(value, bool):
        return ["n", str(value)]
    return value


def walk(value):
    if isinstance(value, list) and len(value) == 2 and value[0] == "o":
        return ["o", [[name, walk(member)] for name, member in value[1]]]
    if isinstance(value, list) and len(value) == 2 and value[0] in ("i", "f") and isinstance(value[1], str):
        return value
    if isinstance(value, list):
        return ["a", [walk(element) for element in value]]
    return typed(value)


def verdict(data):
    try:
        text = data.decode("utf-8")
        return walk(json.loads(text, object_pairs_hook=unique, parse_float=real, parse_int=integer,
                               parse_constant=refuse))
    except (ValueError, RecursionError):
        return None


# A JSON array of two strings cannot be told from what the hooks return; such documents are left out.
def is_clear(data):
    return b'"i"' not in data and b'"f"' not in data and b'"o"' not in data


documents = []
while len(documents) < 300:
    data = document(0).encode("utf-8")
    for data in (data, damaged(data)):
        if is_clear(data) and len(data) < 400:
            documents.append({"hex": data.hex(), "value": verdict(data)})

path = pathlib.Path(__file__).with_suffix(".json")
lines = ",\n".join(json.dumps(d, separators=(",", ":")) for d in documents)
path.write_text("[\n" + lines + "\n]\n")
accepted = sum(d["value"] is not None for d in documents)
print(f"{len(documents)} documents, {accepted} accepted")
