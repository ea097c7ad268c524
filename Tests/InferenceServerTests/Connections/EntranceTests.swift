import Testing

@testable import InferenceServer

@Suite("The entrance", .timeLimit(.minutes(10)))
struct EntranceTests {
  private let get = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"

  @Test("A client with too many connections is told, and served again when one has ended")
  func perClient() async throws {
    var configuration = ServerConfiguration()
    configuration.maximumConnectionsPerClient = 1
    try await LiveServer.run(FakeService(events: []), configuration) { port in
      try await RawClient.connect(port: port) { client in
        try await client.send(get)
        #expect(try await client.read(through: "}").hasPrefix("HTTP/1.1 200 OK\r\n"))
        let refusal = try await RawClient.connect(port: port) { try await $0.rest() }
        #expect(refusal.hasPrefix("HTTP/1.1 429 Too Many Requests\r\n"))
        #expect(refusal.contains(#""code":"too_many_connections""#))
        try await client.send(get)
        #expect(try await client.read(through: "}").hasPrefix("HTTP/1.1 200 OK\r\n"))
      }
    }
  }

  @Test("A new client is let in, and the one that was idle for longest leaves")
  func eviction() async throws {
    var configuration = ServerConfiguration()
    configuration.maximumConnections = 2
    try await LiveServer.run(FakeService(events: []), configuration) { port in
      try await RawClient.connect(port: port) { first in
        try await first.send(get)
        _ = try await first.read(through: "}")
        try await RawClient.connect(port: port) { second in
          try await second.send(get)
          _ = try await second.read(through: "}")
          try await RawClient.connect(port: port) { third in
            try await third.send(get)
            #expect(try await third.read(through: "}").hasPrefix("HTTP/1.1 200 OK\r\n"))
          }
          #expect(try await first.rest().isEmpty)
          try await second.send(get)
          #expect(try await second.read(through: "}").hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
      }
    }
  }

  @Test("A connection whose request is being answered never leaves for another")
  func busy() async throws {
    let held = HeldGenerations()
    var configuration = ServerConfiguration()
    configuration.maximumConnections = 1
    try await LiveServer.run(held.service, configuration) { port in
      try await RawClient.connect(port: port) { client in
        try await client.post(InferenceServer.conversation())
        let source = try #require(await held.nextStarted())
        let refusal = try await RawClient.connect(port: port) { try await $0.rest() }
        #expect(refusal.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        source.yield(all: .tokensThenEnd("Hi"))
        source.finish()
        #expect(try await client.read(through: "}}").hasPrefix("HTTP/1.1 200 OK\r\n"))
      }
    }
  }
}
