import Logging
import NIOCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Has the server wait, not end, when the system has no file descriptor left for a connection.
final class AcceptGuard: ChannelInboundHandler {
  typealias InboundIn = any Channel

  /// How long to wait at most, since descriptors may come free that were not connections.
  private static let patience = TimeAmount.seconds(1)

  private let connections: Connections
  private let logger: Logger
  private var isPaused = false
  private var timer: Scheduled<Void>?
  private var hasLogged = false

  /// Guards the channel that accepts a server's connections.
  init(_ connections: Connections, logger: Logger) {
    self.connections = connections
    self.logger = logger
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch (error as? IOError)?.errnoCode {
    case EMFILE, ENFILE, ENOBUFS, ENOMEM: pause(context, error)
    case ECONNABORTED: break
    default: context.fireErrorCaught(error)
    }
  }

  private func pause(_ context: ChannelHandlerContext, _ error: any Error) {
    if !hasLogged {
      hasLogged = true
      logger.warning("No connection can be accepted for now", metadata: ["error": "\(error)"])
    }
    guard !isPaused else { return }
    isPaused = true
    // Nothing less keeps the event loop from trying again and again.
    _ = context.channel.setOption(.autoRead, value: false)
    let eventLoop = context.eventLoop
    timer = eventLoop.assumeIsolated().scheduleTask(in: Self.patience) { self.resume(context) }
    let bound = NIOLoopBound((self, context), eventLoop: eventLoop)
    connections.whenOneLeaves {
      eventLoop.execute {
        let (acceptGuard, context) = bound.value
        acceptGuard.resume(context)
      }
    }
    connections.evict()
  }

  private func resume(_ context: ChannelHandlerContext) {
    guard isPaused else { return }
    isPaused = false
    // One that is left would end a later pause before its time, and each pause leave one more.
    timer?.cancel()
    _ = context.channel.setOption(.autoRead, value: true)
  }
}

@available(*, unavailable)
extension AcceptGuard: Sendable {}
