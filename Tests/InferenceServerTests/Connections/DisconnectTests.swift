import GPTModel
import HTTPTestSupport
import HummingbirdTesting
import Testing

@testable import InferenceServer

@Suite("Clients that leave", .timeLimit(.minutes(10)))
struct DisconnectTests {
  private let held = HeldGenerations()

  @Test(
    "Before the first token, a client that leaves ends its generations",
    arguments: [RawClient.Farewell.close, .reset], ["", #""stream": true"#, #""n": 3"#])
  func early(farewell: RawClient.Farewell, options: String) async throws {
    let choices = options.contains("n\": 3") ? 3 : 1
    try await serve { port in
      try await RawClient.connect(port: port, farewell: farewell) { client in
        try await client.post(InferenceServer.conversation(options))
        for _ in 0..<choices { _ = await held.nextStarted() }
      }
      for _ in 0..<choices { await held.nextCancelled() }
    }
  }

  @Test(
    "A client that leaves or resets over HTTP/2 ends its generations",
    arguments: [true, false], ["", #""stream": true"#, #""n": 3"#])
  func http2(resets: Bool, options: String) async throws {
    let choices = options.contains("n\": 3") ? 3 : 1
    let body = Array(InferenceServer.conversation(options).utf8)
    let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    try await serve { port in
      try await RawClient.connect(port: port) { client in
        try await client.send(
          bytes: preface + TestFrame.settings().bytes
            + TestFrame.head(1, TestFrame.post, flags: TestFrame.endHeaders).bytes
            + TestFrame(.data, TestFrame.endStream, 1, body).bytes)
        for _ in 0..<choices { _ = await held.nextStarted() }
        guard resets else { return }
        // RFC 9113 calls this CANCEL.
        try await client.send(bytes: TestFrame.reset(reason: 8).bytes)
        for _ in 0..<choices { await held.nextCancelled() }
      }
      if !resets { for _ in 0..<choices { await held.nextCancelled() } }
    }
  }

  @Test(
    "Between tokens, a client that leaves ends its generation",
    arguments: [
      RawClient.Farewell.close, .reset,
    ])
  func middle(farewell: RawClient.Farewell) async throws {
    try await serve { port in
      let source = try await RawClient.connect(port: port, farewell: farewell) { client in
        try await client.post(InferenceServer.conversation(#""stream": true"#))
        let source = try #require(await held.nextStarted())
        source.yield(all: GenerationEvent.tokens("H"))
        _ = try await client.read(through: #""content":"H""#)
        return source
      }
      // After a plain close only the answer to further bytes tells that nobody is there.
      if farewell == .close { feed(source) }
      await held.nextCancelled()
    }
  }

  @Test(
    "A client that only ends its sending still gets its answer",
    arguments: [
      "", #""stream": true"#,
    ])
  func halfClosed(options: String) async throws {
    try await serve { port in
      try await RawClient.connect(port: port) { client in
        try await client.post(InferenceServer.conversation(options))
        let source = try #require(await held.nextStarted())
        client.endSending()
        // The server has noticed once it asks whether the client is still there.
        let interim = try await client.read(through: "\r\n\r\n")
        #expect(interim.hasPrefix("HTTP/1.1 100 Continue\r\n"))
        source.yield(all: .tokensThenEnd("Hi"))
        source.finish()
        var answer = try await client.rest()
        // Where this machine was slow, the server has asked more than once.
        while answer.hasPrefix(interim) { answer.removeFirst(interim.count) }
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains(#""finish_reason":"stop""#))
      }
    }
  }

  @Test("A client that ends its sending, and leaves later, ends its generation")
  func leavesLater() async throws {
    try await serve { port in
      try await RawClient.connect(port: port) { client in
        try await client.post(InferenceServer.conversation())
        _ = await held.nextStarted()
        client.endSending()
        // What the server asked with is read, so that nothing unread resets the connection.
        _ = try await client.read(through: "\r\n\r\n")
      }
      await held.nextCancelled()
    }
  }

  @Test("A connection serves one request after the other")
  func keepAlive() async throws {
    try await serve { port in
      try await RawClient.connect(port: port) { client in
        for _ in 0..<3 {
          try await client.post(InferenceServer.conversation())
          let source = try #require(await held.nextStarted())
          source.yield(all: .tokensThenEnd("Hi"))
          source.finish()
          let answer = try await client.read(through: #""service_tier":"default"}"#)
          #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
      }
    }
  }

  /// Lets a generation go on: the answer to the first of these tokens tells the server that nobody is
  /// there. They are few, because a source that never rests fills the memory where its reader is slow.
  private func feed(_ source: HeldGenerations.Continuation) {
    Task {
      for _ in 0..<64 {
        guard case .enqueued = source.yield(GenerationEvent.tokens("x")[0]) else { return }
        await Task.yield()
      }
    }
  }

  private func serve(_ body: @Sendable (Int) async throws -> Void) async throws {
    try await InferenceServer(held.service).application().test(.live) { client in
      try await body(try #require(client.port))
    }
  }
}
