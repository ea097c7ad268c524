extension String {
  /// The text with what an eye might be deceived by, and control characters beyond ASCII's first,
  /// spelled out.
  package var harmless: String { spelling(\.isTreacherous) }

  /// The text with all that a terminal might obey spelled out, but tabs and line breaks.
  package var harmlessLines: String {
    spelling { $0.isTreacherous || ($0.value < 0x20 && $0 != "\t" && $0 != "\n") }
  }

  /// The text with some characters written by their numbers.
  private func spelling(_ isSpelled: (Unicode.Scalar) -> Bool) -> String {
    guard unicodeScalars.contains(where: isSpelled) else { return self }
    var text = ""
    for scalar in unicodeScalars {
      if isSpelled(scalar) {
        text += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

extension Unicode.Scalar {
  /// Whether it is a control character beyond ASCII's first, ends a line, or turns the direction of
  /// writing.
  fileprivate var isTreacherous: Bool {
    switch value {
    case 0x7F...0x9F, 0x2028, 0x2029, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
