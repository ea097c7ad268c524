/// Rewrites the inside of a quoted string as the inside of a JSON string.
struct StringRewriter: Sendable {
  private enum State: Sendable {
    case plain, escape
    /// Digits of a character's number are being read.
    case number(digits: Int, value: UInt32, count: Int)
  }

  private let close: [Symbol]
  private let hasEscapes: Bool
  private let isJSON: Bool
  private var state = State.plain
  private var held: [Symbol] = []

  /// Begins after the opening quotation mark.
  ///
  /// - Parameters:
  ///   - close: What ends the string.
  ///   - hasEscapes: Whether a backslash begins an escape.
  ///   - isJSON: Whether escapes are JSON's and stay as they are; otherwise they are Python's.
  init(close: [Symbol], hasEscapes: Bool, isJSON: Bool) {
    self.close = close
    self.hasEscapes = hasEscapes
    self.isJSON = isJSON
  }

  /// Takes a symbol; says whether the string is over, or nil for a control token within it.
  mutating func take(_ symbol: Symbol, into text: inout [UInt8]) -> Bool? {
    switch state {
    case .plain: return takePlain(symbol, into: &text)
    case .escape:
      guard let byte = symbol.byte else { return nil }
      takeEscape(byte, into: &text)
      return false
    case .number(let digits, let value, let count):
      guard let byte = symbol.byte else { return nil }
      return takeDigit(byte, digits: digits, value: value, count: count, into: &text)
    }
  }

  private mutating func takePlain(_ symbol: Symbol, into text: inout [UInt8]) -> Bool? {
    held.append(symbol)
    while !held.isEmpty && !close.starts(with: held) {
      guard let byte = held.removeFirst().byte else { return nil }
      if hasEscapes && byte == UInt8(ascii: "\\") {
        state = .escape
      } else {
        BareWord.append(byte, to: &text)
      }
    }
    if held.count == close.count { return true }
    return false
  }

  private mutating func takeEscape(_ byte: UInt8, into text: inout [UInt8]) {
    state = .plain
    switch byte {
    case UInt8(ascii: "u"): state = .number(digits: 4, value: 0, count: 0)
    case UInt8(ascii: "U") where !isJSON: state = .number(digits: 8, value: 0, count: 0)
    case UInt8(ascii: "x") where !isJSON: state = .number(digits: 2, value: 0, count: 0)
    case UInt8(ascii: "n"): BareWord.append(0x0A, to: &text)
    case UInt8(ascii: "r"): BareWord.append(0x0D, to: &text)
    case UInt8(ascii: "t"): BareWord.append(0x09, to: &text)
    case UInt8(ascii: "b"): BareWord.append(0x08, to: &text)
    case UInt8(ascii: "f"): BareWord.append(0x0C, to: &text)
    case UInt8(ascii: "a") where !isJSON: BareWord.append(0x07, to: &text)
    case UInt8(ascii: "v") where !isJSON: BareWord.append(0x0B, to: &text)
    case UInt8(ascii: "0") where !isJSON: BareWord.append(0x00, to: &text)
    case 0x0A where !isJSON: break
    case UInt8(ascii: "/") where isJSON, UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "'"):
      BareWord.append(byte, to: &text)
    default:
      BareWord.append(UInt8(ascii: "\\"), to: &text)
      BareWord.append(byte, to: &text)
    }
  }

  private mutating func takeDigit(
    _ byte: UInt8, digits: Int, value: UInt32, count: Int, into text: inout [UInt8]
  ) -> Bool? {
    guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
      writeCharacter(0xFFFD, into: &text)
      state = .plain
      return takePlain(Symbol(byte), into: &text)
    }
    let value = value << 4 | UInt32(digit)
    if count + 1 < digits {
      state = .number(digits: digits, value: value, count: count + 1)
    } else {
      state = .plain
      writeCharacter(value, into: &text)
    }
    return false
  }

  /// Writes a character; halves of pairs stay escapes, whose other half may follow.
  private func writeCharacter(_ value: UInt32, into text: inout [UInt8]) {
    if let scalar = Unicode.Scalar(value) {
      for byte in String(scalar).utf8 { BareWord.append(byte, to: &text) }
    } else if value <= 0xFFFF {
      let high = UInt8(truncatingIfNeeded: value >> 8)
      let low = UInt8(truncatingIfNeeded: value)
      text += Array("\\u".utf8) + BareWord.hexadecimal(high) + BareWord.hexadecimal(low)
    } else {
      writeCharacter(0xFFFD, into: &text)
    }
  }
}
