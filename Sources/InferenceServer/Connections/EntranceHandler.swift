import NIOCore
import NIOHTTP1

/// Keeps note of whether one connection is in use.
final class EntranceHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer

  private let id: ConnectionTable.ID
  private let connections: Connections
  private var isTold = false

  /// Stands at the front of a connection that was let in.
  init(_ id: ConnectionTable.ID, of connections: Connections) {
    self.id = id
    self.connections = connections
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if !isTold {
      isTold = true
      connections.mark(id, .busy)
    }
    context.fireChannelRead(data)
  }

  func triggerUserOutboundEvent(
    context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
  ) {
    guard let activity = event as? ConnectionActivity else {
      return context.triggerUserOutboundEvent(event, promise: promise)
    }
    isTold = true
    if activity == .cut {
      context.close(promise: promise)
    } else {
      connections.mark(id, activity)
      promise?.succeed()
    }
  }
}

@available(*, unavailable)
extension EntranceHandler: Sendable {}

/// Turns a connection away, with an answer where the client can read one.
final class RefusalHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let error: APIError?

  /// Refuses for a reason; without one, in silence.
  init(_ error: APIError?) {
    self.error = error
  }

  func channelActive(context: ChannelHandlerContext) {
    if let error {
      let (head, body) = error.farewell()
      var text = ByteBuffer(string: "HTTP/1.1 \(head.status.code) \(head.status.reasonPhrase)\r\n")
      for (name, value) in head.headers { text.writeString("\(name): \(value)\r\n") }
      text.writeString("\r\n")
      text.writeBytes(body)
      context.writeAndFlush(wrapOutboundOut(text), promise: nil)
    }
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
}

@available(*, unavailable)
extension RefusalHandler: Sendable {}
