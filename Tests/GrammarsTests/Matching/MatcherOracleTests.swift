import Foundation
import Grammars
import Testing

@Suite("The matcher against its plain twin")
struct MatcherOracleTests {
  typealias Features = RandomGrammar.Features

  /// Grammars of each kind; `GRAMMAR_SEEDS` asks for more.
  private static let seeds =
    ProcessInfo.processInfo.environment["GRAMMAR_SEEDS"].flatMap { Int($0) } ?? 40

  @Test(
    "A mask has the tokens that the plain matcher takes, in random walks",
    arguments: [
      [], [.booleans], [.counts], [.unique], [.tokens], [.unique, .counts],
      [.booleans, .counts, .unique, .tokens],
    ] as [Features])
  func masks(features: Features) throws {
    var compiled = 0
    for seed in 0..<Self.seeds {
      var random = RandomGrammar(seed: seed &* 8 + features.rawValue, features: features)
      let grammar = random.grammar()
      let texts = random.vocabulary()
      guard let result = try? CompiledGrammar(grammar, trie: TokenTrie(texts: texts)) else {
        #expect(!PlainMatcher(grammar).canContinue || hasNestedUnique(grammar), "seed \(seed)")
        continue
      }
      compiled += 1
      try walk(grammar, result, texts, &random.generator, "seed \(seed)")
    }
    #expect(compiled > Self.seeds / 2)
  }

  /// Unique lexemes within counts within counts are refused.
  private func hasNestedUnique(_ grammar: Grammar) -> Bool {
    grammar.lexemes.contains { $0.isUnique }
  }

  private func walk(
    _ grammar: Grammar, _ compiled: CompiledGrammar, _ texts: [[UInt8]?],
    _ generator: inout SeededGenerator, _ name: String
  ) throws {
    var plain = PlainMatcher(grammar)
    var matcher = Matcher(compiled)
    var written: [[UInt8]?] = []
    for _ in 0..<6 {
      let expected = texts.indices.filter { allows(plain, texts[$0], Int32($0)) }
      let mask = allowed(matcher, texts.count)
      try #require(mask == expected, "\(name) after \(written)")
      for token in texts.indices {
        try #require(matcher.allows(Int32(token)) == expected.contains(token), "\(name) \(written)")
      }
      try #require(matcher.mayEnd == plain.mayEnd, "\(name) after \(written)")
      try #require(
        matcher.mustEnd == (plain.mayEnd && !plain.canContinue), "\(name) after \(written)")
      try #require(matcher.mayEnd || !mask.isEmpty, "\(name) after \(written)")
      try checkForced(matcher, plain, name)
      guard let token = expected.randomElement(using: &generator) else { break }
      let isTaken = matcher.accept(Int32(token))
      try #require(isTaken)
      take(&plain, texts[token], Int32(token))
      written.append(texts[token])
      if let refused = texts.indices.first(where: { !allows(plain, texts[$0], Int32($0)) }) {
        var copy = matcher
        let isTaken = copy.accept(Int32(refused))
        try #require(!isTaken && copy.mayEnd == matcher.mayEnd)
      }
    }
  }

  /// The bytes that must follow are those that the plain matcher has no other for.
  private func checkForced(_ matcher: Matcher, _ plain: PlainMatcher, _ name: String) throws {
    var (plain, expected) = (plain, [UInt8]())
    while expected.count < 5, !plain.mayEnd, !hasToken(plain) {
      let bytes = (UInt8.min...UInt8.max).filter { byte in
        var copy = plain
        return copy.accept(byte)
      }
      guard bytes.count == 1 else { break }
      expected += bytes
      _ = plain.accept(bytes[0])
    }
    try #require(matcher.forcedBytes(atMost: 5) == expected, "\(name)")
  }

  private func hasToken(_ plain: PlainMatcher) -> Bool {
    RandomGrammar.controlTokens.contains { token in
      var copy = plain
      return copy.accept(token: token)
    }
  }

  private func allows(_ plain: PlainMatcher, _ text: [UInt8]?, _ token: Int32) -> Bool {
    var copy = plain
    return take(&copy, text, token)
  }

  @discardableResult
  private func take(_ plain: inout PlainMatcher, _ text: [UInt8]?, _ token: Int32) -> Bool {
    guard let text else { return plain.accept(token: token) }
    for byte in text where !plain.accept(byte) { return false }
    return !text.isEmpty
  }
}

/// The tokens that a matcher allows.
func allowed(_ matcher: Matcher, _ count: Int) -> [Int] {
  var words = [UInt64](repeating: 0, count: (count + 63) / 64)
  words.withUnsafeMutableBufferPointer { matcher.allow(into: $0) }
  return (0..<count).filter { words[$0 >> 6] & 1 << UInt64($0 & 63) != 0 }
}
