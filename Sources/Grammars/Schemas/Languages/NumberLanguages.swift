/// The languages of JSON numbers: bounds as comparisons of digits, nothing rounded.
enum NumberLanguages {
  /// The most characters of a number.
  static let longest = 40

  private static let digits = ByteSet(0x30...0x39)
  private static let anyDigits = Regex.repetition(.byte(digits), min: 0, max: nil)
  private static let someDigits = Regex.repetition(.byte(digits), min: 1, max: nil)
  private static let whole = Regex.alternatives([
    Regex("0"), .sequence([.byte(ByteSet(0x31...0x39)), anyDigits]),
  ])
  private static let fraction = Regex.sequence([Regex("."), someDigits]).optional
  private static let sign = Regex("-").optional
  private static let bounded = Regex.repetition(.byte(.all), min: 1, max: longest)
  private static let marks = ByteSet(0x45...0x45, 0x65...0x65)
  private static let signs = ByteSet(0x2B...0x2B, 0x2D...0x2D)
  private static let zeros = Regex.repetition(Regex("0"), min: 0, max: nil)

  /// Whole numbers without fraction and exponent.
  static let integers = Regex.sequence([
    sign,
    .alternatives([
      Regex("0"),
      .sequence([
        .byte(ByteSet(0x31...0x39)), .repetition(.byte(digits), min: 0, max: longest - 2),
      ]),
    ]),
  ])

  /// Every number that JSON can write.
  static let any = Regex.intersection([
    .sequence([
      sign, whole, fraction,
      Regex.sequence([.byte(marks), Regex.byte(signs).optional, someDigits]).optional,
    ]), bounded,
  ])

  /// Numbers without exponent.
  static let decimals = Regex.intersection([.sequence([sign, whole, fraction]), bounded])

  /// Whole numbers of which no two texts mean the same.
  static let canonicalIntegers = Regex.intersection([integers, .complement(Regex("-0"))])

  /// Numbers of which no two texts mean the same.
  static let canonicalDecimals = Regex.intersection([
    .sequence([
      sign, whole,
      Regex.sequence([Regex("."), anyDigits, .byte(ByteSet(0x31...0x39))]).optional,
    ]), .complement(Regex("-0")), bounded,
  ])

  /// Numbers without exponent whose value has a fraction.
  static let fractions = Regex.intersection([
    .sequence([
      sign, whole, Regex("."), anyDigits, .byte(ByteSet(0x31...0x39)), anyDigits,
    ]), bounded,
  ])

  /// The texts of one value without exponent.
  static func texts(of value: ExactDecimal) -> Regex {
    guard let whole = value.wholeDigits(atMost: longest) else { return .nothing }
    let fraction = value.fractionDigits
    let tail =
      fraction.isEmpty
      ? Regex.sequence([Regex("."), .repetition(Regex("0"), min: 1, max: nil)]).optional
      : .sequence([Regex("."), literal(fraction), zeros])
    let sign: Regex =
      value.isZero ? self.sign : value.isNegative ? Regex("-") : .empty
    return .sequence([sign, literal(whole), tail])
  }

  /// Numbers without exponent that are at least a bound, or above it.
  static func atLeast(_ bound: ExactDecimal, isExclusive: Bool) -> Regex {
    if bound.isNegative {
      return .alternatives([
        .sequence([whole, fraction]),
        .sequence([Regex("-"), below(bound.magnitude, isExclusive: isExclusive)]),
      ])
    }
    let positive = above(bound, isExclusive: isExclusive)
    guard bound.isZero, !isExclusive else { return positive }
    return .alternatives([positive, negativeZero])
  }

  /// Numbers without exponent that are at most a bound, or below it.
  static func atMost(_ bound: ExactDecimal, isExclusive: Bool) -> Regex {
    if bound.isNegative {
      return .sequence([Regex("-"), above(bound.magnitude, isExclusive: isExclusive)])
    }
    let negative = Regex.sequence([Regex("-"), whole, fraction])
    if bound.isZero, isExclusive {
      return .intersection([negative, .complement(negativeZero)])
    }
    return .alternatives([negative, below(bound, isExclusive: isExclusive)])
  }

  private static let negativeZero = texts(of: .zero)

  /// Numbers without sign above a bound that is not negative.
  private static func above(_ bound: ExactDecimal, isExclusive: Bool) -> Regex {
    guard let whole = bound.wholeDigits(atMost: longest) else { return .nothing }
    var parts: [Regex] = [.sequence([longerOrGreater(whole), fraction])]
    let limit = bound.fractionDigits
    var tails: [Regex] = []
    for (index, digit) in limit.enumerated() where digit < 9 {
      tails.append(
        .sequence([
          literal(Array(limit[..<index])), .byte(ByteSet((digit + 49)...0x39)), anyDigits,
        ]))
    }
    let more = Regex.sequence([zeros, .byte(ByteSet(0x31...0x39)), anyDigits])
    tails.append(.sequence([literal(limit), isExclusive ? more : anyDigits]))
    if limit.isEmpty {
      let some = isExclusive ? more : someDigits
      let tail = Regex.sequence([Regex("."), some])
      parts.append(.sequence([literal(whole), isExclusive ? tail : tail.optional]))
    } else {
      parts.append(.sequence([literal(whole), Regex("."), .alternatives(tails)]))
    }
    return .alternatives(parts)
  }

  /// Numbers without sign below a bound that is not negative.
  private static func below(_ bound: ExactDecimal, isExclusive: Bool) -> Regex {
    guard let whole = bound.wholeDigits(atMost: longest) else {
      return .sequence([self.whole, fraction])
    }
    var parts: [Regex] = [.sequence([shorterOrLess(whole), fraction])]
    let limit = bound.fractionDigits
    if limit.isEmpty {
      let tail = Regex.sequence([Regex("."), .repetition(Regex("0"), min: 1, max: nil)])
      if !isExclusive { parts.append(.sequence([literal(whole), tail.optional])) }
      return .alternatives(parts)
    }
    parts.append(literal(whole))
    var tails: [Regex] = []
    for (index, digit) in limit.enumerated() {
      let head = literal(Array(limit[..<index]))
      if index > 0 { tails.append(head) }
      if digit > 0 {
        tails.append(.sequence([head, .byte(ByteSet(0x30...(digit + 47))), anyDigits]))
      }
    }
    if !isExclusive { tails.append(.sequence([literal(limit), zeros])) }
    parts.append(.sequence([literal(whole), Regex("."), .alternatives(tails)]))
    return .alternatives(parts)
  }

  /// Whole numbers above one given by its digits.
  private static func longerOrGreater(_ limit: [UInt8]) -> Regex {
    var parts: [Regex] = [
      .sequence([
        .byte(ByteSet(0x31...0x39)), .repetition(.byte(digits), min: limit.count, max: nil),
      ])
    ]
    for (index, digit) in limit.enumerated() where digit < 9 {
      parts.append(
        .sequence([
          literal(Array(limit[..<index])), .byte(ByteSet((digit + 49)...0x39)),
          same(limit.count - index - 1),
        ]))
    }
    return .alternatives(parts)
  }

  /// Whole numbers below one given by its digits.
  private static func shorterOrLess(_ limit: [UInt8]) -> Regex {
    if limit == [0] { return .nothing }
    var parts: [Regex] = []
    if limit.count > 1 {
      parts.append(Regex("0"))
      if limit.count > 1 {
        parts.append(
          .sequence([
            .byte(ByteSet(0x31...0x39)), .repetition(.byte(digits), min: 0, max: limit.count - 2),
          ]))
      }
    }
    for (index, digit) in limit.enumerated() {
      let least: UInt8 = index == 0 && limit.count > 1 ? 1 : 0
      guard digit > least else { continue }
      parts.append(
        .sequence([
          literal(Array(limit[..<index])), .byte(ByteSet((least + 48)...(digit + 47))),
          same(limit.count - index - 1),
        ]))
    }
    return .alternatives(parts)
  }

  private static func same(_ count: Int) -> Regex {
    .repetition(.byte(digits), min: count, max: count)
  }

  private static func literal(_ digits: [UInt8]) -> Regex { .literal(digits.map { $0 + 48 }) }

  /// Multiples of a power of ten, without exponent.
  static func multiples(ofTenTo power: Int) -> Regex {
    if power <= 0 {
      let tail = Regex.sequence([
        Regex("."), .repetition(.byte(digits), min: power == 0 ? 0 : 1, max: -power), zeros,
      ])
      let point = power == 0 ? Regex.sequence([Regex("."), Regex("0"), zeros]) : tail
      return .sequence([sign, whole, point.optional])
    }
    let tens = Regex.repetition(Regex("0"), min: power, max: power)
    return .sequence([
      sign,
      .alternatives([Regex("0"), .sequence([.byte(ByteSet(0x31...0x39)), anyDigits, tens])]),
      Regex.sequence([Regex("."), Regex("0"), zeros]).optional,
    ])
  }
}
