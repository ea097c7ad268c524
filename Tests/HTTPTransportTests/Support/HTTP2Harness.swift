import HTTPTestSupport
import Hummingbird
import NIOCore
import NIOEmbedded

@testable import HTTPTransport

/// A connection that speaks HTTP/2 with a router, in a time that a test moves on.
final class HTTP2Harness {
  /// The connection.
  let channel: NIOAsyncTestingChannel
  /// What waits for its end.
  let connection: HTTP2Connection
  private var unread: [UInt8] = []
  private var frames: [TestFrame] = []

  /// Connects and sends the preface.
  init(
    _ router: Router<BasicRequestContext>, settings: TestFrame = .settings(),
    rules: RequestRules = RequestRules(limits: ConnectionLimits())
  ) async throws {
    let channel = NIOAsyncTestingChannel()
    self.channel = channel
    try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
    let responder = RequestResponder(router.buildResponder(), logger: silent)
    connection = try await channel.testingEventLoop.executeInContext {
      // Tasks run elsewhere: what this loop asks of itself waits until a test has it run.
      try HTTP2Connection(
        on: channel, responder: responder, rules: rules, refusals: Refusals(logger: silent),
        executor: nil)
    }
    try await send(bytes: PrefaceSniffer.preface + settings.bytes)
  }

  /// Sends frames.
  func send(_ frames: TestFrame...) async throws {
    try await send(bytes: frames.flatMap(\.bytes))
  }

  /// Sends a request with a JSON body.
  func post(_ body: String, stream: Int32 = 1) async throws {
    try await send(
      .head(stream, TestFrame.post, flags: TestFrame.endHeaders),
      TestFrame(.data, TestFrame.endStream, stream, Array(body.utf8)))
  }

  /// Waits for the next frame of a kind, and of a stream if one is given.
  func next(_ kind: TestFrame.Kind, _ stream: Int32? = nil) async throws -> TestFrame {
    try await next([kind], stream)
  }

  /// Waits for the next frame of one of some kinds, and of a stream if one is given.
  func next(_ kinds: [TestFrame.Kind], _ stream: Int32? = nil) async throws -> TestFrame {
    while true {
      while !frames.isEmpty {
        let frame = frames.removeFirst()
        if kinds.contains(where: { frame.matches($0, stream) }) { return frame }
      }
      let bytes = try await channel.waitForOutboundWrite(as: ByteBuffer.self)
      unread += bytes.readableBytesView
      frames = TestFrame.take(from: &unread)
    }
  }

  /// Waits for a body, up to its end.
  func body(_ stream: Int32 = 1) async throws -> String {
    var bytes: [UInt8] = []
    while true {
      let frame = try await next(.data, stream)
      bytes += frame.payload
      if frame.flags & TestFrame.endStream != 0 { return String(decoding: bytes, as: UTF8.self) }
    }
  }

  /// Lets time pass.
  func advance(seconds: Int64) async {
    await channel.testingEventLoop.advanceTime(by: .seconds(seconds))
  }

  private func send(bytes: [UInt8]) async throws {
    try await channel.writeInbound(ByteBuffer(bytes: bytes))
  }
}
