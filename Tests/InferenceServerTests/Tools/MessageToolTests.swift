import Foundation
import GPTModel
import Grammars
import HTTPTypes
import HummingbirdTesting
import NIOConcurrencyHelpers
import Testing

@testable import InferenceServer

@Suite("Calls of tools in messages")
struct MessageToolTests {
  static let tools =
    #""max_tokens": 50, "tools": [{"name": "add", "input_schema": {"type": "object"}}]"#
  static let question = #""messages": [{"role": "user", "content": "hi"}]"#

  private func send(_ service: FakeService, _ members: String) async throws -> TestResponse {
    try await InferenceServer(service).answer(
      .post, "/v1/messages", #"{"model": "org/tiny", \#(members)}"#)
  }

  private static func service() -> FakeService {
    let service = FakeService(
      events: .tokensThenEnd(
        "<think>\nHm.\n</think>\n\nLet me see.\n<tool_call>\n"
          + "{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>"))
    service.writtenStyle.withLockedValue {
      $0.format.thinking = .init(open: "<think>\n", close: "\n</think>\n\n")
    }
    return service
  }

  @Test("What was thought, said and called are blocks")
  func document() async throws {
    let document = try await send(Self.service(), "\(Self.tools), \(Self.question)").document()
    #expect(document["stop_reason"] as? String == "tool_use")
    let blocks = try #require(document["content"] as? [[String: Any]])
    #expect(blocks.map { $0["type"] as? String } == ["thinking", "text", "tool_use"])
    #expect(blocks[0]["thinking"] as? String == "Hm.")
    #expect(blocks[1]["text"] as? String == "Let me see.")
    #expect(blocks[2]["name"] as? String == "add")
    #expect(blocks[2]["input"] as? [String: Int] == ["a": 1])
    #expect(blocks[2]["id"] is String)
  }

  @Test("A stream begins and ends each block, and numbers them")
  func stream() async throws {
    let events = try await send(
      Self.service(), #"\#(Self.tools), \#(Self.question), "stream": true"#
    ).namedEvents()
    let blocks = events.filter { $0.name.hasPrefix("content_block") }
    var sequence: [String] = []
    for event in blocks {
      let index = try #require(event.data["index"] as? Int)
      let delta = (event.data["delta"] as? [String: Any])?["type"] as? String
      let step = "\(index) \(delta ?? event.name)"
      if step != sequence.last { sequence.append(step) }
    }
    #expect(
      sequence == [
        "0 content_block_start", "0 thinking_delta", "0 signature_delta", "0 content_block_stop",
        "1 content_block_start", "1 text_delta", "1 content_block_stop",
        "2 content_block_start", "2 input_json_delta", "2 content_block_stop",
      ])
    let start = try #require(
      blocks.compactMap { $0.data["content_block"] as? [String: Any] }.last)
    #expect(start["type"] as? String == "tool_use")
    #expect((start["input"] as? [String: Any])?.isEmpty == true)
    let pieces = blocks.compactMap {
      ($0.data["delta"] as? [String: Any])?["partial_json"] as? String
    }
    #expect(pieces.joined() == #"{"a": 1}"#)
    let ending = try #require(events.first { $0.name == "message_delta" })
    #expect((ending.data["delta"] as? [String: Any])?["stop_reason"] as? String == "tool_use")
  }

  @Test("Calls and results come back as blocks")
  func history() async throws {
    let service = FakeService(events: .tokensThenEnd("3"))
    service.writtenStyle.withLockedValue { $0.finding = .calls }
    let response = try await send(
      service,
      #"""
      \#(Self.tools), "messages": [{"role": "user", "content": "1 + 2?"},
        {"role": "assistant", "content": [
          {"type": "thinking", "thinking": "Hm.", "signature": ""},
          {"type": "tool_use", "id": "c", "name": "add", "input": {"a": 1}}]},
        {"role": "user", "content": [
          {"type": "tool_result", "tool_use_id": "c", "is_error": true, "content": [{"type": "text", "text": "no"}]},
          {"type": "text", "text": "Well?"}]}]
      """#)
    #expect(response.status == .ok, "\(response.text)")
    #expect(
      service.prompts == ["<user>1 + 2?<assistant><tool>Error: no<user>Well?<assistant>"])
  }

  @Test(
    "A choice of tools holds the answer to them",
    arguments: [
      (#"{"type": "any"}"#, ToolUse.Choice.required, true),
      (#"{"type": "tool", "name": "add"}"#, .required, true),
      (#"{"type": "none"}"#, .none, true),
      (#"{"type": "auto", "disable_parallel_tool_use": true}"#, .auto, false),
    ])
  func choice(_ choice: String, _ wanted: ToolUse.Choice, _ isParallel: Bool) async throws {
    let service = Self.service()
    _ = try await send(service, #"\#(Self.tools), \#(Self.question), "tool_choice": \#(choice)"#)
    let constraint = service.requests.last?.constraint as? FakeConstraint
    guard case .answer(let form)? = constraint?.source else {
      Issue.record("no form of an answer")
      return
    }
    #expect(form.tools?.choice == wanted)
    #expect(form.tools?.isParallel == isParallel)
    #expect(form.thinking == .possible)
  }
}
