import GPTModel
import HTTPTestSupport
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import InferenceServer

@Suite("Routes")
struct RoutesTests {
  private let server = InferenceServer(FakeService(events: .tokensThenEnd("H")))

  @Test(
    "Health answers to GET and HEAD, on both paths",
    arguments: ["/health/ready", "/v1/health/ready", "/health/live", "/v1/health/live/"])
  func health(path: String) async throws {
    let response = try await server.answer(.get, path)
    #expect(response.status == .ok)
    #expect(response.text == #"{"status":"ok"}"#)
    let head = try await server.answer(.head, path)
    #expect(head.status == .ok)
    #expect(head.body.readableBytes == 0)
    #expect(head.headers[.contentLength] == "15")
  }

  @Test(
    "The model is found by any of its names, slashes and escapes included",
    arguments: [
      "/v1/models/org/tiny", "/models/org/tiny", "/v1/models/org%2Ftiny", "/v1/models/tiny.gguf",
      "/v1/models/%6frg/tiny/",
    ])
  func model(path: String) async throws {
    let response = try await server.answer(.get, path)
    #expect(response.status == .ok)
    #expect(
      response.text
        == #"{"id":"org/tiny","object":"model","created":1700000000,"owned_by":"apus","#
        + #""root":"org/tiny","parent":null,"max_model_len":1000,"#
        + #""tasks":["generate","embed"],"prompts":{"query":"q:"},"#
        + #""sampling":{"temperature":1.0,"top_p":1.0,"top_k":0,"min_p":0.0,"repetition_penalty":1.0},"#
        + #""meta":{"vocab_type":2,"n_vocab":258}}"#)
  }

  @Test("The list has the one model", arguments: ["/v1/models", "/models", "/v1/models/"])
  func list(path: String) async throws {
    let document = try await server.answer(.get, path).document()
    #expect(document["object"] as? String == "list")
    let data = document["data"] as? [[String: Any]]
    #expect(data?.map { $0["id"] as? String } == ["org/tiny"])
  }

  @Test(
    "Another model is not found",
    arguments: [
      "/v1/models/other", "/v1/models/../../etc/passwd", "/v1/models/a%00b",
    ])
  func noModel(path: String) async throws {
    let response = try await server.answer(.get, path)
    #expect(response.status == .notFound)
    #expect(try response.error()["code"] as? String == "model_not_found")
    let chat = try await server.answer(
      .post, "/v1/chat/completions",
      #"{"model": "\#(path)", "messages": [{"role": "user", "content": "a"}]}"#)
    #expect(chat.status == .notFound)
    #expect(try chat.error()["param"] as? String == "model")
  }

  @Test("A long name comes back cut")
  func longName() async throws {
    let name = String(repeating: "é", count: 5000)
    let chat = try await server.answer(
      .post, "/v1/chat/completions",
      #"{"model": "\#(name)", "messages": [{"role": "user", "content": "a"}]}"#)
    #expect(chat.status == .notFound)
    #expect(chat.body.readableBytes < 400)
  }

  @Test(
    "An unknown address is a JSON 404",
    arguments: ["/v1", "/v1/nothing", "/v2/models", "/index.html"])
  func unknown(path: String) async throws {
    let response = try await server.answer(.get, path)
    #expect(response.status == .notFound)
    #expect(response.headers[.contentType] == "application/json; charset=utf-8")
    #expect(Set(try response.error().keys) == ["message", "type", "param", "code"])
  }

  @Test(
    "A wrong method is a JSON 405 that names the right ones",
    arguments: [
      (HTTPRequest.Method.get, "/v1/chat/completions", "OPTIONS, POST"),
      (.delete, "/v1/models", "GET, HEAD, OPTIONS"),
      (.post, "/health", "GET, HEAD, OPTIONS"),
      (.put, "/v1/models/org/tiny", "GET, HEAD, OPTIONS"),
    ])
  func wrongMethod(method: HTTPRequest.Method, path: String, allowed: String) async throws {
    let response = try await server.answer(method, path)
    #expect(response.status == .methodNotAllowed)
    #expect(response.headers[.allow] == allowed)
    #expect(try response.error()["code"] as? String == "method_not_allowed")
  }

  @Test(
    "A body that is no JSON object is a 400, and never more",
    arguments: [
      "", "null", "[]", "\"x\"", "{", "{\"a\":1,}", "{} {}", "{\"model\":NaN}", "{\"a\":1e400}",
      "{\"a\":\"\\ud800\"}", String(repeating: "[", count: 100_000),
    ])
  func malformed(body: String) async throws {
    let response = try await server.answer(.post, "/v1/chat/completions", body)
    #expect(response.status == .badRequest)
    #expect(try response.error()["type"] as? String == "invalid_request_error")
    #expect(response.body.readableBytes < 400)
  }

  @Test("A name that stands twice is refused by its own code")
  func duplicate() async throws {
    let body = #"{"model": "org/tiny", "mod\u0065l": "other", "messages": []}"#
    let response = try await server.answer(.post, "/v1/chat/completions", body)
    #expect(response.status == .badRequest)
    #expect(try response.error()["code"] as? String == "duplicate_key")
  }

  @Test("A body is read whatever type it claims")
  func mediaType() async throws {
    let form = try await server.chat(
      headers: [.contentType: "application/x-www-form-urlencoded"])
    #expect(form.status == .ok)
  }

  @Test("A body of the largest size is read, a larger one is refused and the connection ends")
  func bodyLimit() async throws {
    var configuration = ServerConfiguration()
    let body = InferenceServer.conversation()
    configuration.maximumBodyBytes = body.utf8.count
    let server = InferenceServer(
      FakeService(events: .tokensThenEnd("H")), configuration: configuration)
    #expect(try await server.answer(.post, "/v1/chat/completions", body).status == .ok)
    let response = try await server.answer(.post, "/v1/chat/completions", body + " ")
    #expect(response.status == .contentTooLarge)
    #expect(response.headers[.connection] == "close")
    #expect(try response.error()["code"] as? String == "request_too_large")
  }

  @Test("A request keeps its own name, or gets one")
  func names() async throws {
    let own = try await server.answer(.get, "/health", headers: [.requestID: "abc-123"])
    #expect(own.headers[.requestID] == "abc-123")
    let none = try await server.answer(.get, "/nothing")
    let name = try #require(none.headers[.requestID])
    #expect(name.wholeMatch(of: /req_[0-9a-f]{24}/) != nil)
    let next = try await server.answer(.get, "/health")
    #expect(next.headers[.requestID] != name)
    for unsound in ["a b", "é", String(repeating: "a", count: 129), ""] {
      let response = try await server.answer(.get, "/health", headers: [.requestID: unsound])
      #expect(response.headers[.requestID]?.hasPrefix("req_") == true)
    }
  }

  @Test("Routes can be added to another application, below a path")
  func mounted() async throws {
    let router = Router()
    router.get("/own") { _, _ in "own" }
    server.addRoutes(to: router, below: "/llm")
    try await Application(router: router, logger: silent).test(.router) { client in
      let own = try await client.execute(uri: "/own", method: .get)
      #expect(own.text == "own")
      let chat = try await client.execute(
        uri: "/llm/v1/chat/completions", method: .post,
        body: ByteBuffer(string: InferenceServer.conversation()))
      #expect(chat.status == .ok)
      #expect(try await client.execute(uri: "/v1/models", method: .get).status == .notFound)
      #expect(try await client.execute(uri: "/llm", method: .get).status == .notFound)
    }
  }
}
