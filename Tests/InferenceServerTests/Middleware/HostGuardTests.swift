import HTTPTestSupport
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import InferenceServer

@Suite("Host and Origin")
struct HostGuardTests {
  @Test(
    "On loopback, only the machine's own names are answered",
    arguments: [
      ("127.0.0.1", 200), ("127.0.0.1:8080", 200), ("localhost:1", 200), ("LOCALHOST", 200),
      ("[::1]", 200), ("[::1]:8080", 200), ("127.9.9.9", 200), ("good.example:80", 200),
      ("evil.example", 403), ("127.0.0.1.evil", 403), ("127.0.0.1.evil:8080", 403),
      ("localhost.evil", 403), ("[::1].evil", 403), ("127.0.0.256", 403),
      ("good.example.evil", 403),
      ("evil@127.0.0.1", 400), ("127.0.0.1/evil", 400),
    ])
  func hosts(host: String, status: Int) async throws {
    var configuration = ServerConfiguration()
    configuration.allowedHosts = ["good.example"]
    let server = InferenceServer(FakeService(events: []), configuration: configuration)
    #expect(try await statusLine(server, host: host) == status)
  }

  @Test("Beyond loopback, every name is answered unless some are named")
  func open() async throws {
    var configuration = ServerConfiguration()
    configuration.host = "0.0.0.0"
    let open = InferenceServer(FakeService(events: []), configuration: configuration)
    #expect(try await statusLine(open, host: "any.example") == 200)
    configuration.allowedHosts = ["good.example"]
    let named = InferenceServer(FakeService(events: []), configuration: configuration)
    #expect(try await statusLine(named, host: "any.example") == 403)
    #expect(try await statusLine(named, host: "good.example") == 200)
  }

  @Test("A request without a Host, or with two, is malformed")
  func count() async throws {
    let server = InferenceServer(FakeService(events: []))
    #expect(try await status(server, "GET /health HTTP/1.1\r\n\r\n") == 400)
    #expect(
      try await status(
        server, "GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n") == 400)
  }

  @Test(
    "A foreign page is refused, whatever it sends",
    arguments: [
      "http://evil.example", "null", "http://localhost.evil.com", "http://localhost:3000", "",
    ])
  func foreign(origin: String) async throws {
    let server = InferenceServer(FakeService(events: .tokensThenEnd("H")))
    let response = try await server.chat(headers: [.origin: origin, .contentType: "text/plain"])
    #expect(response.status == .forbidden)
    #expect(try response.error()["type"] as? String == "permission_error")
    #expect(response.headers[.accessControlAllowOrigin] == nil)
    let preflight = try await server.answer(
      .options, "/v1/chat/completions", headers: [.origin: origin])
    #expect(preflight.status == .forbidden)
  }

  @Test("The server's own page and allowed ones are answered, errors included")
  func allowed() async throws {
    var configuration = ServerConfiguration()
    configuration.allowedOrigins = ["https://chat.example"]
    let server = InferenceServer(
      FakeService(events: .tokensThenEnd("H")), configuration: configuration)
    for origin in ["https://chat.example", "http://localhost"] {
      let response = try await server.chat(headers: [.origin: origin])
      #expect(response.status == .ok)
      #expect(response.headers[.accessControlAllowOrigin] == origin)
      let preflight = try await server.answer(
        .options, "/v1/chat/completions", headers: [.origin: origin])
      #expect(preflight.status == .noContent)
      #expect(preflight.headers[.accessControlAllowMethods] == "GET, POST, OPTIONS")
      let error = try await server.answer(.get, "/nothing", headers: [.origin: origin])
      #expect(error.status == .notFound)
      #expect(error.headers[.accessControlAllowOrigin] == origin)
    }
  }

  private func statusLine(_ server: InferenceServer, host: String) async throws -> Int? {
    try await status(server, "GET /health HTTP/1.1\r\nHost: \(host)\r\n\r\n")
  }

  private func status(_ server: InferenceServer, _ request: String) async throws -> Int? {
    try await server.application().test(.live) { client in
      try await RawClient.connect(port: try #require(client.port)) { client in
        try await client.send(request)
        return Int(try await client.read(through: "\r\n").dropFirst(9).prefix(3))
      }
    }
  }
}
