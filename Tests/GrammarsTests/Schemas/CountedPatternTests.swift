import JSON
import Testing

@testable import Grammars

@Suite("Patterns of one counted class are counted beside the automaton")
struct CountedPatternTests {
  @Test(
    "The count becomes a bound on the characters",
    arguments: [
      ("^[a-z][a-z0-9-]{0,30}$", 1, 31), ("^tok_[a-z0-9]{10}$", 14, 14), ("^[^/]{2,9}é$", 3, 10),
      ("^[A-Z]{2}-[0-9]{1,12}$", 4, 15), ("^\\d{4}-\\d{8}$", 13, 13),
    ])
  func counted(pattern: String, min: Int, max: Int) throws {
    let found = CountedPattern(try RegexSyntax.parse(pattern, anchored: false))
    #expect(found.length?.min == min && found.length?.max == max, "\(found)")
  }

  @Test(
    "Others stay what they are",
    arguments: [
      "[a-z]{0,30}", "^[a-z]{1,5}[0-9]{1,9}$", "^(ab|c){4,8}$", "^a*b{4,9}$", "^[a-z]{0,7}$",
    ])
  func others(pattern: String) throws {
    let language = try RegexSyntax.parse(pattern, anchored: false)
    let found = CountedPattern(language)
    #expect(found.length == nil && found.language == language)
  }

  @Test(
    "The matcher takes what the pattern takes, to the last place",
    arguments: [
      ("^tok_[a-z0-9]{10}$", "tok_", 10, 10), ("^a[b-d]{0,30}$", "a", 0, 30),
      ("^ab[c]{9,12}$", "ab", 9, 12),
    ])
  func matched(pattern: String, start: String, min: Int, max: Int) throws {
    let schema = #"{"type":"string","pattern":"\#(pattern)"}"#
    let value = try JSONValue(parsing: Array(schema.utf8))
    let texts: [[UInt8]?] = (UInt8.min...UInt8.max).map { [$0] } + [Array("cccc".utf8)]
    let grammar = try CompiledGrammar(
      SchemaGoldenTests.compiled(value).get(), trie: TokenTrie(texts: texts))
    for count in 0...(max + 1) {
      var matcher = Matcher(grammar)
      let text = "\"" + start + String(repeating: "c", count: count)
      let isTaken = matcher.accept(bytes: text.utf8)
      #expect(isTaken == (count <= max), "\(count)")
      guard isTaken else { continue }
      #expect(matcher.allows(0x22) == (count >= min), "\(count)")
      #expect(matcher.allows(256) == (count + 4 <= max), "\(count)")
      #expect(allowed(matcher, 257).contains(256) == (count + 4 <= max), "\(count)")
    }
  }

  @Test("A counted pattern takes the texts that the pattern takes, within lengths of its own")
  func texts() throws {
    let schema = #"{"type":"string","pattern":"^a[b\u00e9]{2,8}$","maxLength":5}"#
    let value = try JSONValue(parsing: Array(schema.utf8))
    let grammar = try SchemaGoldenTests.compiled(value).get()
    let negated = #"{"type":"string","not":{"pattern":"^a[b\u00e9]{2,8}$"},"maxLength":11}"#
    let other = try SchemaGoldenTests.compiled(JSONValue(parsing: Array(negated.utf8))).get()
    for (text, isIn) in [
      ("a", false), ("ab", false), ("abb", true), ("abéb", true), ("aéééé", true),
      ("abbbbb", false),
      ("xbb", false), ("abbbbbbbbb", false),
    ] {
      #expect((PlainMatcher.verdict(grammar, "\"\(text)\"".utf8) == .complete) == isIn, "\(text)")
      let matches = isIn || text == "abbbbb"
      #expect(
        (PlainMatcher.verdict(other, "\"\(text)\"".utf8) == .complete) == !matches, "\(text)")
    }
  }
}
