import Foundation
import Grammars
import Testing

@Suite("What holds for every answer")
struct MatcherPropertyTests {
  private static let features: RandomGrammar.Features = [.booleans, .counts, .unique, .tokens]

  /// Random grammars with vocabularies of single bytes and longer texts.
  private static func cases(
    _ count: Int, _ features: RandomGrammar.Features = features
  ) -> [(grammar: Grammar, texts: [[UInt8]?], seed: Int)] {
    (0..<count).map { seed in
      var random = RandomGrammar(seed: 1000 + seed, features: features)
      let grammar = random.grammar()
      return (grammar, random.vocabulary(), seed)
    }
  }

  @Test("From every state of a random walk some token leads on, and an end is reached")
  func ends() throws {
    for (grammar, texts, seed) in Self.cases(40, [.booleans, .counts, .tokens]) {
      guard let compiled = try? CompiledGrammar(grammar, trie: TokenTrie(texts: texts)) else {
        continue
      }
      var generator = SeededGenerator(seed)
      var matcher = Matcher(compiled)
      for _ in 0..<10 {
        let mask = allowed(matcher, texts.count)
        try #require(matcher.mayEnd || !mask.isEmpty, "seed \(seed)")
        try #require(Self.reachesEnd(matcher, texts.count), "seed \(seed)")
        guard let token = mask.randomElement(using: &generator) else { break }
        let isTaken = matcher.accept(Int32(token))
        try #require(isTaken)
      }
    }
  }

  /// Looks for an end: breadth first, then by walks of many tokens.
  private static func reachesEnd(_ matcher: Matcher, _ count: Int) -> Bool {
    var level = [matcher]
    for _ in 0..<6 where !level.isEmpty {
      if level.contains(where: \.mayEnd) { return true }
      var next: [Matcher] = []
      for matcher in level {
        for token in allowed(matcher, count) where next.count < 30 {
          var copy = matcher
          if copy.accept(Int32(token)) { next.append(copy) }
        }
      }
      level = next
    }
    var generator = SeededGenerator(count)
    for _ in 0..<40 {
      var walker = matcher
      for _ in 0..<40 {
        if walker.mayEnd { return true }
        let mask = allowed(walker, count)
        guard let token = mask.randomElement(using: &generator) else { return false }
        _ = walker.accept(Int32(token))
      }
    }
    return false
  }

  @Test("A fork goes its own way, and the same text gives the same masks in a fresh grammar")
  func forks() throws {
    for (grammar, texts, seed) in Self.cases(25) {
      guard let compiled = try? CompiledGrammar(grammar, trie: TokenTrie(texts: texts)) else {
        continue
      }
      var generator = SeededGenerator(seed)
      var matcher = Matcher(compiled)
      var written: [Int] = []
      for _ in 0..<8 {
        let mask = allowed(matcher, texts.count)
        var fork = matcher
        if let other = mask.randomElement(using: &generator) { _ = fork.accept(Int32(other)) }
        try #require(allowed(matcher, texts.count) == mask)
        guard let token = mask.randomElement(using: &generator) else { break }
        _ = matcher.accept(Int32(token))
        written.append(token)
        var again = Matcher(try CompiledGrammar(grammar, trie: TokenTrie(texts: texts)))
        for token in written { _ = again.accept(Int32(token)) }
        try #require(allowed(again, texts.count) == allowed(matcher, texts.count), "seed \(seed)")
      }
    }
  }

  @Test("A grammar that forgets what it found out gives the same masks")
  func smallStores() throws {
    var limits = GrammarLimits()
    limits.states = 2
    for (grammar, texts, seed) in Self.cases(25) {
      let trie = TokenTrie(texts: texts)
      guard let large = try? CompiledGrammar(grammar, trie: trie),
        let small = try? CompiledGrammar(grammar, trie: TokenTrie(texts: texts), limits: limits)
      else { continue }
      var generator = SeededGenerator(seed)
      var (one, other) = (Matcher(large), Matcher(small))
      for _ in 0..<40 {
        let mask = allowed(one, texts.count)
        try #require(allowed(other, texts.count) == mask, "seed \(seed)")
        try #require(one.mayEnd == other.mayEnd)
        guard let token = mask.randomElement(using: &generator) else { break }
        let isTaken = (one.accept(Int32(token)), other.accept(Int32(token)))
        try #require(isTaken == (true, true))
      }
    }
  }

  @Test("Threads that share a grammar see what one alone sees")
  func threads() async throws {
    for (grammar, texts, seed) in Self.cases(12) {
      let trie = TokenTrie(texts: texts)
      guard let shared = try? CompiledGrammar(grammar, trie: trie) else { continue }
      let masks = await withTaskGroup(of: (Int, [[Int]]).self) { group in
        for walk in 0..<8 {
          group.addTask { (walk % 2, Self.masks(shared, texts.count, seed: seed * 2 + walk % 2)) }
        }
        return await group.reduce(into: [(Int, [[Int]])]()) { $0.append($1) }
      }
      for walk in 0..<2 {
        let alone = try CompiledGrammar(grammar, trie: TokenTrie(texts: texts))
        let expected = Self.masks(alone, texts.count, seed: seed * 2 + walk)
        #expect(masks.filter { $0.0 == walk }.allSatisfy { $0.1 == expected })
      }
    }
  }

  private static func masks(_ grammar: CompiledGrammar, _ count: Int, seed: Int) -> [[Int]] {
    var (generator, matcher, result) = (SeededGenerator(seed), Matcher(grammar), [[Int]]())
    for _ in 0..<40 {
      result.append(allowed(matcher, count))
      guard let token = result[result.count - 1].randomElement(using: &generator) else { break }
      _ = matcher.accept(Int32(token))
    }
    return result
  }
}
