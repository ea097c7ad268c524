import GPTModel
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import InferenceServer

@Suite("Who may call")
struct AccessGuardTests {
  private static let key = "sk-0123456789abcdef"
  private static let authorized: HTTPFields = [.authorization: "Bearer \(key)"]

  private func server(
    _ service: FakeService = FakeService(events: .tokensThenEnd("H")), perMinute: Int? = nil
  ) throws -> InferenceServer {
    var configuration = ServerConfiguration()
    configuration.requestsPerMinute = perMinute
    configuration.allowedOrigins = ["https://chat.example"]
    let keys = try APIKeys(file: nil, text: "ann:\(Self.key),bob:sk-fedcba9876543210")
    return InferenceServer(service, configuration: configuration, keys: keys)
  }

  @Test("Every address but health wants a key, and takes it in two headers")
  func addresses() async throws {
    let server = try server()
    for endpoint in server.routes.endpoints where endpoint.path != "/" {
      let path = endpoint.path.replacing("**", with: "org/tiny")
      for path in [path, "/v1" + path, path + "/"] {
        let none = try await server.answer(endpoint.method, path).status
        let known = try await server.answer(endpoint.method, path, headers: Self.authorized).status
        let other = try await server.answer(endpoint.method, path, headers: [.apiKey: Self.key])
        #expect(known != .unauthorized && other.status == known)
        #expect(none == (endpoint.path.hasPrefix("/health") ? known : .unauthorized), "\(path)")
      }
    }
    #expect(server.routes.endpoints.count > 5)
  }

  @Test(
    "No key, a wrong one, and a right one in the wrong place get the same answer",
    arguments: [
      [:], [.authorization: "Bearer sk-0123456789abcdeX"], [.authorization: "Bearer "],
      [.authorization: "Basic \(key)"], [.authorization: "Bearer bob"], [.apiKey: "ann"],
      [.apiKey: "ann:\(key)"],
      [.authorization: "Bearer sk-wrong-wrong-wrong", .apiKey: key],
      HTTPFields([
        HTTPField(name: .authorization, value: "Bearer \(key)"),
        HTTPField(name: .authorization, value: "Bearer \(key)"),
      ]),
    ] as [HTTPFields])
  func refusals(headers: HTTPFields) async throws {
    let server = try server()
    var headers = headers
    headers[.requestID] = "same"
    let path = "/v1/chat/completions?api_key=\(Self.key)&key=\(Self.key)"
    let answer = try await server.answer(
      .post, path, InferenceServer.conversation(), headers: headers)
    let expected = try await server.answer(.get, "/metrics", headers: [.requestID: "same"])
    #expect(answer.status == .unauthorized)
    #expect(answer.body == expected.body)
    #expect(answer.headers == expected.headers)
    #expect(answer.headers[.wwwAuthenticate] == "Bearer")
    #expect(try answer.error()["code"] as? String == "invalid_api_key")
  }

  @Test(
    "An address that only looks open is not",
    arguments: [
      "/health/../metrics", "/healthy", "/metrics/health", "/%68ealth/../v1/models",
      "/v1/v1/health",
      "/v2/health", "//v1//models",
    ])
  func detours(path: String) async throws {
    let status = try await server().answer(.get, path).status
    #expect(status == .unauthorized || status == .notFound)
  }

  @Test("The engine learns the key's name, not the key")
  func tenant() async throws {
    let service = FakeService(events: .tokensThenEnd("H"))
    let server = try server(service)
    #expect(try await server.chat(headers: Self.authorized).status == .ok)
    #expect(try await server.chat(headers: [.apiKey: Self.key]).status == .ok)
    #expect(service.requests.map(\.terms.client) == ["ann", "ann"])
  }

  @Test("A page may ask without a key what it may send, and read why it was refused")
  func preflight() async throws {
    let server = try server()
    let preflight = try await server.answer(
      .options, "/v1/chat/completions", headers: [.origin: "https://chat.example"])
    #expect(preflight.status == .noContent)
    #expect(preflight.headers[.accessControlAllowMethods] == "GET, POST, OPTIONS")
    #expect(preflight.headers[.accessControlAllowHeaders] == "authorization, *")
    let refusal = try await server.chat(headers: [.origin: "https://chat.example"])
    #expect(refusal.status == .unauthorized)
    #expect(refusal.headers[.accessControlAllowOrigin] == "https://chat.example")
    #expect(
      refusal.headers[.accessControlExposeHeaders]
        == "x-request-id, retry-after, x-apus-seed, x-apus-relaxed")
    #expect(refusal.headers[.vary] == "Origin")
  }

  @Test("A key that is used too often has to wait; others need not")
  func rates() async throws {
    let server = try server(perMinute: 2)
    let application = server.application()
    try await application.test(.router) { client in
      func ask(
        _ headers: HTTPFields, of path: String = "/v1/models"
      ) async throws -> TestResponse {
        try await client.executeRequest(uri: path, method: .get, headers: headers, body: nil)
      }
      for status in [200, 200, 429, 429] {
        let response = try await ask(Self.authorized)
        #expect(response.status.code == status)
        guard status == 429 else { continue }
        let wait = try #require(response.headers[.retryAfter].flatMap { Int($0) })
        #expect((1...30).contains(wait))
        #expect(try response.error()["type"] as? String == "rate_limit_error")
      }
      for _ in 0..<3 {
        #expect(try await ask(Self.authorized, of: "/metrics").status == .ok)
      }
      #expect(try await ask([.apiKey: "sk-fedcba9876543210"]).status == .ok)
      #expect(try await ask([:]).status == .unauthorized)
    }
  }

  @Test("Without keys anybody may call, as whom they say they are")
  func open() async throws {
    let service = FakeService(events: .tokensThenEnd("H"))
    let server = InferenceServer(service)
    #expect(try await server.chat().status == .ok)
    #expect(try await server.chat(headers: Self.authorized).status == .ok)
    #expect(service.requests.map(\.terms.client) == ["", Self.key])
  }
}
