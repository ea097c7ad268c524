import NIOCore
import NIOHTTP1

/// One connection: sends one request at a time and reads its response.
///
/// Whatever happens to the connection, the one that waits is told, once.
final class ExchangeHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundIn = Exchange
  typealias OutboundOut = HTTPClientRequestPart

  private let release: @Sendable (any Channel) -> Void
  private var exchange: Exchange?
  private var timeout: Scheduled<Void>?
  private var keepsAlive = false

  /// Creates a handler.
  ///
  /// - Parameter release: Takes the connection back when it is free for the next request.
  init(release: @escaping @Sendable (any Channel) -> Void) {
    self.release = release
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let exchange = unwrapOutboundIn(data)
    guard self.exchange == nil, context.channel.isActive else {
      exchange.response.fail(RequestFailure(.connectionReset, "the connection was closed"))
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    self.exchange = exchange
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    timeout = context.eventLoop.scheduleTask(in: exchange.timeout) {
      let (handler, context) = bound.value
      handler.fail(RequestFailure(.timeout), context)
    }
    context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(exchange.body))), promise: nil)
    context.write(wrapOutboundOut(.end(nil)), promise: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard exchange != nil else {
      context.close(promise: nil)
      return
    }
    do throws(RequestFailure) {
      switch unwrapInboundIn(data) {
      case .head(let head):
        keepsAlive = head.isKeepAlive
        try exchange?.response.begin(head)
      case .body(let bytes): try exchange?.response.receive(bytes)
      case .end: end(context)
      }
    } catch {
      fail(error, context)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    fail(RequestFailure(.connectionReset, "the connection was closed"), context)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(RequestFailure(whileConnected: error), context)
  }

  /// Frees the connection first: who hears of the end may need it at once.
  private func end(_ context: ChannelHandlerContext) {
    var exchange = finish()
    if keepsAlive { release(context.channel) } else { context.close(promise: nil) }
    exchange?.response.end()
  }

  private func fail(_ failure: RequestFailure, _ context: ChannelHandlerContext) {
    let exchange = finish()
    context.close(promise: nil)
    exchange?.response.fail(failure)
  }

  private func finish() -> Exchange? {
    timeout?.cancel()
    timeout = nil
    defer { exchange = nil }
    return exchange
  }
}
