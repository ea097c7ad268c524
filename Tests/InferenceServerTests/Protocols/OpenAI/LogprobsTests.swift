import Foundation
import GPTModel
import HummingbirdTesting
import Testing

@testable import InferenceServer

@Suite("Log-probabilities")
struct LogprobsTests {
  @Test("Each token of the text is reported with its bytes, and the end of sequence is not")
  func document() async throws {
    let service = FakeService(events: [
      token(0xC3, "", [(0xC3, -0.5), (0x41, -.infinity)]), token(0xA9, "é", []),
      token(257, "", []), .end(completion: 3),
    ])
    let response = try await InferenceServer(service).chat(#""logprobs": true, "top_logprobs": 2"#)
    #expect(
      response.text.contains(
        #""logprobs":{"content":[{"token":"\#u{FFFD}","logprob":-0.5,"bytes":[195],"#
          + #""top_logprobs":[{"token":"\#u{FFFD}","logprob":-0.5,"bytes":[195]},"#
          + #"{"token":"A","logprob":-9999.0,"bytes":[65]}]},"#
          + #"{"token":"\#u{FFFD}","logprob":-0.5,"bytes":[169],"top_logprobs":[]}],"refusal":null}"#
      ))
    #expect(service.requests.first?.alternatives == 2)
  }

  @Test("In a stream, reports travel with the text that they belong to")
  func stream() async throws {
    let service = FakeService(events: [
      token(0xC3, "", []), token(0xA9, "é", []), token(0x41, "A", []), token(0x42, "", []),
      token(0x43, "", []), .end(.stopString("C"), text: "B", completion: 5),
    ])
    let response = try await InferenceServer(service).chat(#""logprobs": true, "stream": true"#)
    let bytes = response.events().dropLast().map { event in
      event.matches(of: /"bytes":\[([0-9]+)\]/).compactMap { Int($0.1) }
    }
    #expect(bytes == [[], [0xC3, 0xA9], [0x41], [0x42], []])
    #expect(service.requests.first?.alternatives == 0)
  }

  @Test("An answer cut at its limit reports all its tokens")
  func cut() async throws {
    let service = FakeService(events: [
      token(0x41, "A", []), token(0xC3, "", []), .end(.length, completion: 2),
    ])
    let text = try await InferenceServer(service).chat(#""logprobs": true"#).text
    #expect(text.matches(of: /"bytes":\[([0-9]+)\]/).compactMap { Int($0.1) } == [0x41, 0xC3])
  }

  private func token(
    _ token: Token, _ text: String, _ alternatives: [(Token, Float)]
  ) -> GenerationEvent {
    .token(
      GeneratedToken(
        token: token, text: text,
        logprobs: TokenLogprobs(
          chosen: .init(token: token, logprob: -0.5),
          alternatives: alternatives.map { .init(token: $0.0, logprob: $0.1) })))
  }
}
