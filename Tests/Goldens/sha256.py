#!/usr/bin/env python3
"""Writes sha256.json: hashes by Python's hashlib of bytes that a rule makes, by their number."""

import hashlib
import json
import pathlib

LENGTHS = [*range(0, 200), 255, 256, 1000, 4095, 65537, 1 << 20]


def content(length):
    """Byte i of so many is (7 i + length) modulo 251."""
    return bytes((7 * i + length) % 251 for i in range(length))


if __name__ == "__main__":
    hashes = {str(length): hashlib.sha256(content(length)).hexdigest() for length in LENGTHS}
    file = pathlib.Path(__file__).with_suffix(".json")
    file.write_text(json.dumps(hashes, indent=0) + "\n")
