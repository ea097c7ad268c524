import HTTPTypes
import HummingbirdTesting
import Testing

@testable import InferenceServer

@Suite("Texts and prompts as tokens")
struct PromptsTests {
  private func post(_ path: String, _ body: String) async throws -> TestResponse {
    try await InferenceServer(FakeService(events: [])).answer(.post, path, body)
  }

  @Test(
    "A text becomes tokens in the terms of either client",
    arguments: [
      (#"{"content": "ab"}"#, "[97,98]", 2), (#"{"prompt": "ab"}"#, "[256,97,98]", 3),
      (#"{"prompt": "ab", "add_special_tokens": false}"#, "[97,98]", 2),
      (#"{"content": "ab", "add_special": true}"#, "[256,97,98]", 3),
      (#"{"content": "", "model": "org/tiny"}"#, "[]", 0),
    ])
  func tokenize(body: String, tokens: String, count: Int) async throws {
    for path in ["/tokenize", "/v1/tokenize"] {
      #expect(
        try await post(path, body).text
          == #"{"tokens":\#(tokens),"count":\#(count),"max_model_len":1000}"#)
    }
  }

  @Test("Pieces are text where they can be, and bytes where not")
  func pieces() async throws {
    let response = try await post("/tokenize", #"{"content": "aé", "with_pieces": true}"#)
    #expect(
      response.text.hasPrefix(
        #"{"tokens":[{"id":97,"piece":"a"},{"id":195,"piece":[195]},{"id":169,"piece":[169]}],"#))
    let strings = try await post("/tokenize", #"{"content": "ab", "return_token_strs": true}"#)
    #expect(strings.text.hasSuffix(#""token_strs":["a","b"]}"#))
  }

  @Test("A conversation is counted as chat would count it")
  func conversation() async throws {
    let document = try await post(
      "/tokenize", #"{"messages": [{"role": "user", "content": "hi"}]}"#
    ).document()
    #expect(document["count"] as? Int == 19)
  }

  @Test("Tokens become text, control tokens their names")
  func detokenize() async throws {
    let response = try await post("/detokenize", #"{"tokens": [195, 169, 257.0, 97]}"#)
    #expect(response.text == #"{"content":"é<|end|>a","prompt":"é<|end|>a"}"#)
    #expect(try await post("/detokenize", #"{"tokens": []}"#).text.contains(#""content":"""#))
  }

  @Test("A conversation is shown as the model sees it")
  func render() async throws {
    let message = #"{"role": "user", "content": "hi"}"#
    let whole = try await post("/apply-template", #"{"messages": [\#(message)]}"#)
    #expect(whole.text == #"{"prompt":"<user>hi<assistant>"}"#)
    let bare = try await post(
      "/apply-template", #"{"messages": [\#(message)], "add_generation_prompt": false}"#)
    #expect(bare.text == #"{"prompt":"<user>hi"}"#)
  }

  @Test(
    "What is not sound is refused by name",
    arguments: [
      ("/tokenize", BadField("{}", "content")),
      ("/tokenize", BadField(#"{"content": 5}"#, "content")),
      ("/tokenize", BadField(#"{"content": "a", "with_pieces": 1}"#, "with_pieces")),
      ("/tokenize", BadField(#"{"messages": []}"#, "messages")),
      ("/detokenize", BadField("{}", "tokens")),
      ("/detokenize", BadField(#"{"tokens": "a"}"#, "tokens")),
      ("/detokenize", BadField(#"{"tokens": [258]}"#, "tokens")),
      ("/detokenize", BadField(#"{"tokens": [-1]}"#, "tokens")),
      ("/detokenize", BadField(#"{"tokens": [true]}"#, "tokens")),
      ("/apply-template", BadField("{}", "messages")),
    ])
  func refused(path: String, field: BadField) async throws {
    let response = try await post(path, field.members)
    #expect(response.status == .badRequest)
    #expect(try response.error()["param"] as? String == field.parameter)
  }

  @Test("Another model is not found")
  func otherModel() async throws {
    #expect(try await post("/tokenize", #"{"content": "a", "model": "b"}"#).status == .notFound)
  }
}
