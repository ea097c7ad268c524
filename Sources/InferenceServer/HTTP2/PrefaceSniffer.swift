import NIOCore

/// Finds out from a connection's first bytes which HTTP its client speaks, and steps aside.
///
/// It asks for nothing but bytes, so it works behind TLS too, whatever was negotiated there.
final class PrefaceSniffer: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  /// What a client says.
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
    let isOver =
      event is ChannelShouldQuiesceEvent || event is ConnectionNotice
      || event as? ChannelEvent == .inputClosed
    if isOver, !hasFound { context.close(promise: nil) }
    context.fireUserInboundEventTriggered(event)
  }

  private func stepAside(_ finding: Finding, _ context: ChannelHandlerContext) {
    find(finding)
    context.fireChannelRead(wrapInboundOut(seen))
    context.fireChannelReadComplete()
    seen = ByteBuffer()
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
