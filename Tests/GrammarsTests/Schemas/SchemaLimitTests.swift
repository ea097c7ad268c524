import Grammars
import JSON
import Testing

@Suite struct SchemaLimitTests {
  private func compiled(
    _ text: String, _ options: SchemaOptions = SchemaOptions()
  ) throws -> Result<Grammar, GrammarErrors> {
    let limits = JSONLimits(depth: 2000, values: 1_000_000)
    let schema = try JSONValue(parsing: Array(text.utf8), limits: limits)
    return SchemaGoldenTests.compiled(schema, options)
  }

  private func faults(_ text: String) throws -> [GrammarError] {
    switch try compiled(text) {
    case .success: []
    case .failure(let errors): errors.faults
    }
  }

  private func list(_ count: Int, _ text: (Int) -> String) -> String {
    (0..<count).map(text).joined(separator: ",")
  }

  @Test("products of alternatives are refused as too complex")
  func products() throws {
    let any = #"{"anyOf":[\#(list(20) { #"{"required":["a\#($0)"]}"# })]}"#
    let found = try faults(#"{"type":"object","allOf":[\#(list(20) { _ in any })]}"#)
    #expect(found.first?.kind == nil || found.first?.kind == .tooComplex)
    let numbered = list(12) { group in
      #"{"anyOf":[\#(list(12) { #"{"required":["a\#(group)_\#($0)"]}"# })]}"#
    }
    #expect(try faults(#"{"type":"object","allOf":[\#(numbered)]}"#).first?.kind == .tooComplex)
  }

  @Test("recursive products of schemas are refused as too complex or compile")
  func recursiveProducts() throws {
    let schemas = list(10) { index in
      let others = list(10) { ##"{"$ref":"#/$defs/s\##((index * 3 + $0 * $0) % 10)"}"## }
      return """
        "s\(index)":{"type":"object","properties":{"a\(index)":{"allOf":[\(others)]},
        "b":{"$ref":"#/$defs/s\((index + 1) % 10)"}}}
        """
    }
    let kinds = try faults(##"{"$ref":"#/$defs/s0","$defs":{\##(schemas)}}"##).map(\.kind)
    #expect(kinds.allSatisfy { $0 == .tooComplex })
  }

  @Test("many members, values and branches compile")
  func large() throws {
    let members = list(5_000) { #""p\#($0)":{"type":"integer"}"# }
    #expect(try faults(#"{"type":"object","properties":{\#(members)}}"#).isEmpty)
    let values = list(10_000) { #""value \#($0)""# }
    #expect(try faults(#"{"enum":[\#(values)]}"#).isEmpty)
    let branches = list(100) { index in
      #"{"properties":{"kind":{"const":"k\#(index)"}},"required":["kind"],"type":"object"}"#
    }
    #expect(try faults(#"{"oneOf":[\#(branches)]}"#).isEmpty)
    let long = #"{"type":"string","minLength":5,"maxLength":100000000000000000000}"#
    #expect(try faults(long).isEmpty)
  }

  @Test("depth, counts of values and chains have limits")
  func limits() throws {
    let deep =
      String(repeating: #"{"not":"#, count: 300) + "true" + String(repeating: "}", count: 300)
    #expect(try faults(deep).first?.kind == .tooComplex)
    #expect(try faults(#"{"enum":[\#(list(10_001) { "\($0)" })]}"#).first?.kind == .tooComplex)
    let chain = list(1_000) { ##""c\##($0)":{"$ref":"#/$defs/c\##($0 + 1)"}"## }
    let chained = ##"{"$ref":"#/$defs/c0","$defs":{\##(chain),"c1000":{}}}"##
    #expect(try faults(chained).first?.kind == .tooComplex)
    let items = #"{"type":"array","items":{},"minItems":100000000}"#
    #expect(try faults(items).first?.kind == .tooComplex)
    #expect(try faults(#"{"type":"integer","multipleOf":99991}"#).first?.kind == .tooComplex)
  }

  @Test("all faults are told, at most eight, each with its pointer")
  func faultList() throws {
    let found = try faults(
      #"{"properties":{"a":{"type":"x"},"b~/":{"pattern":"("},"c":{"minItems":-1}}}"#)
    let places = found.map(\.place)
    #expect(found.count == 3)
    #expect(places.contains(.pointer("/properties/a/type")))
    #expect(places.contains(.pointer("/properties/b~0~1/pattern")))
    #expect(places.contains(.pointer("/properties/c/minItems")))
    let many = list(20) { #""p\#($0)":{"type":"x"}"# }
    #expect(try faults(#"{"properties":{\#(many)}}"#).count == 8)
  }

  @Test("what cannot be enforced may be relaxed to its type, and is told")
  func relaxed() throws {
    let text =
      #"{"type":"object","properties":{"a":{"type":"string","format":"moon"},"b":{"type":"array","items":{"type":"object"},"uniqueItems":true}},"required":["a"],"additionalProperties":false}"#
    var builder = GrammarBuilder()
    let schema = try JSONValue(parsing: Array(text.utf8))
    let result = try JSONSchema.compile(
      schema, into: &builder, options: SchemaOptions(relaxesUnsupported: true))
    #expect(Set(result.relaxed) == ["/properties/a/format", "/properties/b/uniqueItems"])
    let start = builder.rule(named: "start")
    builder.define(start, as: result.expression)
    let grammar = builder.finished(start: start)
    #expect(PlainMatcher.verdict(grammar, #"{"a":"x","b":[1,1]}"#.utf8) == .complete)
    #expect(PlainMatcher.verdict(grammar, #"{"a":1}"#.utf8) == .refused(at: 5))
  }

  @Test("white space is bounded, or there is none")
  func whiteSpace() throws {
    let schema = #"{"type":"object","properties":{"a":{"type":"null"}},"required":["a"]}"#
    let free = try compiled(schema).get()
    let compact = try compiled(schema, SchemaOptions(whiteSpace: .none)).get()
    let spaced = "{\n  \"a\": null\n}"
    #expect(PlainMatcher.verdict(free, spaced.utf8) == .complete)
    #expect(PlainMatcher.verdict(compact, spaced.utf8) == .refused(at: 1))
    #expect(PlainMatcher.verdict(compact, #"{"a":null}"#.utf8) == .complete)
    #expect(PlainMatcher.verdict(free, "{  ".utf8) == .refused(at: 2))
    #expect(PlainMatcher.verdict(free, " ".utf8) == .refused(at: 0))
  }

  @Test("any object is an object")
  func anyObject() throws {
    var builder = GrammarBuilder()
    let expression = try JSONSchema.compileAnyObject(into: &builder, options: SchemaOptions())
    let start = builder.rule(named: "start")
    builder.define(start, as: expression)
    let grammar = builder.finished(start: start)
    #expect(
      PlainMatcher.verdict(grammar, #"{"a":[1,{"b":"\ud83d\ude00"}],"":-0}"#.utf8) == .complete)
    #expect(PlainMatcher.verdict(grammar, "[".utf8) == .refused(at: 0))
    #expect(PlainMatcher.verdict(grammar, #"{"a":1,"a""#.utf8) == .refused(at: 9))
    #expect(PlainMatcher.verdict(grammar, #"{"a":"\ud83d""#.utf8) == .refused(at: 12))
  }
}
