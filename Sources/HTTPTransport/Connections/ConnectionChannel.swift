import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// A connection in HTTP/1.1 or HTTP/2, as the client's first bytes choose, both with limits
/// and with routes knowing whether the client stays.
struct ConnectionChannel: ServerChildChannel {
  /// A connection that was set up.
  struct Value: ServerChildChannelValue {
    let channel: any Channel
    /// The connection in its protocol, once that is known; nil where the client sent nothing.
    let conversation: EventLoopFuture<Conversation?>
  }

  /// A protocol that is being spoken.
  enum Conversation {
    case http1(HTTP1Connection.Value, ClientConnection)
    case http2(HTTP2Connection)
  }

  /// Answers requests of HTTP/1.1.
  let responder: HTTPChannelHandler.Responder
  /// Answers requests of HTTP/2.
  let requests: RequestResponder
  /// The rules for requests.
  var rules: RequestRules
  /// Answers requests that break the rules.
  let refusals: Refusals
  /// Whether the connection is encrypted.
  let isSecure: Bool

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      let conversation = channel.eventLoop.makePromise(of: Conversation?.self)
      let sniffer = PrefaceSniffer(time: rules.limits.headTime) { finding in
        conversation.completeWith(begin(finding, on: channel, logger: logger))
      }
      try channel.pipeline.syncOperations.addHandler(sniffer)
      return Value(channel: channel, conversation: conversation.futureResult)
    }
  }

  func handle(value: Value, logger: Logger) async {
    let conversation = await withTaskCancellationHandler {
      try? await value.conversation.get()
    } onCancel: {
      value.channel.close(promise: nil)
    }
    switch conversation {
    case .http1(let http, let client):
      await ClientConnection.$current.withValue(client) {
        await withTaskExecutorPreference(client.executor) {
          await self.http(client).handle(value: http, logger: logger)
        }
      }
    case .http2(let connection):
      await connection.run()
    case nil:
      break
    }
  }

  /// Adds the handlers of a protocol to a connection, on its event loop.
  private func begin(
    _ finding: PrefaceSniffer.Finding, on channel: any Channel, logger: Logger
  ) -> EventLoopFuture<Conversation?> {
    let executor = EventLoopExecutor(channel.eventLoop)
    switch finding {
    case .http1:
      let client = ClientConnection(executor: executor)
      return http(client).setup(channel: channel, logger: logger).map { .http1($0, client) }
    case .http2:
      return channel.eventLoop.makeCompletedFuture {
        .http2(
          try HTTP2Connection(
            on: channel, responder: requests, rules: rules, refusals: refusals, executor: executor))
      }
    case .nothing:
      return channel.eventLoop.makeSucceededFuture(nil)
    }
  }

  private func http(_ client: ClientConnection) -> HTTP1Connection {
    HTTP1Connection(
      responder: responder, client: client, rules: rules, refusals: refusals, isSecure: isSecure)
  }
}
