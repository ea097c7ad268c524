extension RegexParser {
  /// The scalars that an escape stands for, its backslash having been read.
  mutating func escape(at start: Int, inClass: Bool) throws(GrammarError) -> ScalarSet {
    guard let scalar = next else { throw fault("ends in a backslash", at: start) }
    position += 1
    switch scalar {
    case "d": return .digits
    case "D": return ScalarSet.digits.inverted
    case "w": return words
    case "W": return words.inverted
    case "s": return .blanks
    case "S": return ScalarSet.blanks.inverted
    case "p", "P": return try property(isNegated: scalar == "P", at: start)
    case "b" where inClass: return ScalarSet("\u{8}")
    case "k", "1", "2", "3", "4", "5", "6", "7", "8", "9":
      throw fault("has a back reference, which cannot be enforced", .unsupported, at: start)
    default:
      let one = ScalarSet(try character(scalar, at: start))
      return flags.contains(.ignoresCase) ? one.closedOverCase : one
    }
  }

  private var words: ScalarSet {
    flags.contains(.ignoresCase) ? ScalarSet.words.closedOverCase : .words
  }

  private mutating func character(
    _ scalar: Unicode.Scalar, at start: Int
  ) throws(GrammarError) -> Unicode.Scalar {
    switch scalar {
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "f": return "\u{C}"
    case "v": return "\u{B}"
    case "0":
      if let next, ("0"..."9").contains(next) { throw fault("has an octal escape", at: start) }
      return "\0"
    case "c": return try control(at: start)
    case "x":
      guard let value = hexadecimal(2), let scalar = Unicode.Scalar(value) else {
        throw fault("has a malformed \\x", at: start)
      }
      return scalar
    case "u": return try unicode(at: start)
    default:
      // ECMA lets only syntax characters be escaped; other punctuation is unambiguous.
      let isLetter = ScalarSet.words.contains(scalar.value) && scalar != "_"
      if !scalar.isASCII || isLetter || scalar.value < 0x20 {
        throw fault("has an unknown escape", at: start)
      }
      return scalar
    }
  }

  private mutating func control(at start: Int) throws(GrammarError) -> Unicode.Scalar {
    guard let letter = next, ("a"..."z").contains(letter) || ("A"..."Z").contains(letter) else {
      throw fault("has a malformed \\c", at: start)
    }
    position += 1
    return Unicode.Scalar(UInt8(truncatingIfNeeded: letter.value & 31))
  }

  private mutating func unicode(at start: Int) throws(GrammarError) -> Unicode.Scalar {
    var value: UInt32?
    if skip("{" as Unicode.Scalar) {
      value = hexadecimal(nil)
      if !skip("}" as Unicode.Scalar) { value = nil }
    } else {
      value = hexadecimal(4)
      if let high = value, (0xD800...0xDBFF).contains(high) {
        let here = position
        if skip("\\u"), let low = hexadecimal(4), (0xDC00...0xDFFF).contains(low) {
          value = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
        } else {
          position = here
        }
      }
    }
    guard let value, value <= 0x10FFFF else { throw fault("has a malformed \\u", at: start) }
    guard let scalar = Unicode.Scalar(value) else {
      throw fault("names half a surrogate pair, which no text has", .unsupported, at: start)
    }
    return scalar
  }

  /// A hexadecimal number of so many digits, or of any number of digits up to a brace.
  private mutating func hexadecimal(_ digits: Int?) -> UInt32? {
    var value: UInt32 = 0
    var count = 0
    while count < digits ?? .max, let next, next.isASCII,
      let digit = Character(next).hexDigitValue
    {
      if value > 0x10FFFF { return nil }
      value = value * 16 + UInt32(digit)
      count += 1
      position += 1
    }
    return count > 0 && (digits == nil || count == digits) ? value : nil
  }

  private mutating func property(isNegated: Bool, at start: Int) throws(GrammarError) -> ScalarSet {
    guard skip("{" as Unicode.Scalar) else { throw fault("has a malformed \\p", at: start) }
    var name = ""
    while let scalar = next, scalar != "}", name.unicodeScalars.count < 64 {
      name.unicodeScalars.append(scalar)
      position += 1
    }
    guard skip("}" as Unicode.Scalar) else { throw fault("has a malformed \\p", at: start) }
    guard let set = UnicodeProperties.set(named: name) else {
      throw fault("has the property \(name), which is not known", .unsupported, at: start)
    }
    let members = flags.contains(.ignoresCase) ? set.closedOverCase : set
    return isNegated ? members.inverted : members
  }
}
