import NIOCore

/// Keeps note of whether one connection is in use, and closes it when another one needs its room.
final class EntranceHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer

  private let id: ConnectionTable.ID
  private let connections: Connections
  private var hasSpoken = false
  private var isBusy = false

  /// Stands at the front of a connection that was let in.
  init(_ id: ConnectionTable.ID, of connections: Connections) {
    self.id = id
    self.connections = connections
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if !hasSpoken {
      hasSpoken = true
      connections.markSpoken(id)
    }
    context.fireChannelRead(data)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard event is ConnectionNotice else { return context.fireUserInboundEventTriggered(event) }
    // A request that came while the decision was made is answered.
    guard !isBusy else { return }
    // The protocol's handler may say a last word.
    context.fireUserInboundEventTriggered(event)
    context.close(promise: nil)
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
      isBusy = activity == .busy
      connections.mark(id, activity)
      promise?.succeed()
    }
  }
}

@available(*, unavailable)
extension EntranceHandler: Sendable {}
