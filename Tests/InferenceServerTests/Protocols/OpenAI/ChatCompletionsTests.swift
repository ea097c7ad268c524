import GPTModel
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import InferenceServer

@Suite("Chat completions")
struct ChatCompletionsTests {
  private static let head =
    #"{"id":"*","object":"chat.completion.chunk","created":0,"model":"org/tiny","#
    + #""system_fingerprint":"fp_0123456789","choices":["#

  @Test("An answer is one document with every member that clients read")
  func document() async throws {
    let service = FakeService(events: .tokensThenEnd("Hi!", cached: 4))
    let response = try await InferenceServer(service).chat()
    #expect(response.status == .ok)
    #expect(response.headers[.contentType] == "application/json; charset=utf-8")
    #expect(response.headers[.contentLength] == "\(response.body.readableBytes)")
    #expect(
      response.text.normalized
        == #"{"id":"*","object":"chat.completion","created":0,"model":"org/tiny","#
        + #""system_fingerprint":"fp_0123456789","choices":[{"index":0,"message":"#
        + #"{"role":"assistant","content":"Hi!","refusal":null},"logprobs":null,"#
        + #""finish_reason":"stop","stop_reason":null}],"usage":{"prompt_tokens":19,"#
        + #""completion_tokens":4,"#
        + #""total_tokens":23,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":0},"#
        + #""completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"#
        + #""accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"#
        + #""service_tier":"default"}"#)
    let prompt = service.requests.first?.prompt.map { UInt8(truncatingIfNeeded: $0) }
    #expect(prompt.map { String(decoding: $0, as: UTF8.self) } == "<user>hi<assistant>")
  }

  @Test("A stream has the role with the first token, a chunk a token, the reason, and the end")
  func stream() async throws {
    let service = FakeService(events: .tokensThenEnd("Hi"))
    let response = try await InferenceServer(service).chat(#""stream": true"#)
    #expect(response.status == .ok)
    #expect(response.headers[.contentType] == "text/event-stream; charset=utf-8")
    #expect(response.headers[.cacheControl] == "no-cache")
    #expect(response.headers[.accelBuffering] == "no")
    #expect(response.headers[.contentLength] == nil)
    let tail = #""logprobs":null,"finish_reason":null}]}"#
    #expect(
      response.normalizedEvents() == [
        Self.head + #"{"index":0,"delta":{"role":"assistant","content":""},"# + tail,
        Self.head + #"{"index":0,"delta":{"content":"H"},"# + tail,
        Self.head + #"{"index":0,"delta":{"content":"i"},"# + tail,
        Self.head
          + #"{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop","stop_reason":null}]}"#,
        "[DONE]",
      ])
    #expect(Set(response.events().dropLast().map { $0.prefix(75) }).count == 1, "one id")
  }

  @Test("Usage is null on every chunk but the last, which has no choices")
  func usage() async throws {
    let service = FakeService(events: .tokensThenEnd("H"))
    let response = try await InferenceServer(service).chat(
      #""stream": true, "stream_options": {"include_usage": true}"#)
    let events = response.normalizedEvents()
    #expect(events.count == 5)
    #expect(events.prefix(3).allSatisfy { $0.hasSuffix(#","usage":null}"#) })
    #expect(
      events[3].hasPrefix(Self.head + #"],"usage":{"prompt_tokens":19,"completion_tokens":2,"#))
    #expect(events[4] == "[DONE]")
  }

  @Test("The head tells the seed, drawn or not, and none where nothing is drawn")
  func seed() async throws {
    let service = FakeService(events: .tokensThenEnd("H"))
    let server = InferenceServer(service)
    let name = try #require(HTTPField.Name("X-Apus-Seed"))
    for members in [#""seed": -1"#, #""stream": true"#, #""n": 2"#] {
      let told = try #require(try await server.chat(members).headers[name].flatMap { Int64($0) })
      #expect(service.requests.last?.sampling.seed == UInt64(bitPattern: told))
      #expect((0..<1 << 53).contains(told))
    }
    #expect(try await server.chat(#""seed": -7"#).headers[name] == "-7")
    #expect(try await server.chat(#""temperature": 0"#).headers[name] == nil)
  }

  @Test("Usage can be told on every chunk")
  func continuousUsage() async throws {
    let service = FakeService(events: .tokensThenEnd("Hi"))
    let response = try await InferenceServer(service).chat(
      #""stream": true, "stream_options": {"include_usage": true, "continuous_usage_stats": true}"#)
    let counts = response.events().dropLast().map { event in
      event.firstMatch(of: /"completion_tokens":([0-9]+)/).flatMap { Int($0.1) }
    }
    #expect(counts == [1, 1, 2, 3, 3])
  }

  @Test("Withheld text makes no chunk, and what the end releases comes before the reason")
  func withheld() async throws {
    let service = FakeService(events: [
      .token(GeneratedToken(token: 0xC3, text: "")), .token(GeneratedToken(token: 0xA9, text: "é")),
      .token(GeneratedToken(token: 0x41, text: "")),
      .end(.length, text: "A", completion: 3),
    ])
    let response = try await InferenceServer(service).chat(#""stream": true"#)
    let deltas = response.events().dropLast().map { event in
      event.firstMatch(of: /"delta":(\{.*?\})/).map { String($0.1) }
    }
    #expect(
      deltas == [
        #"{"role":"assistant","content":""}"#, #"{"content":"é"}"#, #"{"content":"A"}"#, "{}",
      ])
    #expect(response.events()[3].contains(#""finish_reason":"length""#))
  }

  @Test("Several answers have their own role, reason and index, and one usage")
  func choices() async throws {
    let service = FakeService { request in
      GenerationSource.made(of: .tokensThenEnd(request.choice == 0 ? "A" : "B"))
    }
    let server = InferenceServer(service)
    let options = #""n": 3, "stream": true, "stream_options": {"include_usage": true}, "seed": 5"#
    let events = try await server.chat(options).events()
    for choice in 0..<3 {
      let own = events.filter { $0.contains(#""index":\#(choice)"#) }
      #expect(own.count == 3)
      #expect(own.first?.contains(#""role":"assistant""#) == true)
      #expect(own.dropFirst().first?.contains(choice == 0 ? #""A""# : #""B""#) == true)
      #expect(own.last?.contains(#""finish_reason":"stop""#) == true)
    }
    #expect(events.filter { $0.contains(#""choices":[]"#) }.count == 1)
    #expect(events.contains { $0.contains(#""prompt_tokens":19,"completion_tokens":6,"#) })
    #expect(service.requests.map(\.choice) == [0, 1, 2])
    #expect(Set(service.requests.map(\.sampling.seed)) == [5])

    let document = try await server.chat(#""n": 2"#).text
    #expect(document.contains(#""index":0,"message":{"role":"assistant","content":"A""#))
    #expect(document.contains(#""index":1,"message":{"role":"assistant","content":"B""#))
  }

  @Test(
    "A refusal before the first token is a plain error even for a stream",
    arguments: [
      (EngineError.queueFull(limit: 7), 503, "server_is_overloaded"),
      (.shuttingDown, 503, "server_is_overloaded"),
      (.promptTooLong(tokens: 12, context: 10), 400, "context_length_exceeded"),
    ])
  func admission(refusal: EngineError, status: Int, code: String) async throws {
    let service = FakeService { _ throws(EngineError) in throw refusal }
    let response = try await InferenceServer(service).chat(#""stream": true"#)
    #expect(response.status.code == status)
    #expect(response.headers[.contentType] == "application/json; charset=utf-8")
    #expect(response.headers[.retryAfter] == (status == 503 ? "1" : nil))
    #expect(try response.error()["code"] as? String == code)
  }

  @Test("A failure before the first token has a status, one after it is an event without an end")
  func failures() async throws {
    let early = FakeService { _ in GenerationSource.made(of: [], failure: EngineError.notFinite) }
    #expect(try await InferenceServer(early).chat(#""stream": true"#).status.code == 500)
    let late = FakeService { _ in
      GenerationSource.made(of: GenerationEvent.tokens("H"), failure: EngineError.notFinite)
    }
    let events = try await InferenceServer(late).chat(#""stream": true"#).events()
    #expect(events.count == 3)
    #expect(events.last?.hasPrefix(#"{"error":{"message":"#) == true)
    #expect(try await InferenceServer(late).chat().status.code == 500)
  }

  @Test("A prompt is refused from the length of the context on, and the limit is cut to the rest")
  func context() async throws {
    let roomy = FakeService(contextLength: 20, events: .tokensThenEnd("H"))
    #expect(try await InferenceServer(roomy).chat(#""max_tokens": 50"#).status == .ok)
    #expect(roomy.requests.first?.stop.maximumTokens == 1)
    let tight = FakeService(contextLength: 19, events: .tokensThenEnd("H"))
    let response = try await InferenceServer(tight).chat()
    #expect(response.status == .badRequest)
    let error = try response.error()
    #expect(error["code"] as? String == "context_length_exceeded")
    let message = try #require(error["message"] as? String)
    #expect(message.matches(of: /\b19\b/).count == 2, "tokens and context: \(message)")
  }
}

extension [GenerationEvent] {
  /// An answer that the model ends itself.
  static func tokensThenEnd(_ text: String, cached: Int = 0) -> [GenerationEvent] {
    GenerationEvent.tokens(text) + [
      .token(GeneratedToken(token: 257, text: "")),
      .end(cached: cached, completion: text.utf8.count + 1),
    ]
  }
}
