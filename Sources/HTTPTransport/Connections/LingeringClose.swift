import NIOCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Ends a connection so that the client can still read its last answer: closing at once could destroy
/// that while the client still sends.
///
/// It lives on the connection's event loop.
final class LingeringClose {
  /// Whether the end has begun; nothing is sent from then on, and what arrives is to be dropped.
  private(set) var hasBegun = false

  private let rules: RequestRules
  private var context: ChannelHandlerContext?
  private var timer: Scheduled<Void>?
  private var droppedBytes = 0

  /// Prepares for the end of a handler's connection.
  init(_ context: ChannelHandlerContext, rules: RequestRules) {
    self.context = context
    self.rules = rules
  }

  /// Sends what is to be sent, says that nothing follows, and waits a while for the client to leave.
  func begin() {
    guard !hasBegun, let context else { return }
    hasBegun = true
    context.flush()
    schedule(in: rules.limits.writeTime) { $0.abort() }
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenComplete { [weak self] result in
      switch result {
      case .success:
        self?.schedule(in: self?.rules.limits.lingerTime ?? .zero) {
          $0.context?.close(promise: nil)
        }
      case .failure: self?.context?.close(promise: nil)
      }
    }
    context.close(mode: .output, promise: written)
  }

  /// Takes note of bytes that arrived and were dropped; too many end the wait.
  func drop(_ count: Int) {
    droppedBytes += count
    if droppedBytes > rules.limits.droppedBytes { context?.close(promise: nil) }
  }

  /// Ends the connection of a client that does not read, without waiting for what it was sent.
  func abort() {
    guard let context else { return }
    hasBegun = true
    let channel = context.channel
    _ = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
    context.triggerUserOutboundEvent(ConnectionActivity.aborted, promise: nil)
    channel.close(promise: nil)
  }

  /// Forgets the connection, which is gone.
  func end() {
    hasBegun = true
    timer?.cancel()
    timer = nil
    context = nil
  }

  private func schedule(in time: TimeAmount, _ action: @escaping (LingeringClose) -> Void) {
    timer?.cancel()
    timer = context?.eventLoop.assumeIsolated().scheduleTask(in: time) { [weak self] in
      if let self { action(self) }
    }
  }
}

@available(*, unavailable)
extension LingeringClose: Sendable {}
