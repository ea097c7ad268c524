import NIOCore
import NIOTLS

/// Finds out from a connection's first bytes which HTTP its client speaks, and steps aside.
///
/// Behind TLS it asks for no bytes if the two sides have agreed on a protocol there.
final class PrefaceSniffer: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  /// The protocol of a connection.
  enum Finding {
    case http1
    case http2
    /// Nothing, until it left or was given up.
    case nothing
  }

  /// The bytes with which HTTP/2 begins, and nothing else can.
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  private let time: TimeAmount
  private let onFinding: (Finding) -> Void
  private var seen = ByteBuffer()
  private var hasFound = false
  private var deadline: Scheduled<Void>?

  /// Calls a closure once, which adds the handlers that get the bytes.
  ///
  /// - Parameter time: How long the client may take to begin speaking.
  init(time: TimeAmount = ConnectionLimits().headTime, onFinding: @escaping (Finding) -> Void) {
    self.time = time
    self.onFinding = onFinding
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let channel = context.channel
    deadline = context.eventLoop.scheduleTask(in: time) {
      channel.close(promise: nil)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    find(.nothing)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !hasFound else { return context.fireChannelRead(data) }
    var bytes = unwrapInboundIn(data)
    seen.writeBuffer(&bytes)
    let compared = min(seen.readableBytes, Self.preface.count)
    if !seen.readableBytesView.prefix(compared).elementsEqual(Self.preface.prefix(compared)) {
      stepAside(.http1, context)
    } else if compared == Self.preface.count {
      stepAside(.http2, context)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    find(.nothing)
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case TLSUserEvent.handshakeCompleted(negotiatedProtocol: let name?) where !hasFound:
      // What the client says now in another protocol is refused by the one that was agreed on.
      return stepAside(name == "h2" ? .http2 : .http1, context, after: event)
    case is ChannelShouldQuiesceEvent, is ConnectionNotice, ChannelEvent.inputClosed:
      if !hasFound { context.close(promise: nil) }
    default: break
    }
    context.fireUserInboundEventTriggered(event)
  }

  private func stepAside(
    _ finding: Finding, _ context: ChannelHandlerContext, after event: Any? = nil
  ) {
    find(finding)
    if let event { context.fireUserInboundEventTriggered(event) }
    if seen.readableBytes > 0 {
      context.fireChannelRead(wrapInboundOut(seen))
      context.fireChannelReadComplete()
      seen = ByteBuffer()
    }
    context.pipeline.syncOperations.removeHandler(self, promise: nil)
  }

  private func find(_ finding: Finding) {
    guard !hasFound else { return }
    hasFound = true
    deadline?.cancel()
    onFinding(finding)
  }
}

@available(*, unavailable)
extension PrefaceSniffer: Sendable {}
