import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A server on loopback whose answers a test writes byte by byte.
final class FakeServer: Sendable {
  /// A request as it came.
  struct Request: Sendable {
    /// Its number among all completions, counted from zero.
    let number: Int
    /// The request line and the headers.
    let head: String
    /// The body.
    let body: String
  }

  /// The way back to a client; may be used from any thread.
  struct Reply: Sendable {
    fileprivate let channel: any Channel

    /// Sends bytes as they are.
    func send(_ text: String) {
      channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
    }

    /// Sends bytes later.
    func send(_ text: String, after delay: TimeAmount) {
      channel.eventLoop.scheduleTask(in: delay) { send(text) }
    }

    /// Closes the connection once everything is sent.
    func close() {
      channel.close(promise: nil)
    }

    /// Closes the connection as a crash would.
    func reset() {
      let linger = linger(l_onoff: 1, l_linger: 0)
      (channel as? any SocketOptionProvider)?.setSoLinger(linger)
        .whenComplete { [channel] _ in channel.close(promise: nil) }
    }
  }

  private struct Counts {
    var connections = 0
    var requests: [Request] = []
  }

  private let listener: any Channel
  private let counts: NIOLockedValueBox<Counts>

  /// Starts to listen; `answer` is called for each completion that is asked for.
  init(_ answer: @escaping @Sendable (Request, Reply) -> Void) async throws {
    let counts = NIOLockedValueBox(Counts())
    self.counts = counts
    listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        counts.withLockedValue { $0.connections += 1 }
        return channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            RequestCollector { head, body, channel in
              let reply = Reply(channel: channel)
              guard head.hasPrefix("POST") else { return reply.send(Self.models) }
              let request = counts.withLockedValue { counts in
                let request = Request(number: counts.requests.count, head: head, body: body)
                counts.requests.append(request)
                return request
              }
              answer(request, reply)
            })
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }

  /// Where it listens.
  var url: String { "http://127.0.0.1:\(listener.localAddress?.port ?? 0)/v1" }
  /// The completions that were asked for.
  var requests: [Request] { counts.withLockedValue { $0.requests } }
  /// The connections that were made.
  var connections: Int { counts.withLockedValue { $0.connections } }

  /// Stops listening.
  func stop() async throws {
    try await listener.close()
  }

  private static let models = document("200 OK", #"{"data":[{"id":"fake"},{"id":"other"}]}"#)

  /// A whole response that is a document.
  static func document(_ status: String, _ body: String, headers: String = "") -> String {
    "HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  /// The head of an event stream.
  static let streamHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
  /// The end of a chunked body.
  static let streamEnd = "0\r\n\r\n"

  /// One chunk of a body.
  static func chunk(_ text: String) -> String {
    "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n"
  }

  /// A chunk with a piece of an answer.
  static func piece(_ text: String) -> String {
    chunk("data: {\"choices\":[{\"delta\":{\"content\":\"\(text)\"}}]}\n\n")
  }

  /// A whole answer of two pieces, of twenty tokens of a prompt and two of its own.
  static let answer =
    streamHead + piece("Hel") + piece("lo")
    + chunk(
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":2}}\n\n"
        + "data: [DONE]\n\n") + streamEnd
}

/// Cuts what a client sends into requests.
private final class RequestCollector: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let receive: (String, String, any Channel) -> Void
  private var bytes: [UInt8] = []

  init(_ receive: @escaping (String, String, any Channel) -> Void) {
    self.receive = receive
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    bytes += unwrapInboundIn(data).readableBytesView
    while let (head, body) = takeRequest() { receive(head, body, context.channel) }
  }

  private func takeRequest() -> (head: String, body: String)? {
    let end = Array("\r\n\r\n".utf8)
    guard
      let start = bytes.indices.first(where: { bytes[$0...].starts(with: end) })
    else { return nil }
    let head = String(decoding: bytes[..<start], as: UTF8.self)
    let length = head.split(separator: "\r\n").compactMap { line in
      line.lowercased().hasPrefix("content-length: ") ? Int(line.dropFirst(16)) : nil
    }.first
    let bodyStart = start + end.count
    let bodyEnd = bodyStart + (length ?? 0)
    guard bytes.count >= bodyEnd else { return nil }
    defer { bytes.removeFirst(bodyEnd) }
    return (head, String(decoding: bytes[bodyStart..<bodyEnd], as: UTF8.self))
  }
}

/// Holds actions back until there are so many, and then runs them all.
final class Gate: Sendable {
  private let size: Int
  private let held = NIOLockedValueBox<[@Sendable () -> Void]>([])

  /// Opens each time so many actions wait.
  init(size: Int) {
    self.size = size
  }

  /// Runs an action when as many as needed have come.
  func enter(_ action: @escaping @Sendable () -> Void) {
    let ready = held.withLockedValue { held -> [@Sendable () -> Void] in
      held.append(action)
      guard held.count == size else { return [] }
      defer { held = [] }
      return held
    }
    for action in ready { action() }
  }
}
