import Foundation
import GPTModel
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import InferenceServer

@Suite("Embeddings over HTTP")
struct EmbeddingsTests {
  /// Embeds a prompt as its first token and three numbers that are the same for all.
  private let service = FakeService { request in
    let vector = [Float(request.prompt[0]), 3, -4, 0.5]
    return GenerationSource.made(of: [
      .prompt(PromptReport(embedding: vector)),
      .end(.length, prompt: request.prompt.count, completion: 0),
    ])
  }

  private func send(_ members: String) async throws -> TestResponse {
    try await InferenceServer(service).answer(
      .post, "/v1/embeddings", #"{"model": "org/tiny", \#(members)}"#)
  }

  @Test("One document has a vector for each text, in their order, and the tokens read")
  func document() async throws {
    let response = try await send(#""input": ["ab", "b"]"#)
    #expect(
      response.text
        == #"{"object":"list","data":[{"object":"embedding","index":0,"embedding":"#
        + #"[97.0,3.0,-4.0,0.5]},{"object":"embedding","index":1,"embedding":[98.0,3.0,-4.0,0.5]}],"#
        + #""model":"org/tiny","usage":{"prompt_tokens":3,"total_tokens":3}}"#)
    #expect(service.requests.allSatisfy { $0.pooling == .mean && $0.stop.maximumTokens == 0 })
  }

  @Test("In base64, vectors are the bytes of little-endian float32")
  func base64() async throws {
    let document = try await send(#""input": [[7, 8]], "encoding_format": "base64""#).document()
    let data = try #require((document["data"] as? [[String: Any]])?.first)
    let text = try #require(data["embedding"] as? String)
    let bytes = try #require(Data(base64Encoded: text))
    #expect(Array(bytes) == [0, 0, 0xE0, 0x40, 0, 0, 0x40, 0x40, 0, 0, 0x80, 0xC0, 0, 0, 0, 0x3F])
  }

  @Test("Fewer dimensions are the first ones, of length one again")
  func dimensions() async throws {
    let document = try await send(#""input": [4], "dimensions": 2, "pooling": "last""#).document()
    let data = try #require((document["data"] as? [[String: Any]])?.first)
    #expect(
      data["embedding"] as? [Double] == [0.8, 0.6].map { Double(Float($0)) }
        || data["embedding"] as? [Double] == [0.8, 0.6])
    #expect(service.requests.last?.pooling == .last)
  }

  @Test("A prompt by name stands before each text, and texts may be cut at their ends")
  func prompts() async throws {
    _ = try await send(#""input": ["abc"], "prompt_name": "query", "truncate_prompt_tokens": 4"#)
    #expect(service.prompts == ["q:ab"])
    let error = try await send(#""input": "a", "prompt_name": "passage""#).error()
    #expect(error["param"] as? String == "prompt_name")
    #expect((error["message"] as? String)?.contains("one of query") == true)
  }

  @Test("Thousands of texts are computed some at a time, and keep their places")
  func many() async throws {
    let inputs = (0..<2048).map { "[\($0 % 256)]" }.joined(separator: ",")
    let document = try await send(#""input": [\#(inputs)]"#).document()
    let data = try #require(document["data"] as? [[String: Any]])
    #expect(data.count == 2048)
    for (index, entry) in data.enumerated() {
      #expect((entry["embedding"] as? [Double])?.first == Double(index % 256))
    }
  }

  @Test(
    "What cannot be done is refused by name",
    arguments: [
      (#""input": []"#, "input"), (#""input": """#, "input"), (#""input": ["a", ""]"#, "input"),
      (#""x": 1"#, "input"), (#""input": null"#, "input"), (#""input": [[]]"#, "input[0]"),
      (#""input": [258]"#, "input"), (#""input": "a", "dimensions": 0"#, "dimensions"),
      (#""input": "a", "dimensions": 2.5"#, "dimensions"),
      (#""input": "a", "encoding_format": "int8""#, "encoding_format"),
      (#""input": "a", "pooling": "max""#, "pooling"),
      (#""input": [\#((0..<2049).map { _ in #""a""# }.joined(separator: ","))]"#, "input"),
    ])
  func refusals(members: String, parameter: String) async throws {
    let response = try await send(members)
    #expect(response.status == .badRequest)
    #expect(try response.error()["param"] as? String == parameter)
    #expect(service.requests.isEmpty)
  }

  @Test("A text longer than the context is refused with both numbers")
  func context() async throws {
    let body = #"{"model": "org/tiny", "input": ["a", "abcdef"]}"#
    let service = FakeService(contextLength: 5, events: [])
    let error = try await InferenceServer(service).answer(.post, "/v1/embeddings", body).error()
    #expect(error["param"] as? String == "input[1]")
    #expect(error["code"] as? String == "context_length_exceeded")
    #expect((error["message"] as? String)?.contains("6 tokens") == true)
    #expect((error["message"] as? String)?.contains("room for 5") == true)
  }
}
