import Grammars
import Testing

@Suite struct PlainMatcherTests {
  @Test("left recursion and empty rules end")
  func leftRecursion() {
    var builder = GrammarBuilder()
    let digit = builder.lexeme(.byte(ByteSet(0x30...0x39)))
    let plus = builder.lexeme(Regex("+"))
    let sum = builder.rule(named: "sum")
    let none = builder.rule(named: "none")
    builder.define(none, as: .sequence([]))
    builder.define(
      sum,
      as: .sequence([
        .rule(none), .alternatives([digit, .sequence([.rule(sum), plus, digit])]), .rule(none),
      ]))
    let grammar = builder.finished(start: sum)
    #expect(PlainMatcher.verdict(grammar, "1+2+3".utf8) == .complete)
    #expect(PlainMatcher.verdict(grammar, "1+".utf8) == .prefix)
    #expect(PlainMatcher.verdict(grammar, "1+2++".utf8) == .refused(at: 4))
  }

  @Test("counts, unique lexemes and complements hold")
  func lexemes() {
    var builder = GrammarBuilder()
    let letter = Regex.byte(ByteSet(0x61...0x7A))
    let word = Grammar.Lexeme(
      .intersection([.complement(Regex("ab;")), .everything]),
      count: .init(prefix: [], unit: letter, suffix: Regex(";"), min: 1, max: 3), isUnique: true)
    let list = builder.rule(named: "list")
    builder.define(list, as: .repetition(builder.lexeme(word), min: 2, max: 3))
    let grammar = builder.finished(start: list)
    #expect(PlainMatcher.verdict(grammar, "a;abc;".utf8) == .complete)
    #expect(PlainMatcher.verdict(grammar, "a;".utf8) == .prefix)
    #expect(PlainMatcher.verdict(grammar, "ab;".utf8) == .refused(at: 2))
    #expect(PlainMatcher.verdict(grammar, "a;a;".utf8) == .refused(at: 3))
    #expect(PlainMatcher.verdict(grammar, "abcd;".utf8) == .refused(at: 3))
    #expect(PlainMatcher.verdict(grammar, "a;b;c;d;".utf8) == .refused(at: 6))
  }

  @Test("a rule that never ends allows nothing")
  func unproductive() {
    var builder = GrammarBuilder()
    let loop = builder.rule(named: "loop")
    builder.define(loop, as: .sequence([builder.lexeme(Regex("a")), .rule(loop)]))
    #expect(PlainMatcher.verdict(builder.finished(start: loop), "a".utf8) == .refused(at: 0))
  }
}
