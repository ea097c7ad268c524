import Foundation
import NIOCore
import NIOPosix

/// A client that writes and reads bare bytes, so that it can misbehave.
package struct RawClient {
  /// How a client leaves.
  package enum Farewell: Sendable {
    /// Closing the socket.
    case close
    /// Closing with a reset.
    case reset
  }

  private let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
  private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
  /// What was read but not yet taken.
  private var unread = ""

  /// Connects, lets a closure talk, and leaves.
  package static func connect<Result: Sendable>(
    port: Int, farewell: Farewell = .close,
    _ talk: (inout RawClient) async throws -> Result
  ) async throws -> Result {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
            wrappingChannelSynchronously: channel,
            configuration: .init(isOutboundHalfClosureEnabled: true))
        }
      }
    if farewell == .reset, let options = channel.channel as? any SocketOptionProvider {
      try await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
    }
    return try await channel.executeThenClose { inbound, outbound in
      var client = RawClient(
        channel: channel, outbound: outbound, inbound: inbound.makeAsyncIterator())
      return try await talk(&client)
    }
  }

  /// Sends text.
  package func send(_ text: String) async throws {
    try await send(bytes: Array(text.utf8))
  }

  /// Sends bytes.
  package func send(bytes: [UInt8]) async throws {
    try await outbound.write(ByteBuffer(bytes: bytes))
  }

  /// Sends a request with a JSON body.
  package func post(_ body: String, headers: [String] = []) async throws {
    let lines =
      [
        "POST /v1/chat/completions HTTP/1.1", "Host: 127.0.0.1",
        "Content-Length: \(body.utf8.count)",
      ] + headers
    try await send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
  }

  /// Says that nothing more will be sent, but stays.
  package func endSending() {
    outbound.finish()
  }

  /// Reads up to and including a mark; what came before it when the connection ends.
  package mutating func read(through mark: String) async throws -> String {
    while true {
      if let range = unread.range(of: mark) {
        defer { unread.removeSubrange(..<range.upperBound) }
        return String(unread[..<range.upperBound])
      }
      guard let bytes = try await inbound.next() else { return try await rest() }
      unread += String(buffer: bytes)
    }
  }

  /// Reads until the server closes.
  package mutating func rest() async throws -> String {
    while let bytes = try await inbound.next() { unread += String(buffer: bytes) }
    defer { unread = "" }
    return unread
  }
}
