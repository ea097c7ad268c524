import Testing

@testable import LoadGenerator

@Suite struct HostileServerTests {
  /// The failures of two requests, one after the other, to a server that behaves as given.
  private func failures(
    timeout: Duration = .seconds(120),
    answer: @escaping @Sendable (FakeServer.Request, FakeServer.Reply) -> Void
  ) async throws -> (kinds: [RequestFailure.Kind: Int], server: FakeServer) {
    let server = try await FakeServer(answer)
    let report = try await report(from: server.url, timeout: timeout)
    try await server.stop()
    #expect(report.completed + report.failed == 2)
    return (report.measurement.failures.mapValues(\.count), server)
  }

  private func report(from url: String, timeout: Duration = .seconds(120)) async throws
    -> LoadReport
  {
    var settings = LoadSettings(
      endpoint: try Endpoint(url: url), prompts: Prompts(words: 1, seed: 0))
    settings.model = "m"
    settings.requests = 2
    settings.load = .closedLoop(clients: 1)
    settings.timeout = timeout
    return try await LoadTest(settings: settings).run()
  }

  @Test("Nobody listens: connection refused")
  func refused() async throws {
    let server = try await FakeServer { _, _ in }
    let url = server.url
    try await server.stop()
    let report = try await report(from: url)
    #expect(report.measurement.failures.mapValues(\.count) == [.connectionRefused: 2])
  }

  @Test("A server that says nothing, or stops in the middle: timeout", arguments: [true, false])
  func stall(silent: Bool) async throws {
    let (kinds, server) = try await failures(timeout: .seconds(2)) { _, reply in
      if !silent { reply.send(FakeServer.streamHead + FakeServer.piece("a")) }
    }
    #expect(kinds == [.timeout: 2])
    #expect(server.connections == 2)
  }

  @Test(
    "A connection that ends before the answer: connection reset",
    arguments: ["", "HTTP/1.1 200", FakeServer.streamHead, FakeServer.streamHead + "5\r\nab"],
    [true, false])
  func closed(sent: String, resets: Bool) async throws {
    let (kinds, _) = try await failures { _, reply in
      if !sent.isEmpty { reply.send(sent) }
      if resets { reply.reset() } else { reply.close() }
    }
    #expect(kinds == [.connectionReset: 2])
  }

  @Test(
    "An answer that is no event stream, or no HTTP: bad stream",
    arguments: [
      FakeServer.streamHead + FakeServer.chunk("data: {\n\n"),
      FakeServer.streamHead + FakeServer.piece("a") + FakeServer.streamEnd,
      FakeServer.streamHead + FakeServer.chunk("data: [DONE]\n\n") + FakeServer.streamEnd,
      FakeServer.streamHead + "zz\r\n", FakeServer.document("200 OK", "{}"),
      "\u{0}\u{1}nonsense\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
    ])
  func badStream(sent: String) async throws {
    let (kinds, _) = try await failures { _, reply in reply.send(sent) }
    #expect(kinds == [.badStream: 2])
  }

  @Test("An endless line, in the stream or in the head: bad stream, with bounded memory")
  func endlessLines() async throws {
    let block = String(repeating: "x", count: 1 << 16)
    for beginning in [FakeServer.streamHead + "ffffffff\r\ndata: ", "HTTP/1.1 200 OK\r\nX: "] {
      let (kinds, _) = try await failures { _, reply in
        reply.send(beginning)
        for _ in 0..<64 { reply.send(block) }
      }
      #expect(kinds == [.badStream: 2])
    }
  }

  @Test("A refusal has its status, and its connection serves the next request")
  func status() async throws {
    let (kinds, server) = try await failures { request, reply in
      reply.send(
        request.number == 0
          ? FakeServer.document("503 Busy", "{\"error\":\"full\"}") : FakeServer.answer)
    }
    #expect(kinds == [.status(503): 1])
    #expect(server.connections == 1)
  }

  @Test("A server that closes after each answer is asked on a new connection")
  func closesPolitely() async throws {
    let (kinds, server) = try await failures { _, reply in
      reply.send(
        FakeServer.answer.replacing("200 OK\r\n", with: "200 OK\r\nConnection: close\r\n"))
      reply.close()
    }
    #expect(kinds.isEmpty)
    #expect(server.connections == 2)
  }

  @Test("Bytes after an answer do not become the next answer")
  func excess() async throws {
    let (kinds, server) = try await failures { _, reply in
      reply.send(FakeServer.answer + FakeServer.answer)
    }
    #expect(kinds.isEmpty || kinds == [.connectionReset: 1] || kinds == [.badStream: 1])
    #expect(server.requests.count <= 2)
  }
}
