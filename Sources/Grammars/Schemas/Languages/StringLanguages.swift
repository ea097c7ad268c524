/// The languages of JSON strings: what is written for what is meant.
enum StringLanguages {
  private static let quote = UInt8(ascii: "\"")
  private static let backslash = UInt8(ascii: "\\")
  private static let continuation = ByteSet(0x80...0xBF)
  private static let shortEscapes: [(byte: UInt8, letter: UInt8)] = [
    (0x08, UInt8(ascii: "b")), (0x09, UInt8(ascii: "t")), (0x0A, UInt8(ascii: "n")),
    (0x0C, UInt8(ascii: "f")), (0x0D, UInt8(ascii: "r")),
  ]

  /// The bytes that stand for themselves, code points above ASCII aside.
  private static let plain: ByteSet = ByteSet(0x20...0x7F)
    .subtracting(ByteSet(quote...quote, backslash...backslash))

  /// A code point above ASCII in UTF-8.
  private static let wide: [Regex] = {
    func bytes(_ ranges: ClosedRange<UInt8>...) -> Regex {
      .sequence(ranges.map { .byte(ByteSet($0)) })
    }
    let rest: ClosedRange<UInt8> = 0x80...0xBF
    return [
      bytes(0xC2...0xDF, rest), bytes(0xE0...0xE0, 0xA0...0xBF, rest),
      bytes(0xE1...0xEC, rest, rest), bytes(0xED...0xED, 0x80...0x9F, rest),
      bytes(0xEE...0xEF, rest, rest), bytes(0xF0...0xF0, 0x90...0xBF, rest, rest),
      bytes(0xF1...0xF3, rest, rest, rest), bytes(0xF4...0xF4, 0x80...0x8F, rest, rest),
    ]
  }()

  /// Every text of whole code points.
  static let unicode = Regex.repetition(
    .alternatives([.byte(ByteSet(0x00...0x7F))] + wide), min: 0, max: nil)

  /// One code point as it is written where a string has a pattern or a length.
  static let unit = Regex.alternatives([spell(.byte(ByteSet(0x00...0x7F)))] + wide)

  /// One code point in the one way that names and constants use.
  private static let canonicalUnit = Regex.alternatives(
    [spell(.byte(ByteSet(0x00...0x7F)), isCanonical: true)] + wide)

  /// Any string, with its quotation marks, and every escape that JSON has.
  static let any: Regex = {
    let hex = ByteSet(0x30...0x39, 0x41...0x46, 0x61...0x66)
    func digits(_ sets: ByteSet...) -> Regex { .sequence(sets.map(Regex.byte)) }
    let notD = hex.subtracting(ByteSet(0x44...0x44, 0x64...0x64))
    let letterD = ByteSet(0x44...0x44, 0x64...0x64)
    let low = ByteSet(0x30...0x37)
    let highHalf = ByteSet(0x38...0x39, 0x41...0x42, 0x61...0x62)
    let lowHalf = ByteSet(0x43...0x46, 0x63...0x66)
    let escape = Regex.alternatives([
      .byte(ByteSet(quote...quote, backslash...backslash, 0x2F...0x2F).union(letters)),
      .sequence([
        Regex("u"),
        .alternatives([
          digits(notD, hex, hex, hex), digits(letterD, low, hex, hex),
          .sequence([
            digits(letterD, highHalf, hex, hex), Regex("\\u"), digits(letterD, lowHalf, hex, hex),
          ]),
        ]),
      ]),
    ])
    return quoted(
      .repetition(
        .alternatives([.byte(plain)] + wide + [.sequence([.byte(backslashes), escape])]), min: 0,
        max: nil))
  }()

  private static let backslashes = ByteSet(backslash...backslash)
  private static let letters = shortEscapes.reduce(into: ByteSet()) { $0.insert($1.letter) }

  /// Any string in the one way that names use.
  static let canonical = quoted(.repetition(canonicalUnit, min: 0, max: nil))

  /// Any string with a bounded number of code points.
  static func counted(min: Int, max: Int?) -> Grammar.Lexeme {
    Grammar.Lexeme(units, count: count(min: min, max: max))
  }

  /// Any string, as it is written where it has a pattern or a length.
  static let units = quoted(.repetition(unit, min: 0, max: nil))

  /// A bound on the code points of a string.
  static func count(min: Int, max: Int?) -> Grammar.Count {
    Grammar.Count(prefix: [quote], unit: unit, suffix: Regex("\""), min: min, max: max)
  }

  /// A bound from below on the code points of a canonical string.
  static func canonicalCount(min: Int) -> Grammar.Count {
    Grammar.Count(prefix: [quote], unit: canonicalUnit, suffix: Regex("\""), min: min, max: nil)
  }

  /// A language between quotation marks.
  static func quoted(_ language: Regex) -> Regex {
    .sequence([Regex("\""), language, Regex("\"")])
  }

  /// One string, written in the one way that names and constants use.
  static func constant(_ text: String) -> Regex {
    var bytes = [quote]
    for byte in text.utf8 { bytes += spelling(of: byte) }
    return .literal(bytes + [quote])
  }

  /// What is written for the texts of a language.
  ///
  /// Each byte has spellings that are no beginnings of one another, so that the mapping commutes with
  /// intersection, and with the complement within what is written for any text.
  static func spell(_ language: Regex, isCanonical: Bool = false) -> Regex {
    spell(language, isCanonical, isRefusedTail: false)
  }

  /// Whatever follows a refused beginning is refused, however it is written; said so, the rest of a
  /// refused text is seen at once to have no end.
  private static func spell(
    _ language: Regex, _ isCanonical: Bool, isRefusedTail: Bool
  ) -> Regex {
    if isRefusedTail, language == .everything || language == Regex.anyText { return .everything }
    switch language {
    case .nothing, .empty: return language
    case .byte(let set): return spell(set, isCanonical: isCanonical)
    case .literal(let bytes):
      let isPlain = bytes.allSatisfy { $0 >= 0x80 || (plain.contains($0) && $0 != 0x2F) }
      if isPlain { return language }
      return .sequence(bytes.map { spell(ByteSet($0...$0), isCanonical: isCanonical) })
    case .sequence(let parts):
      let last = parts.count - 1
      return .sequence(
        parts.enumerated().map {
          spell($1, isCanonical, isRefusedTail: isRefusedTail && $0 == last)
        })
    case .alternatives(let parts):
      return .alternatives(parts.map { spell($0, isCanonical, isRefusedTail: isRefusedTail) })
    case .intersection(let parts):
      return .intersection(
        parts.isEmpty
          ? [written(isCanonical)] : parts.map { spell($0, isCanonical, isRefusedTail: false) })
    case .complement(let part):
      return .intersection([
        written(isCanonical), .complement(spell(part, isCanonical, isRefusedTail: true)),
      ])
    case .repetition(let part, let min, let max):
      return .repetition(spell(part, isCanonical, isRefusedTail: false), min: min, max: max)
    }
  }

  private static func written(_ isCanonical: Bool) -> Regex {
    .repetition(isCanonical ? canonicalUnit : unit, min: 0, max: nil)
  }

  private static func spell(_ set: ByteSet, isCanonical: Bool) -> Regex {
    var raw = set.intersection(plain.union(ByteSet(0x80...0xFF)))
    var parts: [Regex] = []
    for byte in UInt8(0)...0x7F where set.contains(byte) && !raw.contains(byte) {
      parts.append(.literal(spelling(of: byte)))
    }
    if !isCanonical, raw.contains(UInt8(ascii: "/")) { parts.append(Regex("\\/")) }
    if parts.isEmpty { return .byte(raw) }
    if raw.isEmpty, parts.count == 1 { return parts[0] }
    if raw.isEmpty { raw = ByteSet() } else { parts.insert(.byte(raw), at: 0) }
    return .alternatives(parts)
  }

  private static func spelling(of byte: UInt8) -> [UInt8] {
    if byte == quote || byte == backslash { return [backslash, byte] }
    if byte >= 0x20 { return [byte] }
    if let short = shortEscapes.first(where: { $0.byte == byte }) {
      return [backslash, short.letter]
    }
    let hex = Array("0123456789abcdef".utf8)
    return Array("\\u00".utf8) + [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
  }
}
