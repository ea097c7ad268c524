import Foundation
import GPTModel
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import InferenceServer

@Suite("What chat completions know beyond OpenAI's")
struct ChatExtrasTests {
  private func chat(
    _ service: FakeService, _ messages: String, _ members: String
  ) async throws -> TestResponse {
    try await InferenceServer(service).answer(
      .post, "/v1/chat/completions",
      #"{"model": "org/tiny", "messages": [\#(messages)], \#(members)}"#)
  }

  private static let question = #"{"role": "user", "content": "hi"}"#

  @Test(
    "A last message is continued where it stops, whatever it ends with",
    arguments: ["Well ", "", "a\u{301}", "x\u{600}", "\u{F8D0}\u{F8D1}\u{F8D0}"])
  func continued(beginning: String) async throws {
    let service = FakeService(events: .tokensThenEnd("H"))
    let response = try await chat(
      service, Self.question + #", {"role": "assistant", "content": "\#(beginning)"}"#,
      #""continue_final_message": true"#)
    #expect(response.status == .ok)
    #expect(service.prompts == ["<user>hi<assistant>" + beginning])
  }

  @Test("A stream tells how much of the prompt was computed, where that is wanted")
  func progress() async throws {
    let progress = PromptProgress(total: 90, cached: 10, computed: 40, seconds: 0.5)
    let service = FakeService(events: [.progress(progress)] + .tokensThenEnd("H"))
    let stream = try await chat(
      service, Self.question, #""return_progress": true, "stream": true"#
    ).events()
    #expect(
      stream[0].contains(
        #""choices":[],"prompt_progress":{"total":90,"cache":10,"processed":40,"time_ms":500"#))
    #expect(stream[1].contains(#""role":"assistant""#))
    #expect(service.requests.last?.reportsProgress == true)
    for members in [#""stream": true"#, #""return_progress": true"#] {
      _ = try await chat(service, Self.question, members)
      #expect(service.requests.last?.reportsProgress == false)
    }
  }

  @Test("The beginning is repeated where that is wanted, in a document and in a stream")
  func echo() async throws {
    let service = FakeService(events: .tokensThenEnd("H"))
    let messages = Self.question + #", {"role": "assistant", "content": "Well "}"#
    let members = #""continue_final_message": true, "echo": true"#
    let document = try await chat(service, messages, members).text
    #expect(document.contains(#""content":"Well H""#))
    let events = try await chat(service, messages, members + #", "stream": true"#).events()
    #expect(events.first?.contains(#""delta":{"role":"assistant","content":"Well "}"#) == true)
  }

  @Test("Token numbers are told: the prompt's once, each answer's with its text, its end included")
  func tokenIDs() async throws {
    var end = GenerationSummary(
      reason: .stop, text: "", usage: Usage(promptTokens: 1, completionTokens: 3))
    end.endToken = 257
    let service = FakeService(events: [
      .token(GeneratedToken(token: 0xC3, text: "")), .token(GeneratedToken(token: 0xA9, text: "é")),
      .finished(end),
    ])
    let members = #""return_token_ids": true"#
    let document = try await chat(service, Self.question, members).document()
    let prompt = Array("<user>hi<assistant>".utf8).map(Int.init)
    #expect(document["prompt_token_ids"] as? [Int] == prompt)
    let choice = (document["choices"] as? [[String: Any]])?.first
    #expect(choice?["token_ids"] as? [Int] == [0xC3, 0xA9, 257])

    let events = try await chat(service, Self.question, members + #", "stream": true"#).events()
    let lists = events.map { event in
      event.firstMatch(of: /"token_ids":(\[[0-9,]*\])/).map { String($0.1) }
    }
    #expect(lists == ["[]", "[195,169]", "[257]", nil])
    #expect(events.map { $0.contains("prompt_token_ids") } == [true, false, false, false])
    let without = try await InferenceServer(service).chat()
    #expect(!without.text.contains("token_ids"))
  }

  @Test(
    "The reason names the string or the token that the request asked to stop at",
    arguments: [
      (GenerationSummary.Reason.stopString("x"), Token?.none, #""stop_reason":"x""#),
      (.stop, 5, #""stop_reason":5"#), (.stop, 6, #""stop_reason":null"#),
      (.length, nil, #""stop_reason":null"#),
    ])
  func stopReason(
    reason: GenerationSummary.Reason, endToken: Token?, member: String
  ) async throws {
    var end = GenerationSummary(
      reason: reason, text: "", usage: Usage(promptTokens: 1, completionTokens: 1))
    end.endToken = endToken
    let service = FakeService(events: [.finished(end)])
    let members = #""stop_token_ids": [5]"#
    #expect(try await chat(service, Self.question, members).text.contains(member))
    let events = try await chat(service, Self.question, members + #", "stream": true"#).events()
    #expect(events.dropLast().last?.contains(member) == true)
  }

  @Test(
    "A prompt may be cut from its beginning, to a number of tokens or to what fits",
    arguments: [("7", 19, "stant>", 0), ("7", 100, "stant>", 0), ("-1", 15, "hi<assistant>", 2)])
  func truncated(value: String, context: Int, ending: String, limit: Int) async throws {
    let service = FakeService(contextLength: context, events: .tokensThenEnd("H"))
    let limits = limit == 0 ? "" : #", "max_tokens": \#(limit)"#
    let response = try await chat(
      service, Self.question, #""truncate_prompt_tokens": \#(value)\#(limits)"#)
    #expect(response.status == .ok)
    let prompt = try #require(service.prompts.first)
    #expect(prompt.hasSuffix(ending))
    #expect(prompt.count == (value == "-1" ? context - limit : 7))
  }

  @Test("Times are told where that is wanted: at the end, for all answers together")
  func timings() async throws {
    var times = GenerationTimes()
    times.queued = 0.5
    times.prefill = 0.25
    times.decode = 2
    let service = FakeService { [times] request in
      var usage = Usage(promptTokens: 19, cachedTokens: 9, completionTokens: 5)
      if request.choice == 1 { usage.completionTokens = 1 }
      let end = GenerationSummary(reason: .stop, text: "", usage: usage, times: times)
      return GenerationSource.made(of: [.finished(end)])
    }
    let document = try await chat(service, Self.question, #""timings": true, "n": 2"#).text
    let expected =
      #""timings":{"queue_ms":500.0,"cache_n":9,"prompt_n":10,"prompt_ms":250.0,"#
      + #""prompt_per_token_ms":25.0,"prompt_per_second":40.0,"predicted_n":6,"#
      + #""predicted_ms":2000.0,"predicted_per_token_ms":500.0,"predicted_per_second":2.0}"#
    #expect(document.contains(expected))
    let events = try await chat(
      service, Self.question, #""timings_per_token": true, "n": 2, "stream": true"#
    ).events()
    #expect(events.filter { $0.contains(expected) }.count == 1)
    #expect(events.dropLast().last?.contains(expected) == true)
    #expect(try await !InferenceServer(service).chat().text.contains("timings"))
  }

  @Test("Wishes for the text and the template arrive in the engine and in the template")
  func wishes() async throws {
    let service = FakeService(events: .tokensThenEnd("H"))
    _ = try await chat(
      service, Self.question,
      #""skip_special_tokens": false, "include_stop_str_in_output": true, "stop": "x","#
        + #""reasoning_effort": "low", "store": true, "metadata": {}, "user": "u""#)
    let request = try #require(service.requests.first)
    #expect(request.showsControlTokens)
    #expect(request.stop.showsString)
    #expect(service.variables?["reasoning_effort"] == .string("low"))
  }
}
