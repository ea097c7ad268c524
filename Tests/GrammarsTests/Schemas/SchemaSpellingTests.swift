import Grammars
import JSON
import Testing

/// Two spellings of an accented letter are one `String` and two JSON texts.
@Suite("Spellings of a letter are kept apart")
struct SchemaSpellingTests {
  /// The letter in one scalar and in two.
  private static let (composed, decomposed) = ("\u{E9}", "e\u{301}")

  private func verdicts(_ schema: String, _ texts: [String]) throws -> [Bool] {
    let value = try JSONValue(parsing: Array(spelled(schema).utf8))
    let grammar = try SchemaGoldenTests.compiled(value).get()
    return texts.map { PlainMatcher.verdict(grammar, spelled($0).utf8) == .complete }
  }

  /// A text with the composed letter for `é1` and the decomposed one for `é2`.
  private func spelled(_ text: String) -> String {
    text.replacing("é1", with: Self.composed).replacing("é2", with: Self.decomposed)
  }

  @Test("Values of enum and const are told apart")
  func values() throws {
    #expect(try verdicts(#"{"enum":["é1"]}"#, [#""é1""#, #""é2""#]) == [true, false])
    #expect(try verdicts(#"{"const":"é2"}"#, [#""é1""#, #""é2""#]) == [false, true])
    #expect(try verdicts(#"{"enum":["é1","é2"]}"#, [#""é1""#, #""é2""#]) == [true, true])
    let object = #"{"enum":[{"é1":1},{"é2":2}]}"#
    #expect(
      try verdicts(object, [#"{"é1":1}"#, #"{"é2":2}"#, #"{"é2":1}"#]) == [true, true, false])
    let not = #"{"type":"string","not":{"enum":["é1"]}}"#
    #expect(try verdicts(not, [#""é1""#, #""é2""#]) == [false, true])
  }

  @Test("Members whose names are spelled differently have schemas of their own")
  func members() throws {
    let schema = """
      {"type":"object","properties":{"é1":{"type":"integer"},"é2":{"type":"string"}},
      "required":["é1","é2"],"additionalProperties":false}
      """
    let texts = [#"{"é1":1,"é2":"x"}"#, #"{"é1":1,"é2":2}"#, #"{"é1":"x","é2":"x"}"#, #"{"é1":1}"#]
    #expect(try verdicts(schema, texts) == [true, false, false, false])
    let patterns = """
      {"type":"object","patternProperties":{"^é1$":{"type":"integer"},"^é2$":{"type":"string"}},
      "additionalProperties":false}
      """
    let found = try verdicts(
      patterns, [#"{"é1":1}"#, #"{"é2":"x"}"#, #"{"é1":"x"}"#, #"{"é2":1}"#])
    #expect(found == [true, true, false, false])
  }

  @Test("References find the definition that is spelled the same")
  func references() throws {
    let pointers = ##"""
      {"type":"object","properties":{"a":{"$ref":"#/$defs/é1"},"b":{"$ref":"#/$defs/é2"}},
      "required":["a","b"],"$defs":{"é1":{"type":"integer"},"é2":{"type":"null"}}}
      """##
    #expect(
      try verdicts(pointers, [#"{"a":1,"b":null}"#, #"{"a":1,"b":1}"#]) == [true, false])
    let anchors = ##"""
      {"type":"object","properties":{"a":{"$ref":"#é1"},"b":{"$ref":"#é2"}},"required":["a","b"],
      "$defs":{"x":{"$anchor":"é1","type":"integer"},"y":{"$anchor":"é2","type":"null"}}}
      """##
    #expect(
      try verdicts(anchors, [#"{"a":1,"b":null}"#, #"{"a":1,"b":1}"#]) == [true, false])
    let resources = ##"""
      {"type":"object","properties":{"a":{"$ref":"http://x/é1"},"b":{"$ref":"http://x/é2"}},
      "required":["a","b"],"$defs":{"x":{"$id":"http://x/é1","type":"integer"},
      "y":{"$id":"http://x/é2","type":"null"}}}
      """##
    #expect(
      try verdicts(resources, [#"{"a":1,"b":null}"#, #"{"a":1,"b":1}"#]) == [true, false])
  }

  @Test("A name that begins with a combining mark does not hide the slash before it")
  func combiningMarks() throws {
    let schema = ##"""
      {"$ref":"#/$defs/\u0301x","$defs":{"\u0301x":{"type":"null"}}}
      """##
    #expect(try verdicts(schema, ["null", "1"]) == [true, false])
    let anchor = ##"""
      {"$ref":"#\u0301x","$defs":{"a":{"$anchor":"\u0301x","type":"null"}}}
      """##
    #expect(try verdicts(anchor, ["null", "1"]) == [true, false])
  }

  @Test("Elements that are spelled differently are different")
  func uniqueness() throws {
    let list = #"{"type":"array","items":{"enum":["é1","é2"]},"uniqueItems":true}"#
    #expect(try verdicts(list, [#"["é1","é2"]"#, #"["é1","é1"]"#]) == [true, false])
    let open = #"{"type":"array","items":{"type":"string"},"uniqueItems":true}"#
    #expect(try verdicts(open, [#"["é1","é2"]"#, #"["é2","é2"]"#]) == [true, false])
  }

  @Test("A discriminator tells branches apart by its bytes")
  func discriminators() throws {
    let schema = """
      {"oneOf":[{"type":"object","properties":{"k":{"const":"é1"},"v":{"type":"integer"}},
      "required":["k","v"]},{"type":"object","properties":{"k":{"const":"é2"},"v":{"type":"null"}},
      "required":["k","v"]}]}
      """
    let texts = [#"{"k":"é1","v":1}"#, #"{"k":"é2","v":null}"#, #"{"k":"é2","v":1}"#]
    #expect(try verdicts(schema, texts) == [true, true, false])
  }

  @Test("Faults and relaxed places are each told, however much their pointers look alike")
  func places() throws {
    let text = spelled(
      #"{"properties":{"é1":{"format":"moon"},"é2":{"format":"moon"}}}"#)
    let value = try JSONValue(parsing: Array(text.utf8))
    guard case .failure(let errors) = SchemaGoldenTests.compiled(value) else {
      Issue.record("compiled")
      return
    }
    #expect(errors.faults.count == 2)
    #expect(errors.faults[0] != errors.faults[1])
    var builder = GrammarBuilder()
    let options = SchemaOptions(relaxesUnsupported: true)
    let result = try JSONSchema.compile(value, into: &builder, options: options)
    #expect(result.relaxed.count == 2)
  }

  @Test("Values of JSON are equal where their bytes are")
  func equality() {
    #expect(JSONValue.string(Self.composed) != .string(Self.decomposed))
    #expect(Set([JSONValue.string(Self.composed), .string(Self.decomposed)]).count == 2)
    var (one, two) = (JSONObject(), JSONObject())
    one[Self.composed] = .null
    two[Self.decomposed] = .null
    #expect(JSONValue.object(one) != .object(two))
    one[Self.decomposed] = .bool(true)
    #expect(one.members.count == 2)
  }
}
