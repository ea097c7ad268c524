import GPTModel
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Watches one connection: notices a client that leaves, lets large bodies begin, and closes cleanly.
///
/// It runs on the connection's event loop and sees requests and responses in their order.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// How long a client may take to read the last answer before the connection is cut.
  private static let linger = TimeAmount.seconds(2)

  private let client: ClientConnection
  private let maximumBodyBytes: Int
  /// Requests whose answer is not complete.
  private var openRequests = 0
  /// Whether the head of the answer that is due has been sent.
  private var hasSentHead = false
  /// Whether the connection ends with the answer that is being sent.
  private var closesAfterAnswer = false
  private var isClosing = false

  /// Watches on behalf of a connection.
  init(_ client: ClientConnection, maximumBodyBytes: Int) {
    self.client = client
    self.maximumBodyBytes = maximumBodyBytes
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosing else { return }
    if case .head(let head) = unwrapInboundIn(data) {
      openRequests += 1
      if awaitsPermission(head) { sendContinue(context) }
    }
    context.fireChannelRead(data)
  }

  func channelInactive(context: ChannelHandlerContext) {
    client.markGone()
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    // The end of input may mean that the client has left, or only that it has said all. An interim
    // response tells: a client that has left answers with a reset, the other ignores it.
    if let event = event as? ChannelEvent, event == .inputClosed, openRequests > 0, !hasSentHead {
      sendContinue(context)
    }
    context.fireUserInboundEventTriggered(event)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(let head):
      hasSentHead = true
      closesAfterAnswer = head.headerFields[.connection] == "close"
      context.write(data, promise: promise)
    case .body:
      context.write(data, promise: promise)
    case .end:
      openRequests -= 1
      hasSentHead = false
      context.write(data, promise: promise)
      if closesAfterAnswer { close(context) }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError, openRequests == 0, !isClosing else {
      return context.fireErrorCaught(error)
    }
    refuse(error, context)
  }

  private func awaitsPermission(_ head: HTTPRequest) -> Bool {
    guard head.headerFields[.expect]?.lowercased() == "100-continue" else { return false }
    return (head.headerFields[.contentLength].flatMap { Int($0) } ?? 0) <= maximumBodyBytes
  }

  private func sendContinue(_ context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
  }

  /// Answers bytes that are no request, which no route ever sees.
  private func refuse(_ error: HTTPParserError, _ context: ChannelHandlerContext) {
    let refusal =
      error == .headerOverflow
      ? APIError(status: .requestHeaderFieldsTooLarge, message: "the request's head is too large")
      : APIError(status: .badRequest, message: "this is not a valid HTTP request")
    var json = JSONWriter()
    refusal.write(to: &json)
    let head = HTTPResponse(
      status: refusal.status,
      headerFields: [
        .connection: "close", .contentType: "application/json",
        .contentLength: "\(json.bytes.count)",
      ])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(ByteBuffer(bytes: json.bytes))), promise: nil)
    context.write(wrapOutboundOut(.end(nil)), promise: nil)
    close(context)
  }

  /// Says goodbye before hanging up: closing at once could destroy the answer while the client still
  /// sends.
  private func close(_ context: ChannelHandlerContext) {
    guard !isClosing else { return }
    isClosing = true
    context.flush()
    context.close(mode: .output, promise: nil)
    let channel = context.channel
    channel.eventLoop.scheduleTask(in: Self.linger) { channel.close(promise: nil) }
  }
}

@available(*, unavailable)
extension ConnectionHandler: Sendable {}
