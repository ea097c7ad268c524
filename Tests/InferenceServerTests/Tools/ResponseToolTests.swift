import Foundation
import GPTModel
import Grammars
import HTTPTypes
import HummingbirdTesting
import NIOConcurrencyHelpers
import Testing

@testable import InferenceServer

@Suite("Calls of tools in responses")
struct ResponseToolTests {
  static let tools =
    #""tools": [{"type": "function", "name": "add", "parameters": {"type": "object"}}]"#

  private func respond(
    _ service: FakeService, _ members: String
  ) async throws -> TestResponse {
    try await InferenceServer(service).answer(
      .post, "/v1/responses", #"{"model": "org/tiny", \#(members)}"#)
  }

  private func thinking(_ text: String) -> FakeService {
    let service = FakeService(events: .tokensThenEnd(text))
    service.writtenStyle.withLockedValue {
      $0.format.thinking = .init(open: "<think>\n", close: "\n</think>\n\n")
    }
    return service
  }

  private static let answer =
    "<think>\nHm.\n</think>\n\nLet me see.\n<tool_call>\n"
    + "{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>"

  @Test("What was thought, said and called are items")
  func document() async throws {
    let document = try await respond(
      thinking(Self.answer), #"\#(Self.tools), "input": "hi""#
    ).document()
    #expect(document["status"] as? String == "completed")
    #expect((document["tools"] as? [[String: Any]])?.first?["name"] as? String == "add")
    let output = try #require(document["output"] as? [[String: Any]])
    #expect(output.map { $0["type"] as? String } == ["reasoning", "message", "function_call"])
    #expect(output.allSatisfy { $0["status"] as? String == "completed" })
    #expect((output[0]["content"] as? [[String: Any]])?.first?["text"] as? String == "Hm.")
    #expect((output[1]["content"] as? [[String: Any]])?.first?["text"] as? String == "Let me see.")
    #expect(output[2]["name"] as? String == "add")
    #expect(output[2]["arguments"] as? String == #"{"a": 1}"#)
    #expect((output[2]["id"] as? String)?.hasPrefix("fc_") == true)
    #expect((output[2]["call_id"] as? String)?.hasPrefix("call_") == true)
  }

  @Test("A stream begins and ends each item, and its last event has what the items had")
  func stream() async throws {
    let events = try await respond(
      thinking(Self.answer), #"\#(Self.tools), "input": "hi", "stream": true"#
    ).namedEvents()
    var names: [String] = []
    for name in events.map(\.name) where name != names.last { names.append(name) }
    #expect(
      names == [
        "response.created", "response.in_progress",
        "response.output_item.added", "response.content_part.added",
        "response.reasoning_text.delta", "response.reasoning_text.done",
        "response.content_part.done", "response.output_item.done",
        "response.output_item.added", "response.content_part.added",
        "response.output_text.delta", "response.output_text.done", "response.content_part.done",
        "response.output_item.done",
        "response.output_item.added", "response.function_call_arguments.delta",
        "response.function_call_arguments.done", "response.output_item.done",
        "response.completed",
      ])
    let deltas = events.filter { $0.name == "response.function_call_arguments.delta" }
    #expect(deltas.compactMap { $0.data["delta"] as? String }.joined() == #"{"a": 1}"#)
    let done = events.filter { $0.name == "response.output_item.done" }
      .compactMap { $0.data["item"] as? [String: Any] }
    let last = try #require(events.last?.data["response"] as? [String: Any])
    let output = try #require(last["output"] as? [[String: Any]])
    #expect(done.map { $0 as NSDictionary } == output.map { $0 as NSDictionary })
    #expect(done.map { $0["status"] as? String } == Array(repeating: "completed", count: 3))
    #expect(events.compactMap { $0.data["output_index"] as? Int }.max() == 2)
  }

  @Test("Calls and results come back as they were told")
  func history() async throws {
    let service = FakeService(events: .tokensThenEnd("3"))
    service.writtenStyle.withLockedValue { $0.finding = .calls }
    let response = try await respond(
      service,
      #"""
      \#(Self.tools), "input": [{"role": "user", "content": "1 + 2?"},
        {"type": "reasoning", "id": "rs_1", "summary": [], "content": [{"type": "reasoning_text", "text": "Hm."}]},
        {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "add", "arguments": "{\"a\": 1}", "status": "completed"},
        {"type": "function_call_output", "call_id": "c", "output": "3"}]
      """#)
    #expect(response.status == .ok, "\(response.text)")
    #expect(service.prompts == ["<user>1 + 2?<assistant><tool>3<assistant>"])
  }

  @Test("A result of a call that nobody made is refused")
  func brokenHistory() async throws {
    let response = try await respond(
      FakeService(events: .tokensThenEnd("3")),
      #""input": [{"type": "function_call_output", "call_id": "c", "output": "3"}]"#)
    #expect(response.status == .badRequest)
    #expect(try response.error()["param"] as? String == "input[0].call_id")
  }

  @Test("A custom tool's input is a text, with events of its own")
  func custom() async throws {
    let text = #"<tool_call>\#n{"name": "run", "arguments": {"input": "ls"}}\#n</tool_call>"#
    let events = try await respond(
      FakeService(events: .tokensThenEnd(text)),
      #""tools": [{"type": "custom", "name": "run"}], "input": "hi", "stream": true"#
    ).namedEvents()
    let done = try #require(
      events.first { $0.name == "response.custom_tool_call_input.done" })
    #expect(done.data["input"] as? String == "ls")
    let last = try #require(events.last?.data["response"] as? [String: Any])
    let item = try #require((last["output"] as? [[String: Any]])?.first)
    #expect(item["type"] as? String == "custom_tool_call")
    #expect(item["input"] as? String == "ls")
  }
}
