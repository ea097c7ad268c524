/// Finds the end of one JSON value, byte by byte, without judging what is within.
struct JSONSpan: Sendable {
  /// What a symbol is to the value.
  enum Verdict {
    /// It belongs to the value.
    case inside
    /// It is the value's last.
    case last
    /// The value ended before it.
    case after
  }

  private var depth = 0
  private var isString = false
  private var isEscape = false
  private var hasBegun = false

  /// Takes a symbol; white space before the value counts as inside.
  mutating func take(_ symbol: Symbol) -> Verdict {
    guard let byte = symbol.byte else { return .after }
    if isString { return takeInString(byte) }
    switch byte {
    case UInt8(ascii: "\""):
      if hasBegun && depth == 0 { return .after }
      isString = true
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      if hasBegun && depth == 0 { return .after }
      depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      if depth == 0 { return .after }
      depth -= 1
      return depth == 0 ? .last : .inside
    case UInt8(ascii: ","):
      if depth == 0 { return .after }
    default:
      if symbol.isSpace { return depth == 0 && hasBegun ? .after : .inside }
    }
    hasBegun = true
    return .inside
  }

  private mutating func takeInString(_ byte: UInt8) -> Verdict {
    if isEscape {
      isEscape = false
    } else if byte == UInt8(ascii: "\\") {
      isEscape = true
    } else if byte == UInt8(ascii: "\"") {
      isString = false
      return depth == 0 ? .last : .inside
    }
    return .inside
  }
}
