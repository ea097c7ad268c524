import NIOCore

/// Tells a connection's handler of bytes before they are decoded, and when they have been.
///
/// The decoder reports only whole heads, so the beginning of one is seen here.
final class RequestBytesHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let connection: ConnectionHandler

  /// Stands in front of the decoder whose other side a handler watches.
  init(_ connection: ConnectionHandler) {
    self.connection = connection
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    guard connection.willDecode(bytes) else { return }
    // Decoding happens within this call.
    context.fireChannelRead(data)
    connection.didDecode()
  }
}

@available(*, unavailable)
extension RequestBytesHandler: Sendable {}
