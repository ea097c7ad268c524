import Foundation
import GPTModel
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import InferenceServer

@Suite("Responses")
struct ResponsesTests {
  private func respond(
    _ service: FakeService, _ members: String = #""input": "hi""#
  ) async throws -> TestResponse {
    try await InferenceServer(service).answer(
      .post, "/v1/responses", #"{"model": "org/tiny", \#(members)}"#)
  }

  @Test("A response is one document with every member that clients read")
  func document() async throws {
    let service = FakeService(events: .tokensThenEnd("Hi!", cached: 4))
    let response = try await respond(
      service,
      #""input": "hi", "instructions": "Be brief.", "metadata": {"a": "b"}, "temperature": 0.5,"#
        + #""max_output_tokens": 9"#)
    #expect(response.status == .ok)
    let document = try response.document()
    #expect(document["object"] as? String == "response")
    #expect(document["status"] as? String == "completed")
    #expect((document["id"] as? String)?.hasPrefix("resp_") == true)
    #expect(document["instructions"] as? String == "Be brief.")
    #expect(document["metadata"] as? [String: String] == ["a": "b"])
    #expect(document["temperature"] as? Double == 0.5)
    #expect(document["max_output_tokens"] as? Int == 9)
    #expect(document["error"] is NSNull && document["incomplete_details"] is NSNull)
    #expect(document["store"] as? Bool == false)
    let message = try #require((document["output"] as? [[String: Any]])?.first)
    #expect(message["status"] as? String == "completed")
    #expect(message["role"] as? String == "assistant")
    let part = try #require((message["content"] as? [[String: Any]])?.first)
    #expect(part["type"] as? String == "output_text")
    #expect(part["text"] as? String == "Hi!")
    let usage = try #require(document["usage"] as? [String: Any])
    #expect(usage["input_tokens"] as? Int == 10)
    #expect(usage["output_tokens"] as? Int == 4)
    #expect(usage["total_tokens"] as? Int == 14)
    #expect((usage["input_tokens_details"] as? [String: Int])?["cached_tokens"] == 4)
    #expect(service.prompts == ["<system>Be brief.<user>hi<assistant>"])
    #expect(service.requests.first?.stop.maximumTokens == 9)
  }

  @Test("An answer that reached its limit is incomplete")
  func incomplete() async throws {
    let service = FakeService(events: [.end(.length, text: "H", completion: 1)])
    let document = try await respond(service).document()
    #expect(document["status"] as? String == "incomplete")
    #expect((document["incomplete_details"] as? [String: String])?["reason"] == "max_output_tokens")
  }

  @Test("A stream has the protocol's events in their order, numbered, each under its name")
  func stream() async throws {
    let response = try await respond(
      FakeService(events: .tokensThenEnd("Hi")), #""input": "hi", "stream": true"#)
    #expect(response.headers[.contentType] == "text/event-stream; charset=utf-8")
    let events = try response.namedEvents()
    #expect(
      events.map(\.name) == [
        "response.created", "response.in_progress", "response.output_item.added",
        "response.content_part.added", "response.output_text.delta", "response.output_text.delta",
        "response.output_text.done", "response.content_part.done", "response.output_item.done",
        "response.completed",
      ])
    #expect(events.map { $0.data["type"] as? String } == events.map(\.name))
    #expect(events.compactMap { $0.data["sequence_number"] as? Int } == Array(0..<10))
    #expect(events[4].data["delta"] as? String == "H")
    #expect(events[6].data["text"] as? String == "Hi")
    let items = events.compactMap { $0.data["item_id"] as? String }
    #expect(items.count == 5 && Set(items).count == 1)
    let first = try #require(events.first?.data["response"] as? [String: Any])
    #expect(first["status"] as? String == "in_progress")
    #expect((first["output"] as? [Any])?.isEmpty == true)
    #expect(first["usage"] == nil)
    let last = try #require(events.last?.data["response"] as? [String: Any])
    #expect(last["id"] as? String == first["id"] as? String)
    #expect(last["usage"] != nil)
  }

  @Test("A stream that fails says why, and that the response failed")
  func failure() async throws {
    let service = FakeService { _ in
      GenerationSource.made(of: GenerationEvent.tokens("H"), failure: EngineError.notFinite)
    }
    let events = try await respond(service, #""input": "hi", "stream": true"#).namedEvents()
    #expect(events.suffix(2).map(\.name) == ["error", "response.failed"])
    #expect(events.dropLast().last?.data["message"] is String)
    let response = try #require(events.last?.data["response"] as? [String: Any])
    #expect(response["status"] as? String == "failed")
  }

  @Test("Input may be items with parts, and earlier answers come back as they were given")
  func items() async throws {
    let service = FakeService(events: .tokensThenEnd("H"))
    let response = try await respond(
      service,
      #"""
      "input": [
        {"role": "developer", "content": "d"},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "u"}]},
        {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant",
         "content": [{"type": "output_text", "text": "a", "annotations": [], "logprobs": []}]},
        {"role": "user", "content": "v"}]
      """#)
    #expect(response.status == .ok)
    #expect(service.prompts == ["<system>d<user>u<assistant>a<user>v<assistant>"])
  }

  @Test("Reports on tokens come where they are to be included")
  func logprobs() async throws {
    let entry = TokenLogprobs.Entry(token: 0x48, logprob: -0.5)
    let service = FakeService(events: [
      .token(
        GeneratedToken(
          token: 0x48, text: "H", logprobs: TokenLogprobs(chosen: entry, alternatives: [entry]))),
      .end(completion: 2),
    ])
    let document = try await respond(
      service, #""input": "hi", "include": ["message.output_text.logprobs"], "top_logprobs": 1"#
    ).document()
    let message = (document["output"] as? [[String: Any]])?.first
    let reports = (message?["content"] as? [[String: Any]])?.first?["logprobs"] as? [[String: Any]]
    #expect(reports?.map { $0["token"] as? String } == ["H"])
    #expect((reports?.first?["top_logprobs"] as? [Any])?.count == 1)
    #expect(service.requests.first?.alternatives == 1)
  }

  @Test("Tokens of a prompt are counted without answering")
  func count() async throws {
    let service = FakeService(events: [])
    let response = try await InferenceServer(service).answer(
      .post, "/v1/responses/input_tokens", #"{"model": "org/tiny", "input": "hi"}"#)
    #expect(response.text == #"{"object":"response.input_tokens","input_tokens":19}"#)
    #expect(service.requests.isEmpty)
  }

  @Test(
    "What is not kept or not known here is refused by name",
    arguments: [
      BadField(#""input": "a", "previous_response_id": "resp_1""#, "previous_response_id"),
      BadField(#""input": "a", "background": true"#, "background"),
      BadField(#""input": "a", "conversation": "c""#, "conversation"),
      BadField(#""input": "a", "tools": [{"type": "web_search"}]"#, "tools[0].type"),
      BadField(#""input": "a", "tool_choice": "required""#, "tool_choice"),
      BadField(#""input": "a", "truncation": "auto""#, "truncation"),
      BadField(#""input": "a", "text": {"format": {"type": "yaml"}}"#, "text.format.type"),
      BadField(#""input": "a", "text": {"format": {}}"#, "text.format.type"),
      BadField(#""input": "a", "prompt": {"id": "p"}"#, "prompt"),
      BadField(#""input": "a", "metadata": []"#, "metadata"),
      BadField(#""input": "a", "max_output_tokens": 0"#, "max_output_tokens"),
      BadField(#""input": "a", "temperature": 3"#, "temperature"),
      BadField(#""input": "a", "stream_options": {}"#, "stream_options"),
      BadField(#""input": "a", "include": [1]"#, "include"),
      BadField(#""instructions": "a""#, "input"),
      BadField(#""input": []"#, "input"),
      BadField(#""input": 5"#, "input"),
      BadField(#""input": [5]"#, "input[0]"),
      BadField(#""input": [{"type": "function_call_output"}]"#, "input[0].call_id"),
      BadField(#""input": [{"role": "user"}]"#, "input[0].content"),
      BadField(#""input": [{"role": "robot", "content": "a"}]"#, "input[0].role"),
      BadField(
        #""input": [{"role": "user", "content": [{"type": "input_image"}]}]"#,
        "input[0].content[0].type"),
      BadField(#""input": "\#(String(repeating: "a", count: 1000))""#, "input"),
    ])
  func refused(field: BadField) async throws {
    let response = try await respond(FakeService(events: .tokensThenEnd("H")), field.members)
    #expect(response.status == .badRequest)
    #expect(try response.error()["param"] as? String == field.parameter)
  }
}

/// An event of a stream that names its events.
struct NamedEvent {
  /// What its `event` line says.
  let name: String
  /// Its data, read by a reader that is not ours.
  let data: [String: Any]
}

extension TestResponse {
  /// The events of a stream that names them.
  func namedEvents() throws -> [NamedEvent] {
    try text.components(separatedBy: "\n\n").filter { !$0.isEmpty }.map { event in
      let lines = event.components(separatedBy: "\n")
      try #require(lines.count == 2 && lines[0].hasPrefix("event: "))
      try #require(lines[1].hasPrefix("data: "))
      let data = try JSONSerialization.jsonObject(with: Data(lines[1].dropFirst(6).utf8))
      return NamedEvent(
        name: String(lines[0].dropFirst(7)), data: try #require(data as? [String: Any]))
    }
  }
}
