"""Writes CompatibilityMappings.swift: Unicode's compatibility decompositions, for forms KC and KD.

They come from Python's own data (made with version 14.0.0 of Unicode).

Usage: python3 -P compatibility_mappings.py > ../../Sources/Tokenizers/Text/CompatibilityMappings.swift
"""

import sys
import textwrap
import unicodedata


def mappings():
    """Code and codes of every character whose form KD is not its form D."""
    for code in range(0x110000):
        if 0xD800 <= code < 0xE000:
            continue
        text = chr(code)
        parts = unicodedata.normalize("NFKD", text)
        if parts != unicodedata.normalize("NFD", text):
            yield code, [ord(part) for part in parts]


def entries():
    """Words `distance:parts` and, for `n` that follow one another to one part each, `distance*n:part`."""
    last, run = 0, None
    for code, parts in mappings():
        if run and code == run[0] + run[2] and parts == [run[1] + run[2]]:
            run[2] += 1
            continue
        if run:
            yield f"{run[3]:x}*{run[2]:x}:{run[1]:x}" if run[2] > 1 else f"{run[3]:x}:{run[1]:x}"
            last = run[0] + run[2] - 1
            run = None
        if len(parts) == 1:
            run = [code, parts[0], 1, code - last]
        else:
            yield f"{code - last:x}:" + "+".join(f"{part:x}" for part in parts)
            last = code
    if run:
        yield f"{run[3]:x}*{run[2]:x}:{run[1]:x}"


HEAD = '''// Written by Tests/Goldens/compatibility_mappings.py.

/// Unicode's compatibility decompositions, all the way down, of version {version}.
///
/// Each entry is the distance from the character before, a colon, and the characters that it becomes
/// with `+` in between; `*` and a number stand before the colon where as many characters in a row
/// become as many in a row. All in hexadecimal.
enum CompatibilityMappings {{
  /// What each character becomes.
  static let table: [UInt32: [UInt32]] = {{
    var table: [UInt32: [UInt32]] = [:]
    var code: UInt32 = 0
    for entry in text.utf8.split(separator: UInt8(ascii: " ")) {{
      let fields = entry.split(separator: UInt8(ascii: ":"))
      guard fields.count == 2 else {{ continue }}
      let numbers = fields[0].split(separator: UInt8(ascii: "*")).compactMap(number)
      let parts = fields[1].split(separator: UInt8(ascii: "+")).compactMap(number)
      guard let distance = numbers.first, let first = parts.first else {{ continue }}
      code += distance
      table[code] = parts
      guard numbers.count == 2, numbers[1] > 1 else {{ continue }}
      for next in 1..<numbers[1] {{ table[code + next] = [first + next] }}
      code += numbers[1] - 1
    }}
    return table
  }}()

  private static func number(_ digits: Substring.UTF8View) -> UInt32? {{
    UInt32(Substring(digits), radix: 16)
  }}

  /// The entries in ascending order.
  private static let text = """
'''


def main():
    lines = textwrap.wrap(" ".join(entries()), 94, break_on_hyphens=False, break_long_words=False)
    sys.stdout.write(HEAD.format(version=unicodedata.unidata_version))
    sys.stdout.write(" \\\n".join("    " + line for line in lines) + "\n")
    sys.stdout.write('    """\n}\n')


main()
