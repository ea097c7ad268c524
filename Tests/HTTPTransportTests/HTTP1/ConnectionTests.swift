import HTTPTestSupport
import Testing

@testable import HTTPTransport

@Suite("Connections", .timeLimit(.minutes(10)))
struct ConnectionTests {
  @Test("A client that waits for permission to send its body gets it")
  func permission() async throws {
    try await serve { client in
      let body = #"{"messages": []}"#
      try await client.send(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
          + "Content-Length: \(body.utf8.count)\r\n\r\n")
      #expect(try await client.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 100 Continue\r\n"))
      try await client.send(body)
      #expect(
        try await client.read(through: TestRoutes.health).hasPrefix("HTTP/1.1 200 OK\r\n"))
    }
  }

  @Test("A body declared too large is refused before it is sent, and the connection ends")
  func tooLarge() async throws {
    try await serve { client in
      try await client.send(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
          + "Content-Length: 104857599\r\n\r\n")
      let answer = try await client.rest()
      #expect(answer.hasPrefix("HTTP/1.1 413 "))
      #expect(answer.contains(#""code":"request_too_large""#))
    }
  }

  @Test(
    "Too many or too large headers are refused with their own status",
    arguments: [
      String(repeating: "A: b\r\n", count: 200),
      "A: " + String(repeating: "b", count: 40_000) + "\r\n",
    ])
  func headers(fields: String) async throws {
    try await serve { client in
      try await client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n")
      let answer = try await client.rest()
      #expect(answer.hasPrefix("HTTP/1.1 431 "))
      #expect(answer.contains(#"{"error":{"message":"#))
    }
  }

  @Test(
    "What is no HTTP is refused",
    arguments: [
      "hello\r\n\r\n", "GET /health HTTP/1.1\r\nHost: localhost\r\nA\u{0}: b\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    ])
  func malformed(request: String) async throws {
    try await serve { client in
      try await client.send(request)
      let answer = try await client.rest()
      #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
      #expect(answer.contains(#"{"error":{"message":"#))
    }
  }

  @Test("A body in chunks is read")
  func chunked() async throws {
    try await serve { client in
      let body = #"{"messages": []}"#
      let half = body.utf8.count / 2
      let pieces = [String(body.prefix(half)), String(body.dropFirst(half))]
      try await client.send(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
          + pieces.map { "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n" }.joined() + "0\r\n\r\n"
      )
      #expect(
        try await client.read(through: TestRoutes.health).hasPrefix("HTTP/1.1 200 OK\r\n"))
    }
  }

  private func serve(
    _ talk: @escaping @Sendable (inout RawClient) async throws -> Void
  ) async throws {
    try await LiveTransport.run(TestRoutes.server) { port in
      try await RawClient.connect(port: port, talk)
    }
  }
}
