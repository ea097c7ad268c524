import Grammars
import Testing

@Suite("What masks share belongs to each of those that share it")
struct MatcherSharingTests {
  private func compile(
    _ trie: TokenTrie, _ body: (inout GrammarBuilder) -> Grammar.Expression
  ) throws -> CompiledGrammar {
    var builder = GrammarBuilder()
    let start = builder.rule(named: "start")
    builder.define(start, as: body(&builder))
    return try CompiledGrammar(builder.finished(start: start), trie: trie)
  }

  @Test("Tokens that go on alike after two lexemes are held against what follows each")
  func endings() throws {
    let texts = ["a\"x", "a\"y", "b\"x", "b\"y", "a\"", "b\"", "x", "y", "a"].map { Array($0.utf8) }
    let grammar = try compile(TokenTrie(texts: texts)) { builder in
      .alternatives([
        .sequence([
          builder.lexeme(.sequence([Regex("a"), Regex("\"")])), builder.lexeme(Regex("x")),
        ]),
        .sequence([
          builder.lexeme(.sequence([Regex("b"), Regex("\"")])), builder.lexeme(Regex("y")),
        ]),
      ])
    }
    #expect(allowed(Matcher(grammar), texts.count) == [0, 3, 4, 5, 8])
  }

  @Test("Lexemes that differ in bounds alone have masks of their own")
  func bounds() throws {
    let texts = ["a", "b", ",", "ab", "ab,", "abab", "abab,", "ababab"].map { Array($0.utf8) }
    let trie = TokenTrie(texts: texts)
    for bound in [2, 4, 2, 6] {
      let grammar = try compile(trie) { builder in
        let language = Regex.sequence([.repetition(Regex("ab"), min: 0, max: nil), Regex(",")])
        return builder.lexeme(
          Grammar.Lexeme(
            language,
            count: .init(
              prefix: [], unit: .byte(ByteSet(0x61...0x62)), suffix: Regex(","), min: bound,
              max: bound)))
      }
      var matcher = Matcher(grammar)
      let isTaken = matcher.accept(bytes: "a".utf8)
      try #require(isTaken)
      for matcher in [Matcher(grammar), matcher] {
        let expected = texts.indices.filter { matcher.allows(Int32($0)) }
        #expect(allowed(matcher, texts.count) == expected, "\(bound)")
      }
      let whole = texts[4].count == bound + 1
      #expect(allowed(Matcher(grammar), texts.count).contains(4) == whole, "\(bound)")
    }
  }

  @Test("Near the end of a text of many characters only tokens that still fit are allowed")
  func remainingUnits() throws {
    let texts = ["\"", "a", "aa", "aaa"].map { Array($0.utf8) }
    for (least, most) in [(0, 12), (2, 12), (6, 40)] {
      let grammar = try compile(TokenTrie(texts: texts)) { builder in
        let language = Regex.sequence([.repetition(Regex("a"), min: 0, max: nil), Regex("\"")])
        return builder.lexeme(
          Grammar.Lexeme(
            language,
            count: .init(
              prefix: [], unit: Regex("a"), suffix: Regex("\""), min: least, max: most)))
      }
      var matcher = Matcher(grammar)
      for written in 0...most {
        let expected = (least <= written ? [0] : []) + (1...3).filter { written + $0 <= most }
        #expect(allowed(matcher, texts.count) == expected, "\(written) of \(least)...\(most)")
        let isTaken = written == most || matcher.accept(1)
        #expect(isTaken)
      }
    }
  }

  @Test("What was written stays written when what was found out is forgotten")
  func replay() throws {
    var limits = GrammarLimits()
    limits.states = 2
    var builder = GrammarBuilder()
    let start = builder.rule(named: "start")
    let word = builder.lexeme(
      Grammar.Lexeme(.repetition(.byte(ByteSet(0x61...0x62)), min: 1, max: nil), isUnique: true))
    let more = Grammar.Expression.sequence([builder.lexeme(Regex(",")), word])
    builder.define(start, as: .sequence([word, .repetition(more, min: 0, max: nil)]))
    let texts = ["a", "b", ","].map { Array($0.utf8) }
    var matcher = Matcher(
      try CompiledGrammar(
        builder.finished(start: start), trie: TokenTrie(texts: texts), limits: limits))
    for token: Int32 in [0, 1, 2, 1, 2, 0, 1] {
      let isTaken = matcher.accept(token)
      try #require(isTaken)
    }
    #expect(!matcher.mayEnd && allowed(matcher, 3) == [0, 1])
  }
}
