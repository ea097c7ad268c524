import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// HTTP/1.1 as Hummingbird speaks it, with limits, and with routes knowing whether the client stays.
struct ConnectionChannel: ServerChildChannel {
  /// A connection that was set up.
  struct Value: ServerChildChannelValue {
    let http: HTTP1Channel.Value
    let client: ClientConnection

    var channel: any Channel { http.channel }
  }

  /// Answers requests.
  let responder: HTTPChannelHandler.Responder
  /// The limits.
  let configuration: ServerConfiguration

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    let client = ClientConnection()
    return http(client).setup(channel: channel, logger: logger).map { http in
      Value(http: http, client: client)
    }
  }

  func handle(value: Value, logger: Logger) async {
    await ClientConnection.$current.withValue(value.client) {
      await http(value.client).handle(value: value.http, logger: logger)
    }
  }

  private func http(_ client: ClientConnection) -> HTTP1Channel {
    let maximumBodyBytes = configuration.maximumBodyBytes
    return HTTP1Channel(
      responder: responder,
      configuration: HTTP1Channel.Configuration(
        additionalChannelHandlers: [
          ConnectionHandler(client, maximumBodyBytes: maximumBodyBytes)
        ],
        idleTimeout: TimeAmount(configuration.idleTimeout),
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100)))
  }
}
