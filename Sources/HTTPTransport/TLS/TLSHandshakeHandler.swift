import Logging
import NIOCore
import NIOTLS
import Platform

/// Hangs up on a client that does not come to an end with its handshake.
final class TLSHandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private let logger: Logger
  private let time: TimeAmount
  private var timer: Scheduled<Void>?
  private var isComplete = false

  /// Stands behind the handler that encrypts.
  init(logger: Logger, time: TimeAmount = ConnectionLimits().headTime) {
    self.logger = logger
    self.time = time
  }

  func handlerAdded(context: ChannelHandlerContext) {
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: time) { [weak self] in
      self?.fail("it took too long", context)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.cancel()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .handshakeCompleted = event as? TLSUserEvent {
      isComplete = true
      timer?.cancel()
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard !isComplete else { return context.fireErrorCaught(error) }
    fail("\(error)", context)
  }

  private func fail(_ reason: String, _ context: ChannelHandlerContext) {
    guard !isComplete else { return }
    isComplete = true
    logger.info("A TLS handshake failed", metadata: ["reason": "\(reason.prefix(bytes: 200))"])
    // A proper end of TLS would wait for the client's part in it.
    context.triggerUserOutboundEvent(ConnectionActivity.aborted, promise: nil)
    context.close(promise: nil)
  }
}

@available(*, unavailable)
extension TLSHandshakeHandler: Sendable {}
