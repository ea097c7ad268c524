import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// HTTP/1 with this server's limits, and with Hummingbird's way of answering one request after the other.
struct HTTP1Connection: HTTPChannelHandler {
  typealias Value = HTTP1Channel.Value

  /// Answers requests.
  let responder: HTTPChannelHandler.Responder
  /// Knows whether the client stays.
  let client: ClientConnection
  /// The rules for requests.
  let rules: RequestRules
  /// Answers requests that break the rules.
  let refusals: Refusals
  /// Whether the connection is encrypted.
  let isSecure: Bool

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      let connection = ConnectionHandler(
        client, rules: rules, refusals: refusals, at: channel.eventLoop.now)
      try addHandlers(connection, to: channel.pipeline.syncOperations)
      return try NIOAsyncChannel(
        wrappingChannelSynchronously: channel,
        configuration: .init(isOutboundHalfClosureEnabled: true))
    }
  }

  func handle(value: Value, logger: Logger) async {
    await handleHTTP(asyncChannel: value, logger: logger)
  }

  /// Adds all that stands between bytes and requests.
  func addHandlers(
    _ connection: ConnectionHandler, to pipeline: ChannelPipeline.SynchronousOperations
  ) throws {
    var decoding = NIOHTTPDecoderLimitConfiguration()
    decoding.maxHeaderFieldSize = rules.limits.fieldBytes
    decoding.maxHeaderListSize = rules.limits.headBytes
    decoding.maxHeaderFieldCount = rules.limits.fields
    try pipeline.addHandler(RequestBytesHandler(connection))
    try pipeline.configureHTTPServerPipeline(
      withPipeliningAssistance: false, withErrorHandling: false,
      // The types of HTTPTypes cannot hold fields that would split a response.
      withOutboundHeaderValidation: false, withEncoderConfiguration: .init(),
      withDecoderLimitConfiguration: decoding)
    try pipeline.addHandlers([connection, HTTP1ToHTTPServerCodec(secure: isSecure)])
  }
}
