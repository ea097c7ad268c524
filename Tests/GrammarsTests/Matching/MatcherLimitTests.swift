import Foundation
import Testing

@testable import Grammars

@Suite("Limits leave sound masks and a way to an end")
struct MatcherLimitTests {
  /// Limits that even small grammars pass.
  private static let tight = {
    var limits = GrammarLimits()
    limits.rowItems = 4
    return limits
  }()

  /// Sums of letters that can be read in very many ways.
  private func ambiguous() -> Grammar {
    var builder = GrammarBuilder()
    let sum = builder.rule(named: "sum")
    let letter = builder.lexeme(.byte(ByteSet(0x61...0x62)))
    let group = Grammar.Expression.sequence([
      builder.lexeme(Regex("(")), .rule(sum), builder.lexeme(Regex(")")),
    ])
    builder.define(
      sum,
      as: .alternatives([
        letter, group, .sequence([.rule(sum), .rule(sum)]),
        .sequence([.rule(sum), builder.lexeme(Regex("+")), .rule(sum)]),
      ]))
    return builder.finished(start: sum)
  }

  private let texts: [[UInt8]?] =
    [nil]
    + ["a", "b", "(", ")", "+", "ab", "a+", "))", "(a", "a)", "+b)", "()"].map { Array($0.utf8) }

  @Test("Too many items of a row leave one reading, and every mask is what can be taken")
  func rows() throws {
    let grammar = ambiguous()
    let compiled = try CompiledGrammar(
      grammar, trie: TokenTrie(texts: texts), limits: Self.tight)
    for seed in 0..<20 {
      var (matcher, plain) = (Matcher(compiled), PlainMatcher(grammar))
      var generator = SeededGenerator(seed)
      for step in 0..<40 {
        let mask = allowed(matcher, texts.count)
        for token in texts.indices {
          try #require(matcher.allows(Int32(token)) == mask.contains(token), "\(seed) \(step)")
        }
        try #require(matcher.mayEnd || !mask.isEmpty, "\(seed) \(step)")
        guard let token = mask.randomElement(using: &generator) else { break }
        let isTaken = matcher.accept(Int32(token))
        // What is left is still of the grammar.
        let isSound = (texts[token] ?? []).allSatisfy { plain.accept($0) }
        try #require(isTaken && isSound && (!matcher.mayEnd || plain.mayEnd), "\(seed) \(step)")
      }
      try #require(ends(matcher), "\(seed)")
    }
  }

  /// Whether an end comes by closing what is open.
  private func ends(_ start: Matcher) -> Bool {
    var matcher = start
    for _ in 0..<200 {
      if matcher.mayEnd { return true }
      let mask = allowed(matcher, texts.count)
      guard let token = mask.first(where: { texts[$0] == [0x29] }) ?? mask.first else {
        return false
      }
      _ = matcher.accept(Int32(token))
    }
    return false
  }

  @Test("What is left of too many items does not depend on what was asked before")
  func histories() throws {
    let grammar = ambiguous()
    let trie = TokenTrie(texts: texts)
    let used = try CompiledGrammar(grammar, trie: trie, limits: Self.tight)
    for seed in 0..<10 {
      var (matcher, generator) = (Matcher(used), SeededGenerator(100 + seed))
      for _ in 0..<25 {
        guard let token = allowed(matcher, texts.count).randomElement(using: &generator) else {
          break
        }
        _ = matcher.accept(Int32(token))
      }
    }
    for seed in 0..<10 {
      let fresh = try CompiledGrammar(grammar, trie: trie, limits: Self.tight)
      var (one, other) = (Matcher(used), Matcher(fresh))
      var generator = SeededGenerator(seed)
      for step in 0..<25 {
        let mask = allowed(one, texts.count)
        try #require(allowed(other, texts.count) == mask, "\(seed) \(step)")
        guard let token = mask.randomElement(using: &generator) else { break }
        let isTaken = (one.accept(Int32(token)), other.accept(Int32(token)))
        try #require(isTaken == (true, true))
      }
    }
  }

  @Test("Very ambiguous text of any length is taken, and the memory is bounded")
  func ambiguity() throws {
    let compiled = try CompiledGrammar(ambiguous(), trie: TokenTrie(texts: texts))
    var matcher = Matcher(compiled)
    let isTaken = matcher.accept(bytes: Array(repeating: 0x61, count: 300))
    #expect(isTaken && matcher.mayEnd)
    #expect(compiled.byteCount < 64 << 20)
  }

  @Test(
    "A mask that needs more states than it may add is the same mask, and the states are forgotten")
  func maskStates() throws {
    // The states tell where each of the last twelve letters was an a.
    let letter = Regex.byte(ByteSet(0x61...0x62))
    let late = Regex.sequence([
      .repetition(letter, min: 0, max: nil), Regex("a"), .repetition(letter, min: 11, max: 11),
    ])
    var builder = GrammarBuilder()
    let start = builder.rule(named: "start")
    builder.define(start, as: .sequence([builder.lexeme(late), builder.lexeme(Regex("!"))]))
    let grammar = builder.finished(start: start)
    var generator = SeededGenerator(7)
    let words: [[UInt8]?] = (0..<3000).map { _ in
      (0..<14).map { _ in Bool.random(using: &generator) ? 0x61 : 0x62 } + [0x21]
    }
    var limits = GrammarLimits()
    limits.maskStates = 50
    let small = try CompiledGrammar(grammar, trie: TokenTrie(texts: words), limits: limits)
    let large = try CompiledGrammar(grammar, trie: TokenTrie(texts: words))
    let mask = allowed(Matcher(small), words.count)
    #expect(mask == allowed(Matcher(large), words.count))
    #expect(mask == words.indices.filter { words[$0]?[2] == 0x61 })
    #expect(small.byteCount < large.byteCount / 2)
  }

  @Test("A language whose texts take too long to find is refused, in the same way every time")
  func searches() throws {
    let letter = Regex.byte(ByteSet(0x61...0x62))
    let long = Regex.intersection([
      .repetition(letter, min: 2000, max: nil), .complement(.sequence([.everything, Regex("bb")])),
    ])
    var builder = GrammarBuilder()
    let start = builder.rule(named: "start")
    builder.define(start, as: builder.lexeme(long))
    let grammar = builder.finished(start: start)
    let trie = TokenTrie(texts: [[0x61], [0x62]])
    var limits = GrammarLimits()
    limits.searchSteps = 1000
    for _ in 0..<2 {
      do {
        _ = try CompiledGrammar(grammar, trie: trie, limits: limits)
        Issue.record("compiled")
      } catch {
        #expect(error.kind == .tooComplex)
      }
    }
    var matcher = Matcher(try CompiledGrammar(grammar, trie: TokenTrie(texts: [[0x61], [0x62]])))
    let isTaken = matcher.accept(bytes: Array(repeating: 0x61, count: 1999))
    #expect(isTaken && !matcher.mayEnd && allowed(matcher, 2) == [0, 1])
  }

  @Test("A unique lexeme with an empty text is refused")
  func emptyUnique() throws {
    for least in [0, 1] {
      var builder = GrammarBuilder()
      let start = builder.rule(named: "start")
      let word = Regex.repetition(.byte(ByteSet(0x61...0x62)), min: least, max: 2)
      builder.define(start, as: builder.lexeme(Grammar.Lexeme(word, isUnique: true)))
      var kind: GrammarError.Kind?
      do {
        _ = try CompiledGrammar(builder.finished(start: start), trie: TokenTrie(texts: texts))
      } catch {
        kind = error.kind
      }
      #expect(kind == (least == 0 ? .unsupported : nil))
    }
  }
}
