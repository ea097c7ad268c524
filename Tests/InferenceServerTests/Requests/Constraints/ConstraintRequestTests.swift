import GPTModel
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import InferenceServer

@Suite("Forms of answers that requests ask for")
struct ConstraintRequestTests {
  private static let schema = #"{"type": "object", "properties": {"a": {"type": "integer"}}}"#
  private static let schemaText = #""{\"type\": \"object\"}""#

  private static func json(_ text: String) throws -> JSONValue {
    try JSONValue(parsing: Array(text.utf8))
  }

  /// The constraint of the request that reaches the engine.
  private func asked(
    _ path: String, _ body: String
  ) async throws -> FakeConstraint? {
    let service = FakeService(events: .tokensThenEnd("H"))
    let response = try await InferenceServer(service).answer(.post, path, body)
    #expect(response.status == .ok, "\(response.text)")
    return service.requests.first?.constraint as? FakeConstraint
  }

  private static let forms: [(String, ConstraintSource)] = {
    let large = ConstraintSource.jsonSchema((try? json(schema)) ?? .null)
    var object = JSONObject()
    object["type"] = .string("object")
    let small = ConstraintSource.jsonSchema(.object(object))
    return [
      (#""response_format": {"type": "json_object"}"#, .jsonObject),
      (#""response_format": {"type": "json_object", "schema": \#(schema)}"#, large),
      (#""response_format": {"type": "json_schema", "schema": \#(schema)}"#, large),
      (
        #"""
        "response_format": {"type": "json_schema", "json_schema":
          {"name": "a-B_1", "description": "d", "strict": false, "schema": \#(schema)}}
        """#, large
      ),
      (#""json_schema": \#(schema)"#, large),
      (#""guided_json": \#(schemaText)"#, small),
      (#""guided_json": true"#, .jsonSchema(.bool(true))),
      (#""guided_regex": "a|b""#, .regex("a|b")),
      (#""guided_choice": ["a", "b"]"#, .choice(["a", "b"])),
      (#""guided_grammar": "root ::= \"a\"""#, .gbnf(#"root ::= "a""#)),
      (#""grammar": "root ::= \"a\"""#, .gbnf(#"root ::= "a""#)),
      (#""structured_outputs": {"json": \#(schema)}"#, large),
      (#""structured_outputs": {"regex": "a|b", "choice": null}"#, .regex("a|b")),
      (#""structured_outputs": {"choice": ["a"]}"#, .choice(["a"])),
      (#""structured_outputs": {"json_object": true}"#, .jsonObject),
      (#""structured_outputs": {"grammar": "start: \"a\""}"#, .lark(#"start: "a""#)),
      (
        #""structured_outputs": {"structural_tag": \#(schemaText)}"#,
        .structuralTag(.object(object))
      ),
    ]
  }()

  @Test("Chats and completions take a form in every spelling", arguments: forms)
  func spellings(members: String, source: ConstraintSource) async throws {
    let chat = InferenceServer.conversation(members)
    #expect(try await asked("/v1/chat/completions", chat)?.source == source)
    let completion = #"{"model": "org/tiny", "prompt": "hi", \#(members)}"#
    #expect(try await asked("/v1/completions", completion)?.source == source)
  }

  @Test("Responses and messages have spellings of their own")
  func others() async throws {
    let source = ConstraintSource.jsonSchema(try Self.json(Self.schema))
    let format = #"{"type": "json_schema", "name": "n", "schema": \#(Self.schema), "strict": true}"#
    let response = #"{"model": "org/tiny", "input": "hi", "text": {"format": \#(format)}}"#
    #expect(try await asked("/v1/responses", response)?.source == source)
    let answer = try await InferenceServer(FakeService(events: .tokensThenEnd("H"))).answer(
      .post, "/v1/responses", response)
    #expect(answer.text.contains(#""text":{"format":{"type":"json_schema","name":"n","#))
    let output = #"{"type": "json_schema", "schema": \#(Self.schema)}"#
    for field in [#""output_format": \#(output)"#, #""output_config": {"format": \#(output)}"#] {
      let message = InferenceServer.conversation(#""max_tokens": 5, \#(field)"#)
      #expect(try await asked("/v1/messages", message)?.source == source)
    }
  }

  @Test("Blanks between the parts of JSON can be had away")
  func compact() async throws {
    let members = #""structured_outputs": {"json_object": true, "disable_any_whitespace": true}"#
    let constraint = try await asked(
      "/v1/chat/completions", InferenceServer.conversation(members))
    #expect(constraint?.options.allowsWhiteSpace == false)
  }

  @Test("All answers of a request share one form")
  func shared() async throws {
    let service = FakeService(events: .tokensThenEnd("H"))
    _ = try await InferenceServer(service).chat(#""n": 3, "guided_regex": "a""#)
    let constraints = service.requests.compactMap { $0.constraint as? FakeConstraint }
    #expect(constraints.count == 3 && Set(constraints).count == 1)
  }

  @Test("Text asks for nothing")
  func nothing() async throws {
    for members in [
      #""response_format": {"type": "text"}"#, #""response_format": null, "guided_regex": null"#,
    ] {
      let chat = InferenceServer.conversation(members)
      #expect(try await asked("/v1/chat/completions", chat) == nil)
    }
  }

  @Test(
    "What cannot be understood is refused by name",
    arguments: [
      BadField(#""response_format": {"type": "json_schema"}"#, "response_format.schema"),
      BadField(
        #""response_format": {"type": "json_schema", "json_schema": {"name": "a"}}"#,
        "response_format.json_schema.schema"),
      BadField(
        #""response_format": {"type": "json_schema", "json_schema": {"name": "a b", "schema": {}}}"#,
        "response_format.json_schema.name"),
      BadField(
        #"""
        "response_format": {"type": "json_schema", "schema": {},
          "json_schema": {"name": "a", "schema": {}}}
        """#, "response_format.schema"),
      BadField(#""response_format": {"type": "json_object"}, "guided_regex": "a""#, "guided_regex"),
      BadField(#""guided_json": 5"#, "guided_json"),
      BadField(#""guided_json": "{""#, "guided_json"),
      BadField(#""guided_choice": [1]"#, "guided_choice"),
      BadField(#""structured_outputs": {}"#, "structured_outputs"),
      BadField(#""structured_outputs": {"regex": "a", "json": {}}"#, "structured_outputs"),
      BadField(
        #""structured_outputs": {"regex": "a", "whitespace_pattern": " "}"#,
        "structured_outputs.whitespace_pattern"),
      BadField(
        #""guided_regex": "a", "guided_whitespace_pattern": " ""#, "guided_whitespace_pattern"),
      BadField(#""guided_regex": "(?=a)""#, "guided_regex"),
    ])
  func refused(field: BadField) async throws {
    let service = FakeService(events: .tokensThenEnd("H"))
    let response = try await InferenceServer(service).chat(field.members)
    #expect(response.status == .badRequest)
    #expect(try response.error()["param"] as? String == field.parameter)
    #expect(service.requests.isEmpty)
  }

  @Test("What cannot be enforced has a code, and the message begins with the field")
  func unenforceable() async throws {
    let response = try await InferenceServer(FakeService(events: [])).chat(
      #""structured_outputs": {"regex": "(?=a)"}"#)
    let error = try response.error()
    #expect(error["code"] as? String == "unsupported_schema")
    #expect(error["type"] as? String == "invalid_request_error")
    #expect(error["param"] as? String == "structured_outputs.regex")
    #expect(
      error["message"] as? String
        == "structured_outputs.regex: the regular expression at byte 0 looks around")
  }

  @Test("An answer that has begun has to begin like one of the form")
  func continued() async throws {
    func body(_ text: String, _ members: String) -> String {
      #"""
      {"model": "org/tiny", \#(members), "messages":
        [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "\#(text)"}]}
      """#
    }
    let chat = #""guided_regex": "ab", "continue_final_message": true"#
    let output = #""output_format": {"type": "json_schema", "schema": {}}, "max_tokens": 5"#
    for (path, members, field) in [
      ("/v1/chat/completions", chat, "guided_regex"), ("/v1/messages", output, "output_format"),
    ] {
      #expect(try await asked(path, body("a", members))?.text == "a")
      let service = FakeService(events: .tokensThenEnd("H"))
      let response = try await InferenceServer(service).answer(.post, path, body("?", members))
      #expect(response.status == .badRequest)
      #expect(response.text.contains("\(field): no answer of this form"))
      #expect(service.requests.isEmpty)
    }
  }

  @Test("The model is shown the schema, at the end of the system message, unless that is set off")
  func shown() async throws {
    let heading = ConversationRequest.schemaHeading
    let members = #""guided_json": {"type": "null"}"#
    let text = #"{"type":"null"}"#
    let system = #"{"role": "system", "content": "s"}, "#
    for (first, prompt) in [
      ("", "<system>\(heading)\n\(text)<user>hi<assistant>"),
      (system, "<system>s\n\n\(heading)\n\(text)<user>hi<assistant>"),
    ] {
      let service = FakeService(events: .tokensThenEnd("H"))
      _ = try await InferenceServer(service).answer(
        .post, "/v1/chat/completions",
        #"""
        {"model": "org/tiny", \#(members),
         "messages": [\#(first){"role": "user", "content": "hi"}]}
        """#)
      #expect(service.prompts == [prompt])
    }
    var configuration = ServerConfiguration()
    configuration.showsSchemas = false
    let hidden = FakeService(events: .tokensThenEnd("H"))
    _ = try await InferenceServer(hidden, configuration: configuration).chat(members)
    #expect(hidden.prompts == ["<user>hi<assistant>"])
  }
}
