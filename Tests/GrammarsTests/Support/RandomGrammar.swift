import Grammars

/// Numbers that look random and are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Makes grammars over few letters, such that lexemes, rules and counts meet in all ways.
struct RandomGrammar {
  /// What there may be in a grammar beside rules and plain lexemes.
  struct Features: OptionSet {
    let rawValue: Int
    static let booleans = Features(rawValue: 1)
    static let counts = Features(rawValue: 2)
    static let unique = Features(rawValue: 4)
    static let tokens = Features(rawValue: 8)
  }

  static let controlTokens: [Int32] = [0, 1]
  static let letters = Array("ab,".utf8) + Array("é".utf8)
  var generator: SeededGenerator
  let features: Features

  init(seed: Int, features: Features) {
    generator = SeededGenerator(seed)
    self.features = features
  }

  mutating func grammar() -> Grammar {
    var builder = GrammarBuilder()
    let rules = (0..<Int.random(in: 1...4, using: &generator)).map {
      builder.rule(named: "rule \($0)")
    }
    for rule in rules { builder.define(rule, as: body(&builder, rules, depth: 3)) }
    return builder.finished(start: 0)
  }

  /// Tokens of the letters, one to four bytes each, after the control tokens.
  mutating func vocabulary() -> [[UInt8]?] {
    var texts: [[UInt8]?] = Self.controlTokens.map { _ in nil }
    for letter in Self.letters { texts.append([letter]) }
    for _ in 0..<50 {
      let length = Int.random(in: 2...5, using: &generator)
      texts.append((0..<length).map { _ in letter() })
    }
    texts.append([])
    return texts
  }

  private mutating func letter() -> UInt8 {
    Self.letters.randomElement(using: &generator) ?? 0
  }

  private mutating func chance(_ of: Int) -> Bool { Int.random(in: 0..<of, using: &generator) == 0 }

  private mutating func body(
    _ builder: inout GrammarBuilder, _ rules: [Int], depth: Int
  ) -> Grammar.Expression {
    switch Int.random(in: 0..<(depth > 0 ? 10 : 4), using: &generator) {
    case 0...2: return builder.lexeme(lexeme())
    case 3:
      if features.contains(.tokens), chance(4) {
        return .token(Self.controlTokens.randomElement(using: &generator) ?? 0)
      }
      return .rule(rules.randomElement(using: &generator) ?? 0)
    case 4...6:
      return .sequence(
        (0..<Int.random(in: 0...3, using: &generator)).map { _ in
          body(&builder, rules, depth: depth - 1)
        })
    case 7...8:
      return .alternatives(
        (0..<Int.random(in: 1...3, using: &generator)).map { _ in
          body(&builder, rules, depth: depth - 1)
        })
    default:
      let min = Int.random(in: 0...3, using: &generator)
      return .repetition(
        body(&builder, rules, depth: depth - 1), min: min,
        max: chance(2) ? nil : min + Int.random(in: 0...3, using: &generator))
    }
  }

  private mutating func lexeme() -> Grammar.Lexeme {
    if features.contains(.counts), chance(3) {
      let min = Int.random(in: 0...3, using: &generator)
      return Grammar.Lexeme(
        chance(2) ? .everything : regex(depth: 2),
        count: Grammar.Count(
          prefix: chance(2) ? [] : Array(",".utf8),
          unit: .alternatives([.byte(ByteSet(0x61...0x62)), Regex("é")]),
          suffix: chance(3) ? .empty : Regex(","), min: min,
          max: chance(3) ? nil : min + Int.random(in: 0...4, using: &generator)))
    }
    if features.contains(.unique), chance(3) {
      let word = Regex.repetition(.byte(ByteSet(0x61...0x62)), min: 1, max: nil)
      return Grammar.Lexeme(chance(2) ? word : .sequence([word, Regex(",")]), isUnique: true)
    }
    return Grammar.Lexeme(regex(depth: 2))
  }

  private mutating func regex(depth: Int) -> Regex {
    let limit = depth > 0 ? (features.contains(.booleans) ? 9 : 7) : 3
    switch Int.random(in: 0..<limit, using: &generator) {
    case 0: return .byte(ByteSet(0x61...0x62))
    case 1...2:
      return .literal((0..<Int.random(in: 1...3, using: &generator)).map { _ in letter() })
    case 3...4: return .sequence([regex(depth: depth - 1), regex(depth: depth - 1)])
    case 5: return .alternatives([regex(depth: depth - 1), regex(depth: depth - 1)])
    case 6:
      let min = Int.random(in: 0...2, using: &generator)
      return .repetition(
        regex(depth: depth - 1), min: min,
        max: chance(2) ? nil : min + Int.random(in: 0...2, using: &generator))
    case 7: return .intersection([regex(depth: depth - 1), .complement(regex(depth: depth - 1))])
    default: return .intersection([.complement(regex(depth: depth - 1)), regex(depth: depth - 1)])
    }
  }
}
