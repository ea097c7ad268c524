import Grammars
import Testing

@Suite("Grammars that were built to hurt")
struct MatcherCaseTests {
  private static let bytes: [[UInt8]?] = [nil] + (UInt8.min...UInt8.max).map { [$0] }

  private func compile(
    _ texts: [[UInt8]?] = bytes, limits: GrammarLimits = GrammarLimits(),
    body: (inout GrammarBuilder, Int) -> Grammar.Expression
  ) throws -> CompiledGrammar {
    var builder = GrammarBuilder()
    let start = builder.rule(named: "start")
    builder.define(start, as: body(&builder, start))
    return try CompiledGrammar(
      builder.finished(start: start), trie: TokenTrie(texts: texts), limits: limits)
  }

  /// What is wrong with a grammar.
  private func kind(
    _ body: (inout GrammarBuilder, Int) -> Grammar.Expression
  ) -> GrammarError.Kind? {
    do {
      _ = try compile(body: body)
      return nil
    } catch { return (error as? GrammarError)?.kind }
  }

  /// What is wrong with a lexeme.
  private func kind(_ regex: Regex) -> GrammarError.Kind? {
    kind { builder, _ in builder.lexeme(regex) }
  }

  /// The matcher after a text; nil where the text does not fit.
  private func after(_ matcher: Matcher, _ text: String) -> Matcher? {
    var copy = matcher
    return copy.accept(bytes: text.utf8) ? copy : nil
  }

  private func accepts(_ grammar: CompiledGrammar, _ text: String) -> Bool {
    var matcher = Matcher(grammar)
    return matcher.accept(bytes: text.utf8) && matcher.mayEnd
  }

  @Test("A branch is closed where only a search shows that it has no end")
  func hiddenDeadEnds() throws {
    // Even and odd numbers of letters, which no derivative simplifies to nothing.
    let pairs = Regex.repetition(Regex("aa"), min: 0, max: nil)
    let empty = Regex.intersection([pairs, .sequence([Regex("a"), pairs])])
    let branches = Regex.alternatives([.sequence([Regex("x"), empty]), Regex("y")])
    let grammar = try compile { builder, _ in builder.lexeme(branches) }
    #expect(allowed(Matcher(grammar), Self.bytes.count) == [Int(UInt8(ascii: "y")) + 1])
    #expect(kind(empty) == .unsatisfiable)
  }

  @Test("Rules without a base, and lexemes without a text, are unsatisfiable")
  func unsatisfiable() throws {
    #expect(
      kind { builder, start in
        .sequence([builder.lexeme(Regex("a")), .rule(start)])
      } == .unsatisfiable)
    #expect(
      kind { builder, _ in
        builder.lexeme(.intersection([Regex("a"), .complement(Regex("a"))]))
      } == .unsatisfiable)
    #expect(
      kind { builder, _ in
        builder.lexeme(
          Grammar.Lexeme(
            .repetition(Regex("ab"), min: 0, max: nil),
            count: .init(
              prefix: [], unit: .byte(ByteSet(0x61...0x62)), suffix: .empty, min: 1001, max: 1001)))
      } == .unsatisfiable)
    #expect(
      kind { builder, start in
        .alternatives([.rule(start), builder.lexeme(Regex("a"))])
      } == nil)
  }

  @Test("Counts of a hundred thousand cost what small ones cost")
  func counts() throws {
    let grammar = try compile { builder, _ in
      let item = builder.lexeme(
        Grammar.Lexeme(
          .everything,
          count: .init(
            prefix: [0x22], unit: .byte(ByteSet(0x61...0x7A)), suffix: Regex("\""), min: 3,
            max: 100_000)))
      return .repetition(item, min: 2, max: 100_000)
    }
    let long = "\"" + String(repeating: "a", count: 99_999)
    let first = try #require(after(Matcher(grammar), long))
    #expect(allowed(first, 257) == [0x22 + 1] + (0x61...0x7A).map { $0 + 1 })
    let second = try #require(after(first, "a"))
    #expect(second.forcedBytes(atMost: 9) == [0x22, 0x22])
    let third = try #require(after(second, "\""))
    #expect(!third.mayEnd)
    let last = try #require(after(third, String(repeating: "\"abc\"", count: 2000)))
    #expect(last.mayEnd)
    #expect(grammar.byteCount < 64 << 20)
  }

  @Test("Right recursion stays at one depth, and left recursion and ambiguity are taken")
  func recursion() throws {
    let right = try compile { builder, start in
      let letter = builder.lexeme(.byte(ByteSet(0x61...0x7A)))
      return .alternatives([letter, .sequence([letter, .rule(start)])])
    }
    #expect(accepts(right, String(repeating: "ab", count: 20_000)))
    #expect(right.byteCount < 1 << 20)
    let left = try compile { builder, start in
      let letter = builder.lexeme(.byte(ByteSet(0x61...0x7A)))
      return .alternatives([letter, .sequence([.rule(start), letter])])
    }
    #expect(accepts(left, String(repeating: "ab", count: 20_000)))
    let ambiguous = try compile { builder, start in
      .alternatives([
        .sequence([]), builder.lexeme(Regex("a")), .sequence([.rule(start), .rule(start)]),
        .sequence([.rule(start), .rule(start), .rule(start)]),
      ])
    }
    #expect(accepts(ambiguous, String(repeating: "a", count: 60)))
  }

  @Test("Beyond a thousand frames nothing more is opened, and the text can still end")
  func depth() throws {
    let grammar = try compile { builder, start in
      let inner = Grammar.Expression.alternatives([.rule(start), builder.lexeme(Regex("x"))])
      return .sequence([builder.lexeme(Regex("[")), inner, builder.lexeme(Regex("]"))])
    }
    var (matcher, depth) = (Matcher(grammar), 0)
    while depth < 3000, matcher.accept(bytes: "[".utf8) { depth += 1 }
    #expect((900...1100).contains(depth))
    #expect(matcher.forcedBytes(atMost: 3) == Array("x]]".utf8))
    let last = after(matcher, "x" + String(repeating: "]", count: depth))
    #expect(last?.mustEnd == true)
  }

  @Test("Loops of nothing end, within counts too")
  func empties() throws {
    let grammar = try compile { builder, start in
      let nothing = Grammar.Expression.repetition(
        .repetition(.sequence([]), min: 2, max: 100_000), min: 3, max: nil)
      return .repetition(
        .alternatives([nothing, builder.lexeme(Regex("a")), builder.lexeme(.empty)]), min: 5,
        max: 50_000)
    }
    #expect(accepts(grammar, ""))
    #expect(accepts(grammar, "aaa"))
    #expect(!accepts(grammar, "ab"))
  }

  @Test("Twenty thousand alternatives are one lexeme")
  func alternatives() throws {
    let words = (0..<20_000).map { "word \($0 &* 7919)" }
    let grammar = try compile { builder, _ in
      .alternatives(words.map { builder.lexeme(Regex($0)) })
    }
    #expect(words.allSatisfy { accepts(grammar, $0) })
    #expect(!accepts(grammar, "word x"))
    let regex = try compile { builder, _ in
      builder.lexeme(.alternatives(words.map { Regex($0) }))
    }
    #expect(accepts(regex, words[19_999]))
  }

  @Test("Counts within counts, deep nests and too many parts are refused")
  func limits() {
    var nested = Regex("a")
    for letter in ["b", "c", "d", "e"] {
      nested = .repetition(.sequence([nested, Regex(letter)]), min: 1, max: 40)
    }
    #expect(kind(nested) == .tooComplex)
    #expect(kind(.repetition(Regex("a"), min: 0, max: 2_000_000)) == .tooComplex)
    #expect(kind(.repetition(Regex("a"), min: 0, max: 900_000)) == nil)
    #expect(kind(.repetition(Regex("a"), min: -1, max: nil)) == .invalid)
    var deep = Regex("a")
    for _ in 0..<2000 { deep = .sequence([.complement(deep), Regex("b")]) }
    #expect(kind(deep) == .tooComplex)
    #expect(kind(.sequence(Array(repeating: Regex("a").optional, count: 60_000))) == .tooComplex)
    #expect(kind(.sequence(Array(repeating: Regex("a").optional, count: 20_000))) == nil)
    // States that double with each byte are found one after the other, as they are needed.
    let letter = Regex.byte(ByteSet(0x61...0x62))
    let late = Regex.sequence([
      .repetition(letter, min: 0, max: nil), Regex("a"), .repetition(letter, min: 200, max: 200),
    ])
    #expect(kind(.complement(late)) == nil)
  }

  @Test("A text of few is no dead end when all of its beginnings were seen")
  func finiteUnique() throws {
    let items = ["\"a\"", "\"ab\"", "\"b\""]
    let texts: [[UInt8]?] =
      Self.bytes
      + ["\"a", "\"a\",", ",\"", "\"b\"]", "[\"a\",\"b", "\",\"a", "\"a\",\"ab\""].map {
        Array($0.utf8)
      }
    let grammar = try compile(texts) { builder, _ in
      let item = builder.lexeme(
        Grammar.Lexeme(.alternatives(items.map { Regex($0) }), isUnique: true))
      let more = Grammar.Expression.repetition(
        .sequence([builder.lexeme(Regex(",")), item]), min: 0, max: 2)
      return .sequence([
        builder.lexeme(Regex("[")), item, more, builder.lexeme(Regex("]")),
      ])
    }
    func check(_ matcher: Matcher, _ depth: Int) throws -> Bool {
      let mask = allowed(matcher, texts.count)
      var reachesEnd = matcher.mayEnd
      for token in texts.indices {
        var copy = matcher
        let isTaken = copy.accept(Int32(token))
        try #require(isTaken == mask.contains(token))
        if isTaken, depth < 24 {
          let ends = try check(copy, depth + 1)
          try #require(ends)
          reachesEnd = true
        }
      }
      return reachesEnd
    }
    _ = try check(Matcher(grammar), 0)
    #expect(accepts(grammar, "[\"a\",\"b\",\"ab\"]"))
    #expect(!accepts(grammar, "[\"a\",\"a\"]"))
  }
}
