import Foundation
import GPTModel
import HTTPTypes
import HummingbirdTesting
import Testing
import Tokenizers

@testable import InferenceServer

@Suite("Filling gaps as llama.cpp's server does")
struct InfillTests {
  private func service(_ events: [GenerationEvent] = .tokensThenEnd("Hi")) -> FakeService {
    let marks = FillInMarks(before: "<p>", behind: "<s>", middle: "<m>", ends: [70])
    return FakeService(fillInMarks: marks) { _ in GenerationSource.made(of: events) }
  }

  private func send(_ members: String, to service: FakeService) async throws -> TestResponse {
    try await InferenceServer(service).answer(
      .post, "/infill", #"{"model": "tiny.gguf", \#(members)}"#)
  }

  @Test("The prompt has other files, both texts, and how the gap begins")
  func prompt() async throws {
    let service = service()
    let response = try await send(
      #"""
      "input_extra": [{"filename": "a.c", "text": "int a;"}], "input_prefix": "b", "input_suffix": "c",
      "prompt": "d", "n_predict": 3
      """#, to: service)
    #expect(response.status == .ok)
    #expect(service.prompts == ["a.c\nint a;\n<p>b<s>c<m>d"])
    #expect(service.sources.filter { $0 == .template }.count == 3)
    #expect(service.requests.first?.stop.tokens == [70])
    #expect(service.requests.first?.stop.maximumTokens == 3)
    let document = try response.document()
    #expect(document["content"] as? String == "Hi")
    #expect(document["stop_type"] as? String == "eos" && document["stop"] as? Bool == true)
    #expect(document["tokens_predicted"] as? Int == 3)
    #expect((document["timings"] as? [String: Any])?["predicted_n"] as? Int == 3)
  }

  @Test("Without any text there are the marks only")
  func empty() async throws {
    let service = service()
    #expect(try await send(#""input_prefix": "" "#, to: service).status == .ok)
    #expect(service.prompts == ["<p><s><m>"])
  }

  @Test("A stream has a document for each piece, of which the last tells the end")
  func stream() async throws {
    let response = try await send(#""input_prefix": "a", "stream": true"#, to: service())
    let lines = response.text.split(separator: "\n\n").map { $0.dropFirst("data: ".count) }
    let documents = try lines.map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(documents.compactMap { $0["content"] as? String }.joined() == "Hi")
    #expect(documents.map { $0["stop"] as? Bool } == [false, false, true])
  }

  @Test(
    "What cannot be done is refused by name",
    arguments: [
      (#""n": 2"#, "n"), (#""input_prefix": 5"#, "input_prefix"),
      (#""input_extra": [5]"#, "input_extra[0]"), (#""input_extra": [{}]"#, "input_extra[0].text"),
      (#""prompt": ["a"]"#, "prompt"),
    ])
  func refusals(members: String, parameter: String) async throws {
    let response = try await send(members, to: service())
    #expect(response.status == .badRequest)
    #expect(try response.error()["param"] as? String == parameter)
  }

  @Test("A model without marks says so")
  func noMarks() async throws {
    let response = try await send(#""input_prefix": "a""#, to: FakeService(events: []))
    #expect(response.status == .badRequest)
    #expect(try response.error()["param"] as? String == "input_suffix")
  }
}
