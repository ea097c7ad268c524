/// Floating-point numbers as Python writes them.
enum PythonFloat {
  /// `repr`: the shortest digits that read back as the same number.
  static func repr(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    let (digits, exponent) = shortest(value.magnitude)
    let sign = value.sign == .minus ? "-" : ""
    if exponent < -4 || exponent >= 16 {
      let rest = digits.dropFirst()
      let mantissa = rest.isEmpty ? digits : "\(digits.prefix(1)).\(rest)"
      return "\(sign)\(mantissa)e\(self.exponent(exponent))"
    }
    if exponent < 0 {
      return "\(sign)0.\(String(repeating: "0", count: -exponent - 1))\(digits)"
    }
    let padded = digits + String(repeating: "0", count: max(0, exponent + 1 - digits.utf8.count))
    let fraction = padded.dropFirst(exponent + 1)
    return "\(sign)\(padded.prefix(exponent + 1)).\(fraction.isEmpty ? "0" : fraction)"
  }

  /// An exponent with its sign and at least two digits.
  static func exponent(_ value: Int) -> String {
    "\(value < 0 ? "-" : "+")\(value.magnitude < 10 ? "0" : "")\(value.magnitude)"
  }

  /// The shortest digits of a finite number that is not negative, and the power of the first.
  private static func shortest(_ value: Double) -> (digits: String, exponent: Int) {
    if value == 0 { return ("0", 0) }
    let parts = value.description.split(separator: "e")
    var power = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let halves = (parts.first ?? "0").split(separator: ".", omittingEmptySubsequences: false)
    let whole = halves.first ?? "0"
    power += whole.utf8.count - 1
    var digits = String(whole) + (halves.count > 1 ? String(halves[1]) : "")
    while digits.hasPrefix("0") {
      digits.removeFirst()
      power -= 1
    }
    while digits.hasSuffix("0") { digits.removeLast() }
    return (digits, power)
  }

  /// What `%e`, `%f` and `%g` write for a magnitude, capitals left to the caller.
  static func format(_ value: Double, type: Character, precision: Int, alternate: Bool) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return "inf" }
    var decimal = ExactDecimal(value)
    switch type {
    case "e":
      let (mantissa, exponent) = decimal.scientific(fractionDigits: precision)
      return "\(mantissa)e\(self.exponent(exponent))"
    case "g": return general(value, precision: max(1, precision), alternate: alternate)
    default:
      decimal.round(fractionDigits: precision)
      return decimal.fixed(fractionDigits: precision)
    }
  }

  private static func general(_ value: Double, precision: Int, alternate: Bool) -> String {
    var decimal = ExactDecimal(value)
    let (mantissa, exponent) = decimal.scientific(fractionDigits: precision - 1)
    if exponent < -4 || exponent >= precision {
      return "\(trimmed(mantissa, alternate))e\(self.exponent(exponent))"
    }
    let digits = precision - 1 - exponent
    decimal = ExactDecimal(value)
    decimal.round(fractionDigits: digits)
    return trimmed(decimal.fixed(fractionDigits: digits), alternate)
  }

  private static func trimmed(_ text: String, _ alternate: Bool) -> String {
    guard !alternate, text.contains(".") else { return text }
    var result = text
    while result.hasSuffix("0") { result.removeLast() }
    if result.hasSuffix(".") { result.removeLast() }
    return result
  }

  /// Python's `round`: to a number of digits after the point, half to even, exactly.
  static func round(_ value: Double, digits: Int) -> Double {
    guard value.isFinite, value != 0, digits < 400 else { return value }
    if digits < -400 { return value.sign == .minus ? -0.0 : 0 }
    var decimal = ExactDecimal(value)
    decimal.round(fractionDigits: digits)
    let magnitude = Double(decimal.fixed(fractionDigits: max(0, digits))) ?? value.magnitude
    return value.sign == .minus ? -magnitude : magnitude
  }

  /// The number that a text spells, by Python's rules, or nil.
  static func parse(_ text: String) -> Double? {
    let trimmed = TemplateString(text)
    let body = trimmed[trimmed.trimmed { $0.isPythonSpace }].text.lowercased()
    let unsigned = body.hasPrefix("-") || body.hasPrefix("+") ? String(body.dropFirst()) : body
    let sign = body.hasPrefix("-") ? -1.0 : 1.0
    if unsigned == "inf" || unsigned == "infinity" { return sign * .infinity }
    if unsigned == "nan" { return .nan }
    guard let first = unsigned.utf8.first, first == 0x2E || (0x30...0x39).contains(first),
      unsigned.utf8.allSatisfy({ (0x30...0x39).contains($0) || "e.+-_".utf8.contains($0) }),
      let digits = PythonInteger.withoutUnderscores(unsigned)
    else { return nil }
    // Python allows no digits on one side of the point; Swift needs them on both.
    let halves = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard halves.count == 2 else { return Double(digits).map { sign * $0 } }
    let head = halves[0].isEmpty ? "0" : halves[0]
    let isBare = halves[1].isEmpty || halves[1].hasPrefix("e")
    if halves[0].isEmpty, isBare { return nil }
    return Double("\(head).\(isBare ? "0" : "")\(halves[1])").map { sign * $0 }
  }
}

/// Integers as Python reads them.
enum PythonInteger {
  /// The digits without single underscores between them, or nil where one stands elsewhere.
  static func withoutUnderscores(_ text: String) -> String? {
    var previous: UInt8 = 0x5F
    for byte in text.utf8 {
      if byte == 0x5F, !Character(Unicode.Scalar(previous)).isHexDigit { return nil }
      if previous == 0x5F, !Character(Unicode.Scalar(byte)).isHexDigit, byte != 0x2E { return nil }
      previous = byte
    }
    return previous == 0x5F ? nil : text.filter { $0 != "_" }
  }

  /// What a text can spell.
  enum Result {
    case value(Int)
    case tooLarge
    case invalid
  }

  /// The integer that a text spells in a base from 2 to 36, or in that of its prefix for base 0.
  static func parse(_ text: String, base: Int) -> Result {
    let marked = TemplateString(text)
    var body = marked[marked.trimmed { $0.isPythonSpace }].text
    let isNegative = body.hasPrefix("-")
    if isNegative || body.hasPrefix("+") { body.removeFirst() }
    var radix = base
    let prefixes = ["0b": 2, "0o": 8, "0x": 16]
    if let prefixed = prefixes[body.prefix(2).lowercased()], base == 0 || base == prefixed {
      radix = prefixed
      body.removeFirst(2)
      if body.hasPrefix("_") { body.removeFirst() }
    } else if base == 0 {
      radix = 10
    }
    guard (2...36).contains(radix), !body.isEmpty, !body.hasPrefix("_"), !body.hasSuffix("_"),
      !body.contains("__")
    else { return .invalid }
    let digits = body.filter { $0 != "_" }
    guard
      digits.utf8.allSatisfy({ byte in
        Int(String(Unicode.Scalar(byte)), radix: 36).map { $0 < radix } ?? false
      })
    else { return .invalid }
    return Int((isNegative ? "-" : "") + digits, radix: radix).map { .value($0) } ?? .tooLarge
  }
}
