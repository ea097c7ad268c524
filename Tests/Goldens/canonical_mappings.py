"""Writes CanonicalMappings.swift: the canonical decompositions of Unicode, for composing text (NFC).

They come from Python's own data (made with version 14.0.0 of Unicode). What characters that exist
decompose to does not change any more; later versions only add characters.

Usage: python3 -P canonical_mappings.py > ../../Sources/Tokenizers/Text/CanonicalMappings.swift
"""

import sys
import textwrap
import unicodedata


def mappings():
    """Code, first and second part (or None) of every canonical decomposition but Hangul's."""
    for code in range(0x110000):
        parts = unicodedata.decomposition(chr(code)).split()
        if parts and not parts[0].startswith("<"):
            assert len(parts) <= 2
            yield code, int(parts[0], 16), int(parts[1], 16) if len(parts) > 1 else None


def composes(code):
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", chr(code))) == chr(code)


def main():
    words, last = [], 0
    for code, first, second in mappings():
        joint = "+" if composes(code) else "-"
        parts = f"{first:x}" if second is None else f"{first:x}{joint}{second:x}"
        words.append(f"{code - last:x}:{parts}")
        last = code
    lines = textwrap.wrap(" ".join(words), 94, break_on_hyphens=False, break_long_words=False)
    out = sys.stdout
    out.write("// Written by Tests/Goldens/canonical_mappings.py.\n\n")
    out.write("/// Unicode's canonical decompositions, one step each, of version "
              f"{unicodedata.unidata_version}.\n///\n")
    out.write("/// Each entry is the distance from the character before, a colon, and one or two characters; in\n"
              "/// between stands `+` where composing joins the two again, else `-`. All in hexadecimal.\n")
    out.write("enum CanonicalMappings {\n  /// The entries in ascending order.\n  static let text = \"\"\"\n")
    out.write(" \\\n".join("    " + line for line in lines) + "\n")
    out.write("    \"\"\"\n}\n")


main()
