import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// A connection on which requests arrive, whose routes know whether the client stays.
struct ConnectionChannel: ServerChildChannel {
  /// A connection that was set up.
  struct Value: ServerChildChannelValue {
    let http: HTTP1Connection.Value
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

  private func http(_ client: ClientConnection) -> HTTP1Connection {
    HTTP1Connection(
      responder: responder, client: client, limits: ConnectionLimits(configuration),
      isSecure: configuration.tls != nil)
  }
}
