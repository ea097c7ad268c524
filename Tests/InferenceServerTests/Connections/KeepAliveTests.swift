import GPTModel
import HTTPTestSupport
import HummingbirdTesting
import Testing

@testable import InferenceServer

@Suite("Streams while nothing happens", .timeLimit(.minutes(10)))
struct KeepAliveTests {
  private let held = HeldGenerations()

  @Test("Silence commits the head and sends comments, and the answer follows")
  func comments() async throws {
    try await talk(#""stream": true"#) { client in
      let source = try #require(await held.nextStarted())
      let head = try await client.read(through: "\r\n\r\n")
      #expect(head.hasPrefix("HTTP/1.1 200"))
      for _ in 0..<3 {
        _ = try await client.read(through: ":\n\n")
      }
      source.yield(all: .tokensThenEnd("H"))
      source.finish()
      let rest = try await client.read(through: "data: [DONE]\n\n")
      #expect(rest.contains(#""content":"H""#))
    }
  }

  @Test("A refusal after silence is an event of the stream")
  func lateRefusal() async throws {
    try await talk(#""stream": true"#) { client in
      let source = try #require(await held.nextStarted())
      _ = try await client.read(through: ":\n\n")
      source.finish(throwing: EngineError.waitedTooLong)
      let rest = try await client.read(through: #"data: {"error":"#)
      #expect(!rest.contains("[DONE]"))
    }
  }

  @Test("A document is not begun by silence")
  func document() async throws {
    try await talk("") { client in
      let source = try #require(await held.nextStarted())
      source.yield(all: .tokensThenEnd("H"))
      source.finish()
      let head = try await client.read(through: "\r\n\r\n")
      #expect(head.contains("Content-Length") || head.contains("content-length"))
      _ = try await client.read(through: #""content":"H""#)
    }
  }

  @Test("A client that leaves while nothing happens ends its generation")
  func departure() async throws {
    try await talk(#""stream": true"#) { client in
      _ = try #require(await held.nextStarted())
      _ = try await client.read(through: ":\n\n")
    }
    await held.nextCancelled()
  }

  private func talk(
    _ members: String, _ body: @Sendable @escaping (inout RawClient) async throws -> Void
  ) async throws {
    var configuration = ServerConfiguration()
    configuration.keepAliveInterval = .milliseconds(2)
    let server = InferenceServer(held.service, configuration: configuration)
    try await server.application().test(.live) { client in
      try await RawClient.connect(port: try #require(client.port)) { client in
        try await client.post(InferenceServer.conversation(members))
        try await body(&client)
      }
    }
  }
}
