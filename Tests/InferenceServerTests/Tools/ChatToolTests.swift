import Foundation
import GPTModel
import Grammars
import HTTPTypes
import HummingbirdTesting
import NIOConcurrencyHelpers
import Testing

@testable import InferenceServer

@Suite("Calls of tools in chats")
struct ChatToolTests {
  static let tools = #"""
    "tools": [{"type": "function", "function": {"name": "add", "description": "Adds.",
      "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}}}},
      {"type": "function", "function": {"name": "now"}}]
    """#
  static let call =
    "Let me see.\n<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>"

  @Test("A call is a member of the message, and how the answer ends")
  func document() async throws {
    let service = FakeService(events: .tokensThenEnd(Self.call))
    let document = try await InferenceServer(service).chat(Self.tools).document()
    let choice = try #require((document["choices"] as? [[String: Any]])?.first)
    #expect(choice["finish_reason"] as? String == "tool_calls")
    let message = try #require(choice["message"] as? [String: Any])
    #expect(message["content"] as? String == "Let me see.")
    let call = try #require((message["tool_calls"] as? [[String: Any]])?.first)
    #expect(call["type"] as? String == "function")
    #expect((call["id"] as? String)?.hasPrefix("call_") == true)
    let function = try #require(call["function"] as? [String: String])
    #expect(function == ["name": "add", "arguments": #"{"a": 1}"#])
  }

  @Test("A message of calls alone has no content")
  func noContent() async throws {
    let text = "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>"
    let service = FakeService(events: .tokensThenEnd(text))
    let document = try await InferenceServer(service).chat(Self.tools).document()
    let choice = try #require((document["choices"] as? [[String: Any]])?.first)
    let message = try #require(choice["message"] as? [String: Any])
    #expect(message["content"] is NSNull)
    #expect((message["tool_calls"] as? [Any])?.count == 1)
  }

  @Test("A stream tells id and name once, then pieces of arguments, then how it ends")
  func stream() async throws {
    let two =
      Self.call + "\n<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>"
    let service = FakeService(events: .tokensThenEnd(two))
    let response = try await InferenceServer(service).chat(Self.tools + #", "stream": true"#)
    var content = ""
    var calls: [(id: String, name: String, arguments: String)] = []
    var reasons: [String] = []
    for event in response.events().dropLast() {
      let chunk = try #require(
        try JSONSerialization.jsonObject(with: Data(event.utf8)) as? [String: Any])
      let choice = try #require((chunk["choices"] as? [[String: Any]])?.first)
      if let reason = choice["finish_reason"] as? String { reasons.append(reason) }
      let delta = try #require(choice["delta"] as? [String: Any])
      content += delta["content"] as? String ?? ""
      #expect(delta["content"] as? String == nil || calls.isEmpty)
      for call in delta["tool_calls"] as? [[String: Any]] ?? [] {
        let index = try #require(call["index"] as? Int)
        let function = try #require(call["function"] as? [String: Any])
        if let id = call["id"] as? String {
          #expect(index == calls.count && call["type"] as? String == "function")
          calls.append((id, function["name"] as? String ?? "", ""))
        } else {
          #expect(Set(call.keys) == ["index", "function"] && Set(function.keys) == ["arguments"])
          #expect(index == calls.count - 1)
        }
        calls[index].arguments += function["arguments"] as? String ?? ""
      }
    }
    #expect(content == "Let me see.")
    #expect(calls.map(\.name) == ["add", "now"])
    #expect(calls.map(\.arguments) == [#"{"a": 1}"#, "{}"])
    #expect(Set(calls.map(\.id)).count == 2)
    #expect(reasons == ["tool_calls"])
    #expect(response.events().last == "[DONE]")
  }

  @Test("An answer that was cut within a call has what there is of it")
  func cut() async throws {
    let text = "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\""
    let service = FakeService(
      events: GenerationEvent.tokens(text) + [GenerationEvent.end(.length, completion: 40)])
    let document = try await InferenceServer(service).chat(Self.tools).document()
    let choice = try #require((document["choices"] as? [[String: Any]])?.first)
    #expect(choice["finish_reason"] as? String == "length")
    let message = try #require(choice["message"] as? [String: Any])
    let call = try #require((message["tool_calls"] as? [[String: Any]])?.first)
    #expect((call["function"] as? [String: String])?["arguments"] == #"{"a""#)
  }

  @Test("A custom tool has a text for input")
  func custom() async throws {
    let text = #"<tool_call>\#n{"name": "run", "arguments": {"input": "a\"b"}}\#n</tool_call>"#
    let tools = #""tools": [{"type": "custom", "custom": {"name": "run"}}]"#
    let events = [GenerationEvent].tokensThenEnd(text)
    let document = try await InferenceServer(FakeService(events: events)).chat(tools).document()
    let choice = try #require((document["choices"] as? [[String: Any]])?.first)
    let message = try #require(choice["message"] as? [String: Any])
    let call = try #require((message["tool_calls"] as? [[String: Any]])?.first)
    #expect(call["type"] as? String == "custom")
    #expect(call["custom"] as? [String: String] == ["name": "run", "input": "a\"b"])
    let stream = try await InferenceServer(FakeService(events: events)).chat(
      tools + #", "stream": true"#)
    #expect(stream.text.contains(#""custom":{"name":"run","input":""}"#))
    #expect(stream.text.contains(#""custom":{"input":"a\"b"}"#))
  }

  @Test("The answer is held to calls of the tools that may be called")
  func constraint() async throws {
    let service = FakeService(events: .tokensThenEnd("Hi"))
    for (choice, names, wanted) in [
      ("", ["add", "now"], ToolUse.Choice.auto),
      (#", "tool_choice": "required""#, ["add", "now"], .required),
      (#", "tool_choice": "none""#, ["add", "now"], .none),
      (#", "tool_choice": {"type": "function", "function": {"name": "now"}}"#, ["now"], .required),
      (
        #", "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "add"}}]}}"#,
        ["add"], .auto
      ),
    ] {
      _ = try await InferenceServer(service).chat(Self.tools + choice)
      let constraint = service.requests.last?.constraint as? FakeConstraint
      guard case .answer(let form)? = constraint?.source else {
        Issue.record("no form of an answer with \(choice)")
        continue
      }
      #expect(form.tools?.choice == wanted)
      #expect(form.tools?.tools.map(\.name) == names)
      #expect(form.tools?.isParallel == true)
      #expect(form.text == nil)
    }
    _ = try await InferenceServer(service).chat(
      Self.tools + #", "parallel_tool_calls": false, "response_format": {"type": "json_object"}"#)
    let constraint = service.requests.last?.constraint as? FakeConstraint
    guard case .answer(let form)? = constraint?.source else {
      Issue.record("no form of an answer")
      return
    }
    #expect(form.tools?.isParallel == false)
    #expect(form.text == .jsonObject)
  }

  @Test("Older clients' functions are tools")
  func functions() async throws {
    let service = FakeService(events: .tokensThenEnd("Hi"))
    let response = try await InferenceServer(service).chat(
      #""functions": [{"name": "add"}], "function_call": {"name": "add"}"#)
    #expect(response.status == .ok)
    let constraint = service.requests.last?.constraint as? FakeConstraint
    guard case .answer(let form)? = constraint?.source else {
      Issue.record("no form of an answer")
      return
    }
    #expect(form.tools?.choice == .required)
    #expect(form.tools?.isParallel == false)
  }

  @Test("A model whose template knows no tools is told of them, and of results")
  func prompted() async throws {
    let service = FakeService(events: .tokensThenEnd("3"))
    let body = #"""
      {"model": "org/tiny", \#(Self.tools), "messages": [
        {"role": "user", "content": "1 + 2?"},
        {"role": "assistant", "content": null, "tool_calls": [
          {"id": "x", "type": "function", "function": {"name": "add", "arguments": "{\"a\": 1}"}}]},
        {"role": "tool", "tool_call_id": "x", "content": "3"}]}
      """#
    let response = try await InferenceServer(service).answer(.post, "/v1/chat/completions", body)
    #expect(response.status == .ok)
    let prompt = try #require(service.prompts.first)
    #expect(prompt.hasPrefix("<system>"))
    #expect(prompt.contains(#""name": "add""#))
    #expect(
      prompt.hasSuffix(
        "<assistant><tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>"
          + "<user><tool_response>\n3\n</tool_response><assistant>"))
    #expect(service.shownTools.isEmpty)
  }

  @Test("A template that knows tools gets them, and arguments as objects")
  func templated() async throws {
    let service = FakeService(events: .tokensThenEnd("3"))
    service.writtenStyle.withLockedValue { $0.finding = .calls }
    let body = #"""
      {"model": "org/tiny", \#(Self.tools), "messages": [
        {"role": "user", "content": "1 + 2?"},
        {"role": "assistant", "tool_calls": [
          {"id": null, "type": "function", "function": {"name": "add", "arguments": "{\"a\": 1}"}}]},
        {"role": "tool", "content": [{"type": "text", "text": "3"}]}]}
      """#
    let response = try await InferenceServer(service).answer(.post, "/v1/chat/completions", body)
    #expect(response.status == .ok)
    #expect(service.shownTools.count == 2)
    #expect(service.prompts == ["<user>1 + 2?<assistant><tool>3<assistant>"])
  }

  @Test("Thinking is told apart, streamed or not, and counted")
  func reasoning() async throws {
    let events = [GenerationEvent].tokensThenEnd("<think>\nHm.\n</think>\n\nYes.")
    for stream in [false, true] {
      let service = FakeService(events: events)
      service.writtenStyle.withLockedValue {
        $0.format.thinking = .init(open: "<think>\n", close: "\n</think>\n\n")
      }
      let response = try await InferenceServer(service).chat(
        stream ? #""stream": true, "stream_options": {"include_usage": true}"# : "")
      if stream {
        #expect(response.text.contains(#""delta":{"reasoning_content":"H"}"#))
        #expect(!response.text.contains("think"))
        #expect(response.text.contains(#""reasoning_tokens":22"#))
      } else {
        let document = try response.document()
        let choice = try #require((document["choices"] as? [[String: Any]])?.first)
        let message = try #require(choice["message"] as? [String: Any])
        #expect(message["reasoning_content"] as? String == "Hm.")
        #expect(message["content"] as? String == "Yes.")
        #expect(choice["finish_reason"] as? String == "stop")
      }
    }
  }

  @Test(
    "What cannot be called or answered is refused, and the field named",
    arguments: [
      BadField(#""tools": [{"type": "function"}]"#, "tools[0].function"),
      BadField(#""tools": [{"type": "web_search"}]"#, "tools[0].type"),
      BadField(#""tools": [{"function": {"name": "f"}}]"#, "tools[0].type"),
      BadField(
        #""tools": [{"type": "function", "function": {"name": "a b"}}]"#, "tools[0].function.name"),
      BadField(
        #""tools": [{"type": "function", "function": {"name": "f", "parameters": 5}}]"#,
        "tools[0].function.parameters"),
      BadField(
        #""tools": [{"type": "function", "function": {"name": "f"}}, {"type": "function", "function": {"name": "f"}}]"#,
        "tools"),
      BadField(
        #"\#(tools), "tool_choice": {"type": "function", "function": {"name": "g"}}"#,
        "tool_choice.function.name"),
      BadField(#"\#(tools), "tool_choice": "sometimes""#, "tool_choice"),
      BadField(#"\#(tools), "tool_choice": {"type": "function"}"#, "tool_choice"),
      BadField(#""tool_choice": "required""#, "tool_choice"),
      BadField(#"\#(tools), "functions": [{"name": "f"}]"#, "functions"),
      BadField(
        #""tools": [{"type": "custom", "custom": {"name": "r", "format": {"type": "grammar", "grammar": {"syntax": "bnf", "definition": "start: \"a\""}}}}]"#,
        "tools[0].custom.format.grammar.syntax"),
    ])
  func refusals(_ bad: BadField) async throws {
    let service = FakeService(events: .tokensThenEnd("Hi"))
    let response = try await InferenceServer(service).chat(bad.members)
    #expect(response.status == .badRequest)
    let parameter = try response.error()["param"] as? String ?? ""
    #expect(parameter.hasPrefix(bad.parameter), "\(parameter): \(response.text)")
    #expect(service.requests.isEmpty)
  }

  @Test("A result of a call that nobody made is refused, and its message named")
  func brokenHistory() async throws {
    let service = FakeService(events: .tokensThenEnd("Hi"))
    for (messages, field) in [
      (#"[{"role": "tool", "tool_call_id": "x", "content": "a"}]"#, "messages[0].tool_call_id"),
      (#"[{"role": "tool", "content": "a"}]"#, "messages[0].tool_call_id"),
      (
        #"[{"role": "assistant", "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{}"}}]}, {"role": "tool", "tool_call_id": "b", "content": "a"}]"#,
        "messages[1].tool_call_id"
      ),
      (
        #"[{"role": "assistant", "tool_calls": [{"id": "a"}]}]"#,
        "messages[0].tool_calls[0].function"
      ),
      (
        #"[{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": 5}}]}]"#,
        "messages[0].tool_calls[0].function.arguments"
      ),
    ] {
      let response = try await InferenceServer(service).answer(
        .post, "/v1/chat/completions", #"{"model": "org/tiny", "messages": \#(messages)}"#)
      #expect(response.status == .badRequest)
      #expect(try response.error()["param"] as? String == field)
    }
  }
}
