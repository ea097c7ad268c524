import JSON
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import LoadGenerator

@Suite struct LoadTestTests {
  /// Runs a test against a server that behaves as given.
  private func run(
    _ change: (inout LoadSettings) -> Void = { _ in },
    answer: @escaping @Sendable (FakeServer.Request, FakeServer.Reply) -> Void
  ) async throws -> (report: LoadReport, server: FakeServer) {
    let server = try await FakeServer(answer)
    let report = try await LoadTest(settings: settings(server, change)).run()
    try await server.stop()
    return (report, server)
  }

  private func settings(
    _ server: FakeServer, _ change: (inout LoadSettings) -> Void = { _ in }
  ) throws -> LoadSettings {
    var settings = LoadSettings(
      endpoint: try Endpoint(url: server.url), prompts: Prompts(words: 3, seed: 1))
    settings.requests = 12
    settings.load = .closedLoop(clients: 4)
    settings.timeout = .seconds(120)
    change(&settings)
    return settings
  }

  @Test("A closed loop has as many requests under way as clients, on as many connections")
  func closedLoop() async throws {
    let gate = Gate(size: 4)
    let (report, server) = try await run { _, reply in
      gate.enter { reply.send(FakeServer.answer) }
    }
    #expect(report.completed == 12 && report.failed == 0)
    #expect(server.requests.count == 12)
    #expect((4...5).contains(server.connections))
    #expect(report.measurement.completionTokens == 24)
    #expect(report.measurement.promptTokens == 240)
    #expect(report.measurement.interTokenLatency.count == 12)
    #expect(report.model == "fake")
    #expect(Set(server.requests.map(\.body)).count == 12)
  }

  @Test(
    "An open loop sends all requests though none is answered, and counts from when they are due")
  func openLoop() async throws {
    let gate = Gate(size: 20)
    let (report, _) = try await run {
      $0.requests = 20
      $0.load = .openLoop(rate: 400, pattern: .constant)
    } answer: { _, reply in
      gate.enter { reply.send(FakeServer.answer) }
    }
    #expect(report.completed == 20)
    // The first is due at once, and all are answered after the last is sent.
    #expect(report.measurement.timeToFirstToken.longest ?? .zero >= .seconds(19.0 / 400))
  }

  @Test("A duration ends an open loop at the last arrival before it")
  func duration() async throws {
    let (report, server) = try await run {
      $0.requests = nil
      $0.duration = .milliseconds(50)
      $0.load = .openLoop(rate: 100, pattern: .constant)
    } answer: { _, reply in
      reply.send(FakeServer.answer)
    }
    #expect(report.completed == 5 && server.requests.count == 5)
  }

  @Test("A duration ends a closed loop, and what is under way is waited for")
  func closedLoopDuration() async throws {
    let (report, server) = try await run {
      $0.requests = nil
      $0.duration = .milliseconds(50)
    } answer: { _, reply in
      reply.send(FakeServer.answer, after: .milliseconds(60))
    }
    // Answers come after the time is up, so that no client may ask twice.
    #expect(server.requests.count <= 4)
    #expect(report.completed == server.requests.count)
  }

  @Test("Turns send what was said before, with the answers; the last conversation may be shorter")
  func turns() async throws {
    let (report, server) = try await run {
      $0.requests = 5
      $0.turns = 3
      $0.load = .closedLoop(clients: 1)
    } answer: { _, reply in
      reply.send(FakeServer.answer)
    }
    #expect(report.completed == 5)
    let roles = try server.requests.map { try messages(of: $0).map(\.role) }
    let (user, assistant) = ("user", "assistant")
    let conversation = [
      [user], [user, assistant, user], [user, assistant, user, assistant, user],
    ]
    #expect(roles == conversation + conversation.prefix(2))
    let last = try messages(of: server.requests[2])
    #expect(Array(last.prefix(3)) == (try messages(of: server.requests[1])))
    #expect(last[1].content == "Hello" && last[3].content == "Hello")
  }

  @Test("A turn without an answer is the last of its conversation")
  func failedTurn() async throws {
    let (report, server) = try await run {
      $0.requests = 6
      $0.turns = 3
      $0.load = .closedLoop(clients: 1)
    } answer: { request, reply in
      reply.send(request.number == 1 ? FakeServer.document("500 No", "{}") : FakeServer.answer)
    }
    #expect(report.completed == 4 && report.failed == 1)
    #expect(try messages(of: server.requests[2]).count == 1)
  }

  @Test("A warm-up is not counted, and its prompts do not come again")
  func warmup() async throws {
    let (report, server) = try await run {
      $0.warmup = 5
    } answer: { _, reply in
      reply.send(FakeServer.answer)
    }
    #expect(report.completed == 12)
    #expect(server.requests.count == 17)
    #expect(Set(server.requests.map(\.body)).count == 17)
  }

  @Test("A cancelled test reports what it has so far")
  func interrupt() async throws {
    let (held, continuation) = AsyncStream.makeStream(of: Void.self)
    let server = try await FakeServer { request, reply in
      if request.number < 6 { reply.send(FakeServer.answer) } else { continuation.yield() }
    }
    let test = LoadTest(settings: try settings(server))
    let task = Task { try await test.run() }
    var stuck = 0
    for await _ in held {
      stuck += 1
      if stuck == 4 { break }
    }
    task.cancel()
    let report = try await task.value
    #expect(report.isInterrupted)
    #expect(report.completed == 6 && report.failed == 0)
    #expect(report.measurement.unfinished == 4)
    try await server.stop()
  }

  @Test("Headers and the model's name go with each request")
  func headers() async throws {
    let (_, server) = try await run {
      $0.headers = [
        try? HeaderField(parsing: "Authorization: Bearer k"),
        try? HeaderField(parsing: "Host: a.example"),
      ].compactMap(\.self)
      $0.model = "named"
    } answer: { _, reply in
      reply.send(FakeServer.answer)
    }
    for request in server.requests {
      #expect(request.head.contains("\r\nAuthorization: Bearer k"))
      #expect(request.head.split(separator: "Host: ").count == 2)
      #expect(request.head.contains("Host: a.example"))
      #expect(request.head.hasPrefix("POST /v1/chat/completions HTTP/1.1\r\n"))
      #expect(request.body.hasPrefix("{\"model\":\"named\""))
    }
  }

  @Test("Without a model's name a server must answer for it")
  func noModel() async throws {
    let server = try await FakeServer { _, _ in }
    let url = server.url
    try await server.stop()
    let endpoint = try Endpoint(url: url)
    await #expect(throws: LoadError.self) {
      try await LoadTest(
        settings: LoadSettings(endpoint: endpoint, prompts: Prompts(words: 1, seed: 0))
      ).run()
    }
  }

  private func messages(of request: FakeServer.Request) throws -> [ChatRequest.Message] {
    guard case .object(let body) = try JSONValue(parsing: Array(request.body.utf8)),
      case .array(let messages)? = body["messages"]
    else { return [] }
    return messages.compactMap { message in
      guard case .object(let members) = message, case .string(let role)? = members["role"],
        case .string(let content)? = members["content"]
      else { return nil }
      return ChatRequest.Message(role: role, content: content)
    }
  }
}
