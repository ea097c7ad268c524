import JSON

/// A decimal number as it is written, of any size.
struct ExactDecimal: Hashable, Sendable {
  /// Whether it is below zero.
  private(set) var isNegative = false
  /// The digits without zeros at either end; none for zero.
  private(set) var digits: [UInt8] = []
  /// The power of ten of the last digit.
  private(set) var exponent = 0

  /// Zero.
  static let zero = ExactDecimal()

  private init() {}

  /// Creates a whole number.
  init(_ integer: Int) { self.init(text: String(integer)) }

  /// The number that a JSON number stands for; nil for other values.
  init?(_ value: JSONValue) {
    switch value {
    case .integer(let integer): self.init(integer)
    case .number(let double):
      guard double.isFinite else { return nil }
      // The shortest text that reads as the same double is what the document said.
      self.init(text: double.description)
    default: return nil
    }
  }

  private init(text: String) {
    var point: Int?
    var power = 0
    var digits: [UInt8] = []
    var rest = Substring(text)
    if rest.first == "-" {
      isNegative = true
      rest.removeFirst()
    }
    if let mark = rest.firstIndex(where: { $0 == "e" || $0 == "E" }) {
      power = Int(rest[rest.index(after: mark)...].drop { $0 == "+" }) ?? 0
      rest = rest[..<mark]
    }
    for byte in rest.utf8 {
      if byte == UInt8(ascii: ".") { point = digits.count } else { digits.append(byte &- 48) }
    }
    exponent = power - (point.map { digits.count - $0 } ?? 0)
    while digits.last == 0 {
      digits.removeLast()
      exponent += 1
    }
    self.digits = Array(digits.drop { $0 == 0 })
    if self.digits.isEmpty { self = .zero }
  }

  /// Whether it is zero.
  var isZero: Bool { digits.isEmpty }

  /// Whether it has no fraction.
  var isInteger: Bool { isZero || exponent >= 0 }

  /// The number without its sign.
  var magnitude: ExactDecimal {
    var copy = self
    copy.isNegative = false
    return copy
  }

  /// How many digits stand before the point; less than 1 for numbers below 0.1.
  var wholeLength: Int { digits.count + exponent }

  /// The digits before the point, "0" where there are none; nil where they are more than a limit.
  func wholeDigits(atMost limit: Int) -> [UInt8]? {
    guard wholeLength <= limit else { return nil }
    if wholeLength <= 0 { return [0] }
    return (0..<wholeLength).map { $0 < digits.count ? digits[$0] : 0 }
  }

  /// The digits after the point, without zeros at the end.
  var fractionDigits: [UInt8] {
    guard exponent < 0, !isZero else { return [] }
    let zeros = Array(repeating: UInt8(0), count: max(0, -wholeLength))
    return zeros + digits[max(0, wholeLength)...]
  }

  /// The number written in the one way that answers use.
  var canonicalText: String {
    if isZero { return "0" }
    let sign = isNegative ? "-" : ""
    guard wholeLength <= 38, exponent >= -38, let whole = wholeDigits(atMost: 38) else {
      let tail = digits.count > 1 ? "." + Self.text(Array(digits[1...])) : ""
      return sign + Self.text([digits[0]]) + tail + "e\(wholeLength - 1)"
    }
    let fraction = fractionDigits
    return sign + Self.text(whole) + (fraction.isEmpty ? "" : "." + Self.text(fraction))
  }

  private static func text(_ digits: [UInt8]) -> String {
    String(decoding: digits.map { $0 + 48 }, as: UTF8.self)
  }

  /// Whether it is a multiple of another number above zero.
  func isMultiple(of divisor: ExactDecimal) -> Bool {
    if isZero { return true }
    guard exponent >= divisor.exponent, let modulus = divisor.mantissa else { return false }
    var remainder = 0
    for digit in digits { remainder = (remainder * 10 + Int(digit)) % modulus }
    for _ in 0..<(exponent - divisor.exponent) {
      if remainder == 0 { break }
      remainder = remainder * 10 % modulus
    }
    return remainder == 0
  }

  /// The digits as a number; nil where they are more than 15.
  var mantissa: Int? {
    guard digits.count <= 15 else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1) }
  }

  /// The number as an integer; nil where it is none or has more than 15 digits.
  var smallInteger: Int? {
    guard isInteger, let whole = wholeDigits(atMost: 15) else { return nil }
    let value = whole.reduce(0) { $0 * 10 + Int($1) }
    return isNegative ? -value : value
  }
}

extension ExactDecimal: Comparable {
  /// Compares by value.
  static func < (left: ExactDecimal, right: ExactDecimal) -> Bool {
    if left.isNegative != right.isNegative { return left.isNegative }
    if left.isNegative { return right.magnitude.isBelow(left.magnitude) }
    return left.isBelow(right)
  }

  private func isBelow(_ other: ExactDecimal) -> Bool {
    if isZero || other.isZero { return isZero && !other.isZero }
    if wholeLength != other.wholeLength { return wholeLength < other.wholeLength }
    for index in 0..<max(digits.count, other.digits.count) {
      let mine = index < digits.count ? digits[index] : 0
      let theirs = index < other.digits.count ? other.digits[index] : 0
      if mine != theirs { return mine < theirs }
    }
    return false
  }
}
