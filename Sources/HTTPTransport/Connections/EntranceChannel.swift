import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// The entrance: counts connections, encrypts, and hands on, with a restriction what is too many.
struct EntranceChannel: ServerChildChannel {
  /// A connection that came as far as this.
  enum Value: ServerChildChannelValue {
    case admitted(ConnectionChannel.Value)
    case refused(any Channel)

    var channel: any Channel {
      switch self {
      case .admitted(let value): value.channel
      case .refused(let channel): channel
      }
    }
  }

  /// Sets up what was let in.
  let inside: ConnectionChannel
  /// All connections.
  let connections: Connections
  /// The server's certificate and key; nil without encryption.
  let tls: TLSIdentity?

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    switch connections.admit(channel) {
    case .refused:
      logger.info("connection refused", metadata: ["error": "all connections are in use"])
      channel.close(promise: nil)
      return channel.eventLoop.makeSucceededFuture(.refused(channel))
    case .admitted(let id):
      return setup(inside, id, channel, logger)
    case .restricted(let id, let refusal):
      var inside = inside
      inside.rules = inside.rules.restricted(to: refusal)
      return setup(inside, id, channel, logger)
    }
  }

  func handle(value: Value, logger: Logger) async {
    if case .admitted(let value) = value { await inside.handle(value: value, logger: logger) }
  }

  private func setup(
    _ inside: ConnectionChannel, _ id: ConnectionTable.ID, _ channel: any Channel, _ logger: Logger
  ) -> EventLoopFuture<Value> {
    do {
      let pipeline = channel.pipeline.syncOperations
      try pipeline.addHandler(EntranceHandler(id, of: connections))
      if let tls {
        try pipeline.addHandlers([
          NIOSSLServerHandler(context: tls.context()), TLSHandshakeHandler(logger: logger),
        ])
      }
      let value = bound(channel).flatMap { inside.setup(channel: channel, logger: logger) }
      // Nobody else knows of a connection that could not be set up.
      value.whenFailure { _ in channel.close(promise: nil) }
      return value.map(Value.admitted)
    } catch {
      channel.close(promise: nil)
      return channel.eventLoop.makeFailedFuture(error)
    }
  }

  /// Bounds what the system holds of answers that are not read, and what is kept to read into.
  private func bound(_ channel: any Channel) -> EventLoopFuture<Void> {
    let size = SocketOptionValue(ConnectionLimits.sendBufferBytes)
    // Most requests are short; the buffer grows with what comes.
    let reading = AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 512, maximum: 65_536)
    return channel.setOption(ChannelOptions.socketOption(.so_sndbuf), value: size)
      .and(channel.setOption(ChannelOptions.recvAllocator, value: reading))
      .map { _ in }
      .flatMapErrorThrowing { _ in }
  }
}
