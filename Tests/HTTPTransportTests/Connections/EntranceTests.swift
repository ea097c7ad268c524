import HTTPTestSupport
import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPTransport

@Suite("The entrance", .timeLimit(.minutes(10)))
struct EntranceTests {
  private let chat = "{}"
  private let get = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"

  @Test("A client whose connections are all in use is told, unless it asks for the server's health")
  func perClient() async throws {
    let held = HeldAnswers()
    var settings = TransportSettings.loopback
    settings.maximumConnectionsPerClient = 1
    try await LiveTransport.run(held.router, settings) { port in
      try await RawClient.connect(port: port) { client in
        try await client.post(chat)
        let source = try #require(await held.nextStarted())
        let refusal = try await answer(port: port) { try await $0.post(chat) }
        #expect(refusal.hasPrefix("HTTP/1.1 429 Too Many Requests\r\n"))
        #expect(refusal.contains("Retry-After: 1\r\n") && refusal.contains("Connection: close\r\n"))
        #expect(refusal.contains(#""code":"too_many_connections""#))
        let health = try await answer(port: port) { try await $0.send(get) }
        #expect(health.hasPrefix("HTTP/1.1 200 OK\r\n") && health.contains("Connection: close\r\n"))
        source.answer("{{}}")
        #expect(try await client.read(through: "}}").hasPrefix("HTTP/1.1 200 OK\r\n"))
        // The first connection is idle now, so it makes room.
        let served = try await answer(port: port) { try await $0.send(get) }
        #expect(served.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(try await !client.rest().contains("HTTP/1.1"))
      }
    }
  }

  @Test("A request that came while its connection was chosen to leave is answered")
  func late() throws {
    let connections = Connections(maximum: 2048, perAddress: AddressLimit(nil))
    for (activity, isOpen) in [(ConnectionActivity.busy, true), (.idle, false)] {
      let channel = EmbeddedChannel()
      try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
      guard case .admitted(let id) = connections.admit(channel) else {
        Issue.record("a connection was not let in")
        return
      }
      try channel.pipeline.syncOperations.addHandler(EntranceHandler(id, of: connections))
      try channel.triggerUserOutboundEvent(activity).wait()
      channel.pipeline.fireUserInboundEventTriggered(ConnectionNotice.evicted)
      #expect(channel.isActive == isOpen)
    }
  }

  private func answer(
    port: Int, _ send: @Sendable (RawClient) async throws -> Void
  ) async throws -> String {
    try await RawClient.connect(port: port) { client in
      try await send(client)
      return try await client.read(through: "}")
    }
  }

  @Test("A new client is let in, and the one that was idle for longest leaves")
  func eviction() async throws {
    var settings = TransportSettings.loopback
    settings.maximumConnections = 2
    try await LiveTransport.run(TestRoutes.server, settings) { port in
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
    let held = HeldAnswers()
    var settings = TransportSettings.loopback
    settings.maximumConnections = 1
    try await LiveTransport.run(held.router, settings) { port in
      try await RawClient.connect(port: port) { client in
        try await client.post(chat)
        let source = try #require(await held.nextStarted())
        let refusal = try await answer(port: port) { try await $0.post(chat) }
        #expect(refusal.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        #expect(refusal.contains("Retry-After: 1\r\n"))
        source.answer("{{}}")
        #expect(try await client.read(through: "}}").hasPrefix("HTTP/1.1 200 OK\r\n"))
      }
    }
  }
}
