import Grammars
import JSON
import Testing

@Suite("Structural tags")
struct StructuralTagTests {
  private func grammar(_ json: String) throws -> Grammar {
    var builder = GrammarBuilder()
    let context = NotationContext(
      controlToken: { ["<|call|>": 5][$0] },
      schema: { schema, builder throws(GrammarErrors) in
        guard case .object = schema else {
          throw GrammarErrors([GrammarError(.invalid, at: .pointer("/x"), "is a test")])
        }
        return builder.lexeme(Regex("{}"))
      })
    let value = try JSONValue(parsing: Array(json.utf8))
    let start = try StructuralTags.compile(value, into: &builder, context: context)
    let rule = builder.rule(named: "start")
    builder.define(rule, as: start)
    return builder.finished(start: rule)
  }

  @Test(
    "Formats mean what they say",
    arguments: [
      (#"{"type": "const_string", "value": "hi"}"#, ["hi"], ["h", "hi!"]),
      (
        #"{"type": "sequence", "elements": [{"type": "regex", "pattern": "[0-9]"}, {"type": "any_text"}]}"#,
        ["1", "1é"], ["a"]
      ),
      (
        #"""
        {"type": "or", "elements": [{"type": "json_schema", "json_schema": {}},
        {"type": "grammar", "grammar": "root ::= \"a\" root | \"b\""}]}
        """#, ["{}", "aab"], ["", "a"]
      ),
      (
        #"{"type": "tag", "begin": "<t>", "content": {"type": "any_text"}, "end": "</t>"}"#,
        ["<t>a<</t>", "<t></t>"], ["<t>", "<t></t>x", "<t></t></t>"]
      ),
      (
        #"""
        {"type": "triggered_tags", "triggers": ["<f"], "tags": [
        {"begin": "<f=a>", "content": {"type": "json_schema", "json_schema": {}}, "end": "</f>"}]}
        """#, ["", "text < f", "x<f=a>{}</f>y<f=a>{}</f>"],
        ["<f", "x<f=b>", "<f=a>{}", "<f=a>x</f>"]
      ),
      (
        #"""
        {"type": "tags_with_separator", "separator": ",", "at_least_one": true, "tags": [
        {"begin": "(", "content": {"type": "const_string", "value": "a"}, "end": [")", "]"]}]}
        """#, ["(a)", "(a],(a)"], ["", "(a),"]
      ),
      (
        #"{"type": "star", "content": {"type": "const_string", "value": "ab"}}"#, ["", "abab"],
        ["a"]
      ),
    ] as [(String, [String], [String])])
  func formats(format: String, inside: [String], outside: [String]) throws {
    let grammar = try grammar(#"{"type": "structural_tag", "format": \#(format)}"#)
    for text in inside {
      #expect(PlainMatcher.verdict(grammar, text.utf8) == .complete, "\(text)")
    }
    for text in outside {
      #expect(PlainMatcher.verdict(grammar, text.utf8) != .complete, "\(text)")
    }
  }

  @Test("The older form is free text with structures")
  func older() throws {
    let grammar = try grammar(
      #"{"structures": [{"begin": "<f>", "schema": {}, "end": "</f>"}], "triggers": ["<f"]}"#)
    #expect(PlainMatcher.verdict(grammar, "a<f>{}</f>b".utf8) == .complete)
    #expect(PlainMatcher.verdict(grammar, "a<f>{".utf8) == .prefix)
    #expect(PlainMatcher.verdict(grammar, "a<f>x".utf8) == .refused(at: 4))
  }

  @Test("A mark that a control token spells is that token and no text")
  func controlToken() throws {
    let grammar = try grammar(
      #"""
      {"format": {"type": "triggered_tags", "triggers": ["<|call|>"], "tags": [
      {"begin": "<|call|>f", "content": {"type": "const_string", "value": "x"}, "end": ""}]}}
      """#)
    #expect(PlainMatcher.verdict(grammar, "a<|call|>g".utf8) == .complete)
    var matcher = PlainMatcher(grammar)
    let isTaken = matcher.accept(token: 5)
    let verdict = matcher.verdict("f".utf8)
    #expect(isTaken && verdict == .prefix)
  }

  @Test(
    "Faults have a pointer",
    arguments: [
      (#"{"format": {"type": "nope"}}"#, "/format/type"),
      (#"{"format": {"type": "regex", "pattern": "a(?=b)"}}"#, "/format/pattern"),
      (#"{"format": {"type": "json_schema", "json_schema": 1}}"#, "/format/json_schema/x"),
      (#"{"format": {"type": "grammar", "grammar": "root ::= x"}}"#, "/format/grammar"),
      (#"{"format": {"type": "sequence", "elements": [{}]}}"#, "/format/elements/0"),
      (#"{"triggers": ["<f"]}"#, "/structures"), ("[]", ""),
      (
        #"{"structures": [{"begin": "g", "schema": {}, "end": ""}], "triggers": ["f"]}"#,
        "/structures/0/schema"
      ),
    ])
  func faults(source: String, pointer: String) throws {
    do {
      _ = try grammar(source)
      Issue.record("\(source) was taken")
    } catch let error as GrammarErrors {
      #expect(error.faults.first?.place == .pointer(pointer))
    }
  }

  @Test("A tag begins with its trigger byte for byte")
  func spelledTriggers() throws {
    func tag(_ trigger: String, _ begin: String) -> String {
      #"""
      {"type": "triggered_tags", "triggers": ["\#(trigger)"], "tags": [
      {"begin": "\#(begin)", "content": {"type": "json_schema", "json_schema": {}}, "end": "!"}]}
      """#
    }
    #expect(throws: GrammarErrors.self) { try grammar(format(tag("\u{E9}", "e\u{301}"))) }
    let marked = try grammar(format(tag("<", "<\u{338}")))
    #expect(PlainMatcher.verdict(marked, "a<\u{338}{}!".utf8) == .complete)
  }

  private func format(_ json: String) -> String { #"{"format": \#(json)}"# }
}
