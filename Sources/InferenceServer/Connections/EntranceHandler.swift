import NIOCore

/// Keeps note of whether one connection is in use.
final class EntranceHandler: ChannelOutboundHandler {
  typealias OutboundIn = ByteBuffer

  private let id: ConnectionTable.ID
  private let connections: Connections

  /// Stands at the front of a connection that was let in.
  init(_ id: ConnectionTable.ID, of connections: Connections) {
    self.id = id
    self.connections = connections
  }

  func triggerUserOutboundEvent(
    context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
  ) {
    guard let activity = event as? ConnectionActivity else {
      return context.triggerUserOutboundEvent(event, promise: promise)
    }
    if activity == .aborted {
      context.close(promise: promise)
    } else {
      connections.mark(id, activity)
      promise?.succeed()
    }
  }
}

@available(*, unavailable)
extension EntranceHandler: Sendable {}
