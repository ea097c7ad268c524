import Foundation
import GPTModel
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import InferenceServer

@Suite("Messages")
struct MessagesTests {
  private static let message = #""messages": [{"role": "user", "content": "hi"}]"#

  private func send(
    _ service: FakeService, _ members: String = "\(message), \"max_tokens\": 5",
    to path: String = "/v1/messages"
  ) async throws -> TestResponse {
    try await InferenceServer(service).answer(
      .post, path, #"{"model": "org/tiny", \#(members)}"#)
  }

  @Test("A message is one document with every member that clients read")
  func document() async throws {
    let service = FakeService(events: .tokensThenEnd("Hi!", cached: 4))
    let response = try await send(
      service,
      #""system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],"#
        + #""stop_sequences": ["x"], "temperature": 0.5, "top_k": 3, "max_tokens": 5,"#
        + Self.message)
    #expect(response.status == .ok)
    #expect(
      response.text.replacing(/msg_[0-9a-f]{24}/, with: "*")
        == #"{"id":"*","type":"message","role":"assistant","model":"org/tiny","content":"#
        + #"[{"type":"text","text":"Hi!"}],"stop_reason":"end_turn","stop_sequence":null,"#
        + #""usage":{"input_tokens":6,"cache_creation_input_tokens":0,"#
        + #""cache_read_input_tokens":4,"output_tokens":4}}"#)
    #expect(service.prompts == ["<system>Be brief.<user>hi<assistant>"])
    let request = try #require(service.requests.first)
    #expect(request.stop.strings == ["x"] && request.stop.maximumTokens == 5)
    #expect(request.sampling.temperature == 0.5 && request.sampling.topK == 3)
  }

  @Test(
    "The reason tells a limit and a stop sequence apart",
    arguments: [
      (GenerationSummary.Reason.length, #""stop_reason":"max_tokens","stop_sequence":null"#),
      (.stopString("x"), #""stop_reason":"stop_sequence","stop_sequence":"x""#),
    ])
  func reasons(reason: GenerationSummary.Reason, members: String) async throws {
    let response = try await send(FakeService(events: [.end(reason, completion: 1)]))
    #expect(response.text.contains(members))
    #expect(response.text.contains(#""content":[]"#))
  }

  @Test("A stream has the protocol's events in their order, each under its name")
  func stream() async throws {
    let response = try await send(
      FakeService(events: .tokensThenEnd("Hi", cached: 4)),
      #"\#(Self.message), "max_tokens": 5, "stream": true"#)
    let events = try response.namedEvents()
    #expect(
      events.map(\.name) == [
        "message_start", "ping", "content_block_start", "content_block_delta",
        "content_block_delta", "content_block_stop", "message_delta", "message_stop",
      ])
    #expect(events.map { $0.data["type"] as? String } == events.map(\.name))
    let start = try #require(events.first?.data["message"] as? [String: Any])
    #expect((start["content"] as? [Any])?.isEmpty == true)
    #expect((start["usage"] as? [String: Int])?["input_tokens"] == 19)
    let texts = events.map { ($0.data["delta"] as? [String: Any])?["text"] as? String }
    #expect(texts.compactMap { $0 } == ["H", "i"])
    let ending = events[6].data
    #expect((ending["delta"] as? [String: Any])?["stop_reason"] as? String == "end_turn")
    #expect(
      ending["usage"] as? [String: Int] == [
        "input_tokens": 6, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 4,
        "output_tokens": 3,
      ])
  }

  @Test("A stream that fails ends with the protocol's error")
  func failure() async throws {
    let service = FakeService { _ in
      GenerationSource.made(of: GenerationEvent.tokens("H"), failure: EngineError.notFinite)
    }
    let events = try await send(
      service, #"\#(Self.message), "max_tokens": 5, "stream": true"#
    ).namedEvents()
    #expect(events.last?.name == "error")
    #expect((events.last?.data["error"] as? [String: Any])?["type"] as? String == "api_error")
  }

  @Test("A last message of the assistant's is continued")
  func prefill() async throws {
    let service = FakeService(events: .tokensThenEnd("H"))
    _ = try await send(
      service,
      #""max_tokens": 5, "messages": [{"role": "user", "content": "hi"},"#
        + #"{"role": "assistant", "content": [{"type": "text", "text": "Well "}]}]"#)
    #expect(service.prompts == ["<user>hi<assistant>Well "])
  }

  @Test("Tokens are counted without answering, and without a limit")
  func count() async throws {
    let service = FakeService(events: [])
    let response = try await send(service, Self.message, to: "/v1/messages/count_tokens")
    #expect(response.text == #"{"input_tokens":19}"#)
    #expect(service.requests.isEmpty)
  }

  @Test(
    "Errors have the protocol's shape, types and statuses",
    arguments: [
      (EngineError.queueFull(limit: 7), 529, "overloaded_error"),
      (.tooManyForClient(limit: 1), 429, "rate_limit_error"),
      (.promptTooLong(tokens: 12, context: 10), 400, "invalid_request_error"),
    ])
  func refusals(refusal: EngineError, status: Int, type: String) async throws {
    let service = FakeService { _ throws(EngineError) in throw refusal }
    for path in ["/v1/messages", "/messages/"] {
      let response = try await send(service, to: path)
      #expect(response.status.code == status)
      #expect(try response.document()["type"] as? String == "error")
      let error = try response.error()
      #expect(error["type"] as? String == type)
      #expect(Set(error.keys) == ["type", "message"])
    }
  }

  @Test("An unknown model and a wrong method have the protocol's shape too")
  func otherErrors() async throws {
    let server = InferenceServer(FakeService(events: []))
    let unknown = try await server.answer(
      .post, "/v1/messages", #"{"model": "other", "max_tokens": 1, \#(Self.message)}"#)
    #expect(unknown.status == .notFound)
    #expect(try unknown.error()["type"] as? String == "not_found_error")
    let missing = try await server.answer(.get, "/v1/messages/batches")
    #expect(missing.status == .notFound)
    #expect(try missing.document()["type"] as? String == "error")
    #expect(try missing.error()["type"] as? String == "not_found_error")
    let wrong = try await server.answer(.get, "/v1/messages/count_tokens")
    #expect(wrong.status == .methodNotAllowed)
    #expect(try wrong.document()["type"] as? String == "error")
  }

  @Test(
    "What is not known here is refused, and the message names it",
    arguments: [
      BadField(#"\#(message)"#, "max_tokens"),
      BadField(#""max_tokens": 5"#, "messages"),
      BadField(#""max_tokens": 5, "messages": []"#, "messages"),
      BadField(
        #""max_tokens": 5, "messages": [{"role": "tool", "content": "a"}]"#, "messages[0].role"),
      BadField(#"\#(message), "max_tokens": 0"#, "max_tokens"),
      BadField(
        #"\#(message), "max_tokens": 5, "tools": [{"name": "f f"}]"#, "tools[0].name"),
      BadField(
        #"\#(message), "max_tokens": 5, "tools": [{"type": "bash_20250124", "name": "f"}]"#,
        "tools[0].type"),
      BadField(
        #"\#(message), "max_tokens": 5, "tool_choice": {"type": "any"}"#, "tool_choice.type"),
      BadField(
        #"\#(message), "max_tokens": 5, "tools": [{"name": "f"}], "tool_choice": {"type": "tool", "name": "g"}"#,
        "tool_choice.name"),
      BadField(#"\#(message), "max_tokens": 5, "thinking": {"type": "some"}"#, "thinking.type"),
      BadField(#"\#(message), "max_tokens": 5, "stop_sequences": [5]"#, "stop_sequences"),
      BadField(#"\#(message), "max_tokens": 5, "top_k": -2"#, "top_k"),
      BadField(#"\#(message), "max_tokens": 5, "stream": 1"#, "stream"),
      BadField(#"\#(message), "max_tokens": 5, "system": 5"#, "system"),
      BadField(
        #""max_tokens": 5, "messages": [{"role": "user", "content": [{"type": "image"}]}]"#,
        "images"),
      BadField(
        #""max_tokens": 5, "messages": [{"role": "user", "content": [{"type": "tool_result"}]}]"#,
        "messages[0].content[0].tool_use_id"),
      BadField(
        #""max_tokens": 5, "messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "x"}]}]"#,
        "messages[0].content[0].tool_use_id"),
      BadField(
        #""max_tokens": 5, "messages": [{"role": "user", "content": [{"type": "tool_use", "id": "a", "name": "f"}]}]"#,
        "messages[0].content[0].type"),
    ])
  func refused(field: BadField) async throws {
    let response = try await send(FakeService(events: .tokensThenEnd("H")), field.members)
    #expect(response.status == .badRequest)
    let error = try response.error()
    #expect(error["type"] as? String == "invalid_request_error")
    #expect((error["message"] as? String)?.contains(field.parameter) == true)
  }
}
