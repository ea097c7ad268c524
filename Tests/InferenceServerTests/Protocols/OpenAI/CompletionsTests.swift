import Foundation
import GPTModel
import HTTPTypes
import HummingbirdTesting
import Testing
import Tokenizers

@testable import InferenceServer

@Suite("Completions")
struct CompletionsTests {
  private static let head =
    #"{"id":"*","object":"text_completion","created":0,"model":"org/tiny","#
    + #""system_fingerprint":"fp_0123456789","choices":["#

  private func send(_ members: String, to service: FakeService) async throws -> TestResponse {
    try await InferenceServer(service).answer(
      .post, "/v1/completions", #"{"model": "org/tiny", \#(members)}"#)
  }

  /// A report whose log-probabilities tell its tokens apart.
  private func report(_ token: Token, _ alternatives: Token...) -> TokenLogprobs {
    func entry(_ token: Token) -> TokenLogprobs.Entry {
      TokenLogprobs.Entry(token: token, logprob: -Float(token) / 64)
    }
    return TokenLogprobs(
      chosen: entry(token), alternatives: alternatives.map(entry), rank: Int(token))
  }

  private func token(_ token: Token, _ text: String, _ alternatives: Token...) -> GenerationEvent {
    let entries = alternatives.map { report($0).chosen }
    return .token(
      GeneratedToken(
        token: token, text: text,
        logprobs: TokenLogprobs(chosen: report(token).chosen, alternatives: entries)))
  }

  @Test("An answer is one document with every member that clients read")
  func document() async throws {
    let service = FakeService(events: .tokensThenEnd("Hi!", cached: 4))
    let response = try await send(#""prompt": "Say:""#, to: service)
    #expect(response.status == .ok)
    #expect(
      response.text.normalized == Self.head
        + #"{"text":"Hi!","index":0,"logprobs":null,"finish_reason":"stop","stop_reason":null}],"#
        + #""usage":{"prompt_tokens":4,"completion_tokens":4,"total_tokens":8,"#
        + #""prompt_tokens_details":{"cached_tokens":4,"audio_tokens":0},"#
        + #""completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"#
        + #""accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}"#)
    let request = try #require(service.requests.first)
    #expect(request.prompt.tokens == "Say:".utf8.map(Token.init))
    #expect(request.stop.maximumTokens == 16)
    #expect(request.alternatives == nil)
    #expect(request.promptAlternatives == nil)
  }

  @Test("A stream has a chunk a token, the reason, the usage where asked for, and the end")
  func stream() async throws {
    let service = FakeService(events: .tokensThenEnd("Hi"))
    let response = try await send(
      #""prompt": "a", "stream": true, "stream_options": {"include_usage": true}"#, to: service)
    #expect(response.headers[.contentType] == "text/event-stream; charset=utf-8")
    let events = response.normalizedEvents()
    #expect(
      events.prefix(3) == [
        Self.head
          + #"{"text":"H","index":0,"logprobs":null,"finish_reason":null}],"usage":null}"#,
        Self.head
          + #"{"text":"i","index":0,"logprobs":null,"finish_reason":null}],"usage":null}"#,
        Self.head
          + #"{"text":"","index":0,"logprobs":null,"finish_reason":"stop","stop_reason":null}],"usage":null}"#,
      ])
    #expect(events.count == 5)
    #expect(events[3].hasPrefix(Self.head + #"],"usage":{"prompt_tokens":1,"completion_tokens":3"#))
    #expect(events[4] == "[DONE]")
  }

  @Test(
    "A prompt is a text or tokens, one or several",
    arguments: [
      (#""ab""#, [[97, 98]]), (#"["ab", "c"]"#, [[97, 98], [99]]), ("[97, 98.0]", [[97, 98]]),
      ("[[97], [98, 257]]", [[97], [98, 257]]), (#"["c", [97]]"#, [[99], [97]]), (#""""#, [[256]]),
      ("null", [[256]]),
    ] as [(String, [[Token]])])
  func prompts(written: String, tokens: [[Token]]) async throws {
    let service = FakeService(events: .tokensThenEnd("H"))
    let response = try await send(#""prompt": \#(written), "n": 2"#, to: service)
    #expect(response.status == .ok)
    let choices = try #require(try response.document()["choices"] as? [[String: Any]])
    #expect(choices.map { $0["index"] as? Int } == Array(0..<(2 * tokens.count)))
    #expect(Set(service.requests.map(\.prompt.tokens)) == Set(tokens))
    #expect(service.requests.count == 2 * tokens.count)
    for prompt in tokens {
      let own = service.requests.filter { $0.prompt.tokens == prompt }
      #expect(own.map(\.choice).sorted() == [0, 1])
    }
    let usage = try #require(try response.document()["usage"] as? [String: Any])
    #expect(usage["prompt_tokens"] as? Int == tokens.reduce(0) { $0 + $1.count })
    #expect(usage["completion_tokens"] as? Int == 4 * tokens.count)
  }

  @Test("Of several prompts, each has its answers at prompt times n plus the number of the answer")
  func order() async throws {
    let service = FakeService { request in
      let letter = UInt8(truncatingIfNeeded: request.prompt[0])
      return GenerationSource.made(
        of: .tokensThenEnd("\(Character(Unicode.Scalar(letter)))\(request.choice)"))
    }
    let response = try await send(#""prompt": ["x", "y", "z"], "n": 2"#, to: service)
    let choices = try #require(try response.document()["choices"] as? [[String: Any]])
    #expect(choices.map { $0["text"] as? String } == ["x0", "x1", "y0", "y1", "z0", "z1"])
  }

  @Test("The prompt comes back before the answer, tokens of it as text, without control tokens")
  func echo() async throws {
    let service = FakeService(events: .tokensThenEnd("!"))
    for (written, text) in [(#""né""#, "né!"), ("[110, 195, 169]", "né!"), ("[257, 97]", "a!")] {
      let response = try await send(#""prompt": \#(written), "echo": true"#, to: service)
      let choices = try #require(try response.document()["choices"] as? [[String: Any]])
      #expect(choices[0]["text"] as? String == text)
      let stream = try await send(
        #""prompt": \#(written), "echo": true, "stream": true"#, to: service)
      let pieces = stream.events().compactMap {
        $0.firstMatch(of: /"text":"(.*?)"/).map { String($0.1) }
      }
      #expect(pieces == [text, ""])
    }
  }

  @Test("Log-probabilities are four lists, with offsets in characters and the token among the best")
  func logprobs() async throws {
    let service = FakeService(events: [
      token(97, "a", 97, 98), token(0xC3, "", 98, 97), token(0xA9, "é", 0xA9), token(98, "b", 97),
      .finished(
        {
          var summary = GenerationSummary(
            reason: .stop, text: "", usage: Usage(promptTokens: 1, completionTokens: 5))
          summary.endLogprobs = report(257, 257)
          return summary
        }()),
    ])
    let expected =
      #"{"tokens":["a","bytes:\\xc3","bytes:\\xa9","b","<|end|>"],"#
      + #""token_logprobs":[-1.515625,-3.046875,-2.640625,-1.53125,-4.015625],"#
      + #""top_logprobs":[{"a":-1.515625,"b":-1.53125},"#
      + #"{"b":-1.53125,"a":-1.515625,"bytes:\\xc3":-3.046875},{"bytes:\\xa9":-2.640625},"#
      + #"{"a":-1.515625,"b":-1.53125},{"<|end|>":-4.015625}],"text_offset":[0,1,1,2,3]}"#
    let response = try await send(#""prompt": "x", "logprobs": 2"#, to: service)
    #expect(response.text.contains(#""logprobs":"# + expected + ","), "\(response.text)")
    #expect(service.requests.first?.alternatives == 2)

    let stream = try await send(#""prompt": "x", "logprobs": 2, "stream": true"#, to: service)
    let offsets = stream.events().dropLast().map { event in
      event.firstMatch(of: /"text_offset":\[([0-9,]*)\]/).map { String($0.1) }
    }
    #expect(offsets == ["0", "1,1", "2", "3"])
  }

  @Test("A prompt that is echoed is reported too, its first token by null")
  func scoring() async throws {
    let service = FakeService { request in
      #expect(request.promptAlternatives == 1)
      #expect(request.stop.maximumTokens == 0)
      return GenerationSource.made(of: [
        .prompt(
          PromptReport(logprobs: request.prompt.dropFirst().map { self.report($0, 99) })),
        .end(.length, completion: 0),
      ])
    }
    let expected =
      #"{"text":"éab","index":0,"logprobs":{"tokens":["bytes:\\xc3","bytes:\\xa9","a","b"],"#
      + #""token_logprobs":[null,-2.640625,-1.515625,-1.53125],"top_logprobs":[null,"#
      + #"{"c":-1.546875,"bytes:\\xa9":-2.640625},{"c":-1.546875,"a":-1.515625},"#
      + #"{"c":-1.546875,"b":-1.53125}],"text_offset":[0,0,1,2]},"finish_reason":"#
    let members = #""prompt": "éab", "echo": true, "logprobs": 1, "max_tokens": 0"#
    let response = try await send(members, to: service)
    #expect(response.text.contains(expected + #""length","stop_reason":null}"#), "\(response.text)")
    let events = try await send(members + #", "stream": true"#, to: service).normalizedEvents()
    #expect(events.count == 3)
    #expect(events[0] == Self.head + expected + "null}]}")
    #expect(
      events[1] == Self.head
        + #"{"text":"","index":0,"logprobs":null,"finish_reason":"length","stop_reason":null}]}"#)
  }

  @Test("The log-probabilities of a prompt are told in vLLM's form, for completions and chats")
  func promptLogprobs() async throws {
    let service = FakeService { request in
      let events: [GenerationEvent] = [
        .prompt(
          PromptReport(
            logprobs: request.prompt.dropFirst().prefix(2).map { self.report($0, 105, 99) }))
      ]
      let isAsked = request.promptAlternatives != nil
      return GenerationSource.made(of: (isAsked ? events : []) + .tokensThenEnd("!"))
    }
    let expected =
      #""prompt_logprobs":[null,{"104":{"logprob":-1.625,"rank":104,"decoded_token":"h"},"#
      + #""105":{"logprob":-1.640625,"rank":1,"decoded_token":"i"},"#
      + #""99":{"logprob":-1.546875,"rank":2,"decoded_token":"c"}},"#
      + #"{"105":{"logprob":-1.640625,"rank":105,"decoded_token":"i"},"#
      + #""99":{"logprob":-1.546875,"rank":2,"decoded_token":"c"}}]"#
    let text = try await send(#""prompt": "ohi", "prompt_logprobs": 2"#, to: service).text
    #expect(
      text.contains(#""finish_reason":"stop","stop_reason":null,"# + expected + "}"), "\(text)")
    let chat = try await InferenceServer(service).chat(#""prompt_logprobs": 2, "n": 2"#).document()
    let list = try #require(chat["prompt_logprobs"] as? [Any])
    #expect(list.count == 3)
    #expect(list[0] is NSNull)
    #expect(service.requests.suffix(2).map(\.promptAlternatives) == [2, nil])
    for path in ["completions", "chat/completions"] {
      let body =
        #"{"model": "org/tiny", "prompt": "a", "messages": [{"role": "user", "content": "a"}],"#
        + #" "stream": true, "prompt_logprobs": 1}"#
      let refused = try await InferenceServer(service).answer(.post, "/v1/" + path, body)
      #expect(refused.status == .badRequest)
      #expect(try refused.error()["param"] as? String == "prompt_logprobs")
    }
  }

  @Test(
    "Of more answers than are asked for, the most likely ones by the token are told, best first")
  func best() async throws {
    // Sums and means of log-probabilities differ in their order.
    let answers: [[Token]] = [[110], [100, 100, 101], [120, 120], []]
    let service = FakeService { request in
      let events = answers[request.choice].map { self.token($0, String(UnicodeScalar(UInt8($0)))) }
      return GenerationSource.made(of: events + [.end(completion: events.count)])
    }
    let response = try await send(#""prompt": "a", "n": 2, "best_of": 4"#, to: service)
    let choices = try #require(try response.document()["choices"] as? [[String: Any]])
    #expect(choices.map { $0["text"] as? String } == ["dde", "n"])
    #expect(choices.allSatisfy { $0["logprobs"] is NSNull })
    #expect(service.requests.map(\.alternatives) == [0, 0, 0, 0])
    let usage = try #require(try response.document()["usage"] as? [String: Any])
    #expect(usage["completion_tokens"] as? Int == 6)
    #expect(usage["prompt_tokens"] as? Int == 1)
  }

  @Test("A gap is filled between the prompt and the suffix, and ends where a document does")
  func suffix() async throws {
    let marks = FillInMarks(before: "<p>", behind: "<s>", middle: "<m>", ends: [70])
    let service = FakeService(fillInMarks: marks) { _ in
      GenerationSource.made(of: .tokensThenEnd("x"))
    }
    let response = try await send(
      #""prompt": ["a", "b"], "suffix": "c", "parse_special": false"#, to: service)
    #expect(response.status == .ok)
    #expect(service.prompts == ["<p>a<s>c<m>", "<p>b<s>c<m>"])
    #expect(
      Array(service.sources.prefix(5)) == [.template, .content, .template, .content, .template])
    #expect(service.requests.allSatisfy { $0.stop.tokens == [70] })
    _ = try await send(#""prompt": "a", "suffix": "" "#, to: service)
    #expect(service.prompts.last == "a" && service.requests.last?.stop.tokens == [])
    for wrong in [#""prompt": [1], "suffix": "c""#, #""prompt": "a", "suffix": "c", "echo": true"#]
    {
      #expect(try await send(wrong, to: service).error()["param"] as? String == "suffix")
    }
  }

  @Test(
    "What cannot be done is refused by name",
    arguments: [
      (#""prompt": []"#, "prompt"), (#""prompt": [[]]"#, "prompt[0]"), (#""prompt": 5"#, "prompt"),
      (#""prompt": ["a", 5]"#, "prompt[1]"), (#""prompt": [1, "a"]"#, "prompt"),
      (#""prompt": [258]"#, "prompt"), (#""prompt": [-1]"#, "prompt"), (#""prompt": {}"#, "prompt"),
      (#""prompt": [1.5]"#, "prompt[0]"), (#""prompt": [1, 1e300]"#, "prompt"),
      (#""suffix": "b""#, "suffix"), (#""max_tokens": -2"#, "max_tokens"),
      (#""logprobs": 21"#, "logprobs"), (#""logprobs": true"#, "logprobs"),
      (#""n": 2, "best_of": 1"#, "best_of"), (#""best_of": 2, "stream": true"#, "best_of"),
      (#""best_of": 9"#, "best_of"), (#""prompt_logprobs": 21"#, "prompt_logprobs"),
      (#""min_tokens": 17"#, "min_tokens"), (#""echo": 1"#, "echo"),
      (#""stream_options": {"include_usage": true}"#, "stream_options"),
      (#""n": 8, "prompt": [\#((0..<33).map { _ in #""a""# }.joined(separator: ","))]"#, "prompt"),
      (#""prompt": [\#((0..<257).map { _ in #""a""# }.joined(separator: ","))]"#, "prompt"),
    ])
  func refusals(members: String, parameter: String) async throws {
    let service = FakeService(events: .tokensThenEnd("H"))
    let response = try await send(members, to: service)
    #expect(response.status == .badRequest)
    #expect(try response.error()["param"] as? String == parameter)
    #expect(service.requests.isEmpty)
  }

  @Test("A prompt must leave room for an answer, unless none is wanted; limits are cut to the rest")
  func context() async throws {
    let service = FakeService(contextLength: 5, events: .tokensThenEnd("H"))
    #expect(try await send(#""prompt": "abc", "max_tokens": 9"#, to: service).status == .ok)
    #expect(service.requests.last?.stop.maximumTokens == 2)
    #expect(try await send(#""prompt": "abcde", "max_tokens": 0"#, to: service).status == .ok)
    let refused = try await send(#""prompt": ["a", "abcde"]"#, to: service)
    #expect(refused.status == .badRequest)
    #expect(try refused.error()["param"] as? String == "prompt[1]")
    #expect(try refused.error()["code"] as? String == "context_length_exceeded")
    let beyond = try await send(#""prompt": "abcdef", "max_tokens": 0"#, to: service)
    #expect(try beyond.error()["code"] as? String == "context_length_exceeded")
  }

  @Test("What would make an answer of millions of log-probabilities is refused")
  func reports() async throws {
    let service = FakeService(contextLength: 1 << 19, events: .tokensThenEnd("H"))
    let text = String(repeating: "a", count: 1 << 18)
    let members = #""prompt": "\#(text)", "max_tokens": 0, "echo": true, "logprobs""#
    #expect(try await send(members + ": 3", to: service).status == .ok)
    let refused = try await send(members + ": 4", to: service)
    #expect(refused.status == .badRequest)
    #expect(try refused.error()["param"] as? String == "logprobs")
    let long = try await send(
      #""prompt": "\#(text)", "max_tokens": 1, "prompt_logprobs": 20"#, to: service)
    #expect(try long.error()["param"] as? String == "prompt_logprobs")
  }

  @Test("What chats have besides, completions have too")
  func extensions() async throws {
    let service = FakeService(events: .tokensThenEnd("Hi"))
    let response = try await send(
      #""prompt": "abcde", "truncate_prompt_tokens": 2, "return_token_ids": true, "top_k": 4, "#
        + #""min_tokens": 1, "ignore_eos": true, "skip_special_tokens": false, "priority": 3, "#
        + #""include_stop_str_in_output": true, "cache_prompt": false"#, to: service)
    let request = try #require(service.requests.first)
    #expect(request.prompt == [100, 101])
    #expect(request.sampling.topK == 4)
    #expect(request.stop.minimumTokens == 1)
    #expect(request.stop.atEndOfSequence == false)
    #expect(request.stop.showsString)
    #expect(request.showsControlTokens)
    #expect(request.terms.priority == 3)
    #expect(request.terms.usesCache == false)
    let choice = try #require((try response.document()["choices"] as? [[String: Any]])?.first)
    #expect(choice["token_ids"] as? [Int] == [72, 105, 257])
    #expect(choice["prompt_token_ids"] as? [Int] == [100, 101])
  }

  @Test("A control token's name is that token, unless the request says it is text")
  func controlTokens() async throws {
    let service = FakeService(events: .tokensThenEnd("H"))
    _ = try await send(#""prompt": "<|end|>""#, to: service)
    _ = try await send(#""prompt": "<|end|>", "parse_special": false"#, to: service)
    #expect(service.sources == [.template, .content])
  }
}
