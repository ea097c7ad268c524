/// The exact decimal digits of a finite floating-point number, and their correct rounding.
struct ExactDecimal {
  /// Decimal digits, most significant first; no leading zeros, so empty for zero.
  private(set) var digits: [UInt8]
  /// How many of the digits are after the decimal point.
  private(set) var fractionCount: Int

  /// The digits of a finite number's magnitude.
  init(_ value: Double) {
    guard value.isFinite, value != 0 else {
      (digits, fractionCount) = ([], 0)
      return
    }
    let magnitude = value.magnitude
    let isNormal = magnitude.isNormal
    var mantissa = magnitude.significandBitPattern | (isNormal ? 1 << 52 : 0)
    var exponent = Int(magnitude.exponentBitPattern) - 1075 + (isNormal ? 0 : 1)
    while exponent < 0, mantissa & 1 == 0 {
      mantissa >>= 1
      exponent += 1
    }
    // m / 2^n is m * 5^n / 10^n, so a fraction needs no division.
    var limbs = [UInt32(truncatingIfNeeded: mantissa % 1_000_000_000)]
    limbs.append(UInt32(truncatingIfNeeded: mantissa / 1_000_000_000))
    for _ in 0..<abs(exponent) { Self.multiply(&limbs, by: exponent < 0 ? 5 : 2) }
    var text = ""
    for limb in limbs.reversed() {
      let part = String(limb)
      text += String(repeating: "0", count: max(0, 9 - part.utf8.count)) + part
    }
    digits = Array(text.utf8.map { $0 - 48 }.drop { $0 == 0 })
    fractionCount = max(0, -exponent)
  }

  /// Multiplies a number in base 10^9, least significant limb first.
  private static func multiply(_ limbs: inout [UInt32], by factor: UInt64) {
    var carry: UInt64 = 0
    for index in limbs.indices {
      let product = UInt64(limbs[index]) * factor + carry
      limbs[index] = UInt32(product % 1_000_000_000)
      carry = product / 1_000_000_000
    }
    if carry > 0 { limbs.append(UInt32(carry)) }
  }

  /// The power of ten of the first digit; 0 for zero.
  var exponent: Int { digits.isEmpty ? 0 : digits.count - fractionCount - 1 }

  /// Rounds to a number of digits after the decimal point, half to even; a negative number
  /// rounds before the point.
  mutating func round(fractionDigits: Int) {
    let removed = fractionCount - fractionDigits
    guard removed > 0 else { return }
    let kept = digits.count - removed
    let roundsUp: Bool
    if kept < 0 {
      roundsUp = false
    } else {
      let tail = digits[kept...]
      let isOdd = kept > 0 && digits[kept - 1] & 1 == 1
      let first = tail.first ?? 0
      roundsUp = first > 5 || (first == 5 && (isOdd || tail.dropFirst().contains { $0 != 0 }))
    }
    digits = Array(digits.prefix(max(0, kept)))
    fractionCount = fractionDigits
    if roundsUp { increment() }
  }

  private mutating func increment() {
    var index = digits.count
    while index > 0 {
      index -= 1
      if digits[index] < 9 {
        digits[index] += 1
        return
      }
      digits[index] = 0
    }
    digits.insert(1, at: 0)
  }

  /// The number with a given number of digits after the point, to which it has been rounded.
  func fixed(fractionDigits: Int) -> String {
    var padded = digits
    padded += Array(repeating: 0, count: max(0, fractionDigits - fractionCount))
    if padded.count <= fractionDigits {
      padded = Array(repeating: 0, count: fractionDigits + 1 - padded.count) + padded
    }
    let text = String(decoding: padded.map { $0 + 48 }, as: UTF8.self)
    if fractionDigits == 0 { return text }
    return "\(text.dropLast(fractionDigits)).\(text.suffix(fractionDigits))"
  }

  /// The number with one digit before the point and some after it, and an exponent.
  mutating func scientific(fractionDigits: Int) -> (mantissa: String, exponent: Int) {
    round(fractionDigits: fractionDigits - exponent)
    var shown = digits
    let power = exponent
    shown += Array(repeating: 0, count: max(0, fractionDigits + 1 - shown.count))
    let text = String(decoding: shown.prefix(fractionDigits + 1).map { $0 + 48 }, as: UTF8.self)
    let mantissa = fractionDigits == 0 ? text : "\(text.prefix(1)).\(text.dropFirst())"
    return (mantissa, power)
  }
}
