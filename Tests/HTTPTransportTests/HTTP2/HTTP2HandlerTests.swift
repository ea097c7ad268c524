import HTTPTestSupport
import HTTPTypes
import Hummingbird
import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPTransport

@Suite("HTTP/2 connections", .timeLimit(.minutes(10)))
struct HTTP2HandlerTests {
  private let held = HeldAnswers()

  @Test("Requests are answered, each on its own stream")
  func answers() async throws {
    let http = try await HTTP2Harness(TestRoutes.echo)
    for stream in [Int32(1), 3, 5] {
      try await http.post("hello \(stream)", stream: stream)
      #expect(try await http.next(.headers, stream).status == 200)
      #expect(try await http.body(stream) == "hello \(stream)")
    }
  }

  @Test("A large body goes in and comes out whole")
  func large() async throws {
    let http = try await HTTP2Harness(TestRoutes.echo, settings: .settings((4, 1 << 20)))
    try await http.send(.windowUpdate(0, 1 << 20), .head(1, TestFrame.post, flags: 0x4))
    for _ in 0..<20 {
      try await http.send(.data(1, 16_384), .data(1, 16_384))
      _ = try await http.next(.windowUpdate, 1)
    }
    try await http.send(.data(1, 1, flags: TestFrame.endStream))
    #expect(try await http.next(.headers).status == 200)
    #expect(try await http.body().utf8.count == 40 * 16_384 + 1)
  }

  @Test("Heads that are too large have their own status")
  func heads() async throws {
    let http = try await HTTP2Harness(TestRoutes.echo)
    let many = TestFrame.get + Array(repeating: ("x", "y"), count: 101)
    try await http.send(.head(1, many))
    #expect(try await http.next(.headers).status == 431)
    #expect(try await http.body().hasPrefix(#"{"error":{"message":"#))
    let path = (":path", "/" + String(repeating: "x", count: 8192))
    try await http.send(.head(3, [TestFrame.get[0], TestFrame.get[1], path, TestFrame.get[3]]))
    #expect(try await http.next(.headers).status == 414)
  }

  @Test("An idle connection is told to go, and an answer that takes long is not")
  func idle() async throws {
    let (answers, answer) = AsyncStream.makeStream(of: Void.self)
    let http = try await HTTP2Harness(
      TestRoutes.router { _ in
        for await _ in answers { break }
        return Response(status: .noContent)
      })
    await http.advance(seconds: 59)
    try await http.send(.head())
    await http.advance(seconds: 3600)
    answer.yield()
    #expect(try await http.next(.headers).status == 204)
    #expect(http.channel.isActive)
    await http.advance(seconds: 65)
    #expect(try await http.next(.goAway).reason == .noError)
    await http.connection.run()
  }

  @Test("A head that never ends is not waited for")
  func slowHead() async throws {
    let http = try await HTTP2Harness(TestRoutes.echo)
    try await http.send(.head(flags: TestFrame.endStream))
    await http.advance(seconds: 15)
    #expect(try await http.next(.goAway).reason == .enhanceYourCalm)
  }

  @Test("A body that comes too slowly is refused, and bytes that come buy time")
  func slowBody() async throws {
    let http = try await HTTP2Harness(TestRoutes.echo)
    try await http.send(.head(1, TestFrame.post, flags: TestFrame.endHeaders))
    await http.advance(seconds: 29)
    try await http.send(.data(1, 10))
    await http.advance(seconds: 10)
    #expect(try await http.next(.headers).status == 408)
    _ = try await http.body()
    await http.advance(seconds: 5)
    #expect(try await http.next(.reset, 1).reason == .noError)
  }

  @Test("An answer that is left unread is given up after half a minute")
  func unread() async throws {
    let http = try await HTTP2Harness(
      TestRoutes.router { _ in
        Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: "hi")))
      },
      settings: .settings((4, 0)))
    try await http.send(.head())
    #expect(try await http.next(.headers).status == 200)
    await http.advance(seconds: 36)
    #expect(try await http.next(.reset, 1).reason == .cancel)
  }

  @Test("Who answers a client hears that it has left or reset", arguments: [true, false])
  func leaving(resets: Bool) async throws {
    let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    let (ended, end) = AsyncStream.makeStream(of: Void.self)
    let http = try await HTTP2Harness(
      TestRoutes.router { _ in
        let (presence, leave) = AsyncStream.makeStream(of: Void.self)
        _ = ClientConnection.current?.whenGone { leave.finish() }
        begin.yield()
        for await _ in presence {}
        end.yield()
        return Response(status: .noContent)
      })
    try await http.send(.head())
    _ = await begun.first { _ in true }
    if resets {
      try await http.send(.reset())
    } else {
      try await http.channel.close()
    }
    _ = await ended.first { _ in true }
  }

  @Test("The stream of an answer that fails after it began is reset")
  func failure() async throws {
    let http = try await HTTP2Harness(
      TestRoutes.router { _ in
        Response(
          status: .ok,
          body: ResponseBody { writer in
            try await writer.write(ByteBuffer(string: "x"))
            ClientConnection.current?.markFailed()
            try await writer.finish(nil)
          })
      })
    try await http.send(.head())
    #expect(try await http.next(.headers).status == 200)
    #expect(try await http.next(.data).payload == Array("x".utf8))
    #expect(try await http.next(.reset, 1).reason == .internalError)
  }

  @Test("A server that stops lets streams end, and takes those that were on their way")
  func drain() async throws {
    let http = try await HTTP2Harness(held.router)
    try await http.post("{}")
    let first = try #require(await held.nextStarted())
    let channel = http.channel
    try await channel.testingEventLoop.executeInContext {
      channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
    #expect(try await http.next(.goAway).number(at: 0) == UInt32(Int32.max))
    try await http.post("{}", stream: 3)
    let second = try #require(await held.nextStarted())
    let ping = try await http.next(.ping)
    try await http.send(TestFrame(.ping, TestFrame.acknowledgment, 0, ping.payload))
    #expect(try await http.next(.goAway).number(at: 0) == 3)
    for (stream, source) in [(Int32(1), first), (3, second)] {
      source.answer("Hi")
      #expect(try await http.body(stream) == "Hi")
    }
    await http.connection.run()
  }

  @Test("An end that a client does not confirm begins after a second")
  func unconfirmed() async throws {
    let http = try await HTTP2Harness(held.router)
    try await http.post("{}")
    let source = try #require(await held.nextStarted())
    let channel = http.channel
    try await channel.testingEventLoop.executeInContext {
      channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
    _ = try await http.next(.goAway)
    await http.advance(seconds: 1)
    #expect(try await http.next(.goAway).number(at: 0) == 1)
    source.answer("Hi")
    #expect(try await http.next(.headers).status == 200)
    await http.connection.run()
  }

  @Test("HEAD has no body, whatever the route gives")
  func head() async throws {
    let http = try await HTTP2Harness(TestRoutes.server)
    try await http.send(.head(1, [(":method", "HEAD")] + TestFrame.get.dropFirst()))
    let head = try await http.next(.headers)
    #expect(head.status == 200)
    #expect(head.flags & TestFrame.endStream != 0)
  }

  @Test("A client that waits for permission to send its body gets it")
  func permission() async throws {
    let http = try await HTTP2Harness(TestRoutes.echo)
    let fields = TestFrame.post + [("expect", "100-continue")]
    try await http.send(.head(1, fields, flags: TestFrame.endHeaders))
    // A status that is not in HPACK's table, so not the final one.
    #expect(try await http.next(.headers).payload.first == 0x48)
    try await http.send(.data(1, 5, flags: TestFrame.endStream))
    #expect(try await http.next(.headers).status == 200)
    #expect(try await http.body() == "xxxxx")
  }
}
