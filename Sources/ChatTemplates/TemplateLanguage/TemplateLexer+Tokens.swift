extension TemplateLexer {
  /// Reads white space or one token within a tag.
  mutating func readToken(open: inout [TemplateSymbol]) throws(TemplateError) {
    let space = spaceLength()
    if space > 0 {
      offset += space
    } else if let (value, length) = floatLiteral() {
      guard let number = Double(value) else { throw fault("a number cannot be read") }
      add(.float(number))
      offset += length
    } else if let length = try readInteger() {
      offset += length
    } else if let name = nameHere() {
      add(.name(name))
      offset += name.utf8.count
    } else if byte() == 0x22 || byte() == 0x27 {
      try readString()
    } else {
      try readSymbol(open: &open)
    }
  }

  private mutating func readSymbol(open: inout [TemplateSymbol]) throws(TemplateError) {
    guard let symbol = symbol(length: 2) ?? symbol(length: 1) else {
      throw fault("an unexpected character")
    }
    if symbol.isClosing {
      guard open.popLast()?.closing == symbol else {
        throw fault("unexpected '\(symbol.rawValue)'")
      }
    } else if symbol.closing != nil {
      open.append(symbol)
    }
    add(.symbol(symbol))
    offset += symbol.rawValue.utf8.count
  }

  private func symbol(length: Int) -> TemplateSymbol? {
    let bytes = source[offset..<min(offset + length, source.count)]
    return TemplateSymbol(rawValue: String(decoding: bytes, as: UTF8.self))
  }

  private func nameHere() -> String? {
    var name = String.UnicodeScalarView()
    var decoder = UTF8()
    var bytes = source[offset...].makeIterator()
    while case .scalarValue(let scalar) = decoder.decode(&bytes) {
      let fits =
        scalar == "_"
        || (name.isEmpty ? scalar.properties.isXIDStart : scalar.properties.isXIDContinue)
      guard fits else { break }
      name.append(scalar)
    }
    return name.isEmpty ? nil : String(name)
  }

  /// The end of digits with single underscores between them, or nil where there are none.
  private func digitsEnd(from start: Int, _ isDigit: (UInt8) -> Bool) -> Int? {
    guard start < source.count, isDigit(source[start]) else { return nil }
    var index = start + 1
    while index < source.count {
      if isDigit(source[index]) {
        index += 1
      } else if source[index] == 0x5F, index + 1 < source.count, isDigit(source[index + 1]) {
        index += 2
      } else {
        break
      }
    }
    return index
  }

  private static func isDecimal(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private func floatLiteral() -> (String, length: Int)? {
    if offset > 0, source[offset - 1] == 0x2E { return nil }
    guard let whole = digitsEnd(from: offset, Self.isDecimal) else { return nil }
    var end = whole
    if whole < source.count, source[whole] == 0x2E {
      end = digitsEnd(from: whole + 1, Self.isDecimal) ?? whole
    }
    if end < source.count, source[end] | 0x20 == 0x65 {
      let signed = end + 1 < source.count && (source[end + 1] == 0x2B || source[end + 1] == 0x2D)
      end = digitsEnd(from: end + (signed ? 2 : 1), Self.isDecimal) ?? end
    }
    guard end > whole else { return nil }
    let digits = source[offset..<end].filter { $0 != 0x5F }
    return (String(decoding: digits, as: UTF8.self), end - offset)
  }

  private mutating func readInteger() throws(TemplateError) -> Int? {
    guard let first = byte(), Self.isDecimal(first) else { return nil }
    var radix = 10
    var start = offset
    if first == 0x30, let letter = byte(1) {
      let radices: [UInt8: Int] = [0x62: 2, 0x6F: 8, 0x78: 16]
      if let other = radices[letter | 0x20] {
        radix = other
        start += byte(2) == 0x5F ? 3 : 2
      }
    }
    let isDigit: (UInt8) -> Bool = { byte in
      Character(Unicode.Scalar(byte)).hexDigitValue.map { $0 < radix } ?? false
    }
    guard let end = digitsEnd(from: start, isDigit) ?? (radix == 10 ? nil : offset + 1) else {
      return nil
    }
    let digits = source[min(start, end)..<end].filter { $0 != 0x5F }
    if radix == 10, digits.count > 1, first == 0x30, digits.contains(where: { $0 != 0x30 }) {
      throw fault("a number cannot begin with 0")
    }
    guard let value = Int(String(decoding: digits, as: UTF8.self), radix: radix) else {
      throw fault("an integer beyond 64 bits")
    }
    add(.integer(value))
    return end - offset
  }

  private mutating func readString() throws(TemplateError) {
    guard let quote = byte() else { return }
    var end = offset + 1
    while end < source.count, source[end] != quote { end += source[end] == 0x5C ? 2 : 1 }
    guard end < source.count else { throw fault("a string is not closed") }
    let raw = String(decoding: source[(offset + 1)..<end], as: UTF8.self)
    var escapes = TemplateEscapes(raw)
    guard let text = escapes.decoded() else { throw fault("a string has an invalid escape") }
    add(.string(text))
    offset = end + 1
  }
}

/// Reads the escapes of a string literal.
struct TemplateEscapes {
  private static let simple: [Unicode.Scalar: String] = [
    "\n": "", "\\": "\\", "'": "'", "\"": "\"", "a": "\u{07}", "b": "\u{08}", "f": "\u{0C}",
    "n": "\n", "r": "\r", "t": "\t", "v": "\u{0B}",
  ]
  private var rest: Substring.UnicodeScalarView

  /// Creates a reader of the text between the quotes.
  init(_ raw: String) {
    rest = Substring(raw).unicodeScalars
  }

  /// The text meant, or nil where an escape is malformed or names no scalar.
  mutating func decoded() -> String? {
    var result = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      guard scalar == "\\" else {
        result.append(scalar)
        continue
      }
      guard let piece = escape() else { return nil }
      result.append(contentsOf: piece.unicodeScalars)
    }
    return String(result)
  }

  private mutating func escape() -> String? {
    guard let letter = rest.popFirst() else { return nil }
    if let text = Self.simple[letter] { return text }
    switch letter {
    case "x": return number(digits: 2)
    case "u": return number(digits: 4)
    case "U": return number(digits: 8)
    case "N": return nil
    case "0"..."7":
      var value = letter.value - 48
      for _ in 0..<2 {
        guard let next = rest.first, ("0"..."7").contains(next) else { break }
        value = value * 8 + next.value - 48
        rest.removeFirst()
      }
      return Unicode.Scalar(value).map { String($0) }
    default: return "\\" + String(letter)
    }
  }

  private mutating func number(digits: Int) -> String? {
    let text = String(rest.prefix(digits))
    guard text.unicodeScalars.count == digits,
      text.unicodeScalars.allSatisfy(\.properties.isHexDigit),
      let value = UInt32(text, radix: 16), let scalar = Unicode.Scalar(value)
    else { return nil }
    rest.removeFirst(digits)
    return String(scalar)
  }
}
