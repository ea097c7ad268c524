import Foundation
import GPTModel
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import InferenceServer

@Suite("Scores of texts over HTTP")
struct RerankingTests {
  /// Scores a pair by the tokens that it has.
  private static func service(contextLength: Int = 1000) -> FakeService {
    FakeService(contextLength: contextLength, tasks: [.score]) { request in
      GenerationSource.made(of: [
        .prompt(PromptReport(score: Float(request.prompt.count) / 8)),
        .end(.length, prompt: request.prompt.count, completion: 0),
      ])
    }
  }

  private let service = Self.service()

  private func send(_ path: String, _ members: String) async throws -> TestResponse {
    try await InferenceServer(service).answer(.post, path, #"{"model": "tiny.gguf", \#(members)}"#)
  }

  @Test(
    "The best documents come first, with their places and texts", arguments: ["/v1", "", "/v2"])
  func rerank(prefix: String) async throws {
    let response = try await send(
      prefix + "/rerank", #""query": "q", "documents": ["a", {"text": "abc"}, "ab", "b"]"#)
    #expect(response.status == .ok)
    let document = try response.document()
    let results = try #require(document["results"] as? [[String: Any]])
    #expect(results.map { $0["index"] as? Int } == [1, 2, 0, 3])
    #expect(results.map { $0["relevance_score"] as? Double } == [0.5, 0.375, 0.25, 0.25])
    #expect((results[0]["document"] as? [String: Any])?["text"] as? String == "abc")
    #expect((document["usage"] as? [String: Int]) == ["prompt_tokens": 11, "total_tokens": 11])
    #expect(document["model"] as? String == "org/tiny")
    #expect((document["id"] as? String)?.hasPrefix("rerank-") == true)
    #expect(service.requests.allSatisfy { $0.isScored && $0.stop.maximumTokens == 0 })
  }

  @Test("As many results as wanted are told, without texts where they are not wanted")
  func few() async throws {
    let members = #""query": "q", "documents": ["a", "abc"], "top_n": 1, "return_documents": false"#
    let document = try await send("/rerank", members).document()
    let results = try #require(document["results"] as? [[String: Any]])
    #expect(results.count == 1 && results[0]["index"] as? Int == 1 && results[0]["document"] == nil)
  }

  @Test(
    "Scores are those of one text with each of others, or of pairs",
    arguments: [
      (#""text_1": "q", "text_2": ["ab", "a"]"#, [0.375, 0.25]),
      (#""text_1": ["q", "qq"], "text_2": ["ab", "a"]"#, [0.375, 0.375]),
      (#""text_1": "q", "text_2": "abc""#, [0.5]), (#""text_1": ["q"], "text_2": ["a"]"#, [0.25]),
    ])
  func scores(members: String, expected: [Double]) async throws {
    let document = try await send("/v1/score", members).document()
    let data = try #require(document["data"] as? [[String: Any]])
    #expect(data.map { $0["score"] as? Double } == expected)
    #expect(data.map { $0["index"] as? Int } == Array(expected.indices))
    #expect(data.allSatisfy { $0["object"] as? String == "score" })
  }

  @Test(
    "What cannot be done is refused by name",
    arguments: [
      ("/rerank", #""documents": ["a"]"#, "query"), ("/rerank", #""query": "q""#, "documents"),
      ("/rerank", #""query": 7, "documents": ["a"]"#, "query"),
      ("/rerank", #""query": "", "documents": ["a"]"#, "query"),
      ("/rerank", #""query": "q", "documents": []"#, "documents"),
      ("/rerank", #""query": "q", "documents": "a""#, "documents"),
      ("/rerank", #""query": "q", "documents": ["a", 3]"#, "documents[1]"),
      ("/rerank", #""query": "q", "documents": [{"title": "a"}]"#, "documents[0].text"),
      ("/rerank", #""query": "q", "documents": ["a"], "top_n": 0"#, "top_n"),
      (
        "/rerank", #""query": "q", "documents": ["a"], "truncate_prompt_tokens": 0"#,
        "truncate_prompt_tokens"
      ),
      (
        "/rerank",
        #""query": "q", "documents": [\#((0..<10_000).map { _ in #""a""# }.joined(separator: ","))]"#,
        "documents"
      ),
      ("/score", #""text_1": ["a", "b"], "text_2": ["a", "b", "c"]"#, "text_1"),
      ("/score", #""text_1": [], "text_2": ["a"]"#, "text_1"),
      ("/score", #""text_1": "a""#, "text_2"),
      ("/score", #""text_1": "a", "text_2": {}"#, "text_2"),
      ("/score", #""text_1": "a", "text_2": [null]"#, "text_2[0]"),
    ])
  func refusals(path: String, members: String, parameter: String) async throws {
    let response = try await send(path, members)
    #expect(response.status == .badRequest)
    #expect(try response.error()["param"] as? String == parameter)
    #expect(service.requests.isEmpty)
  }

  @Test("A pair longer than the context is refused with both numbers")
  func context() async throws {
    let body = #"{"model": "org/tiny", "query": "q", "documents": ["a", "abcdef"]}"#
    let error = try await InferenceServer(Self.service(contextLength: 5))
      .answer(.post, "/v1/rerank", body).error()
    #expect(error["param"] as? String == "documents[1]")
    #expect(error["code"] as? String == "context_length_exceeded")
    #expect((error["message"] as? String)?.contains("7 tokens") == true)
  }

  @Test(
    "A request for what the model is not made for is refused in words",
    arguments: [
      ("/v1/chat/completions", #""messages": [{"role": "user", "content": "Hi"}]"#),
      ("/v1/completions", #""prompt": "Hi""#), ("/v1/responses", #""input": "Hi""#),
      ("/v1/embeddings", #""input": "Hi""#),
    ])
  func wrongTask(path: String, members: String) async throws {
    let response = try await send(path, members)
    #expect(response.status == .badRequest)
    #expect(try response.error()["code"] as? String == "unsupported_task")
    let chat = FakeService(events: [])
    let rerank = try await InferenceServer(chat).answer(
      .post, "/rerank", #"{"model": "org/tiny", "query": "q", "documents": ["a"]}"#)
    #expect(try rerank.error()["code"] as? String == "unsupported_task")
  }
}
