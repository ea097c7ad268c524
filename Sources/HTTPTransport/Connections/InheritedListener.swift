import HummingbirdCore
import Logging
import NIOCore
import NIOExtras
import NIOPosix
import ServiceLifecycle

/// Accepts connections at a socket that listens already, which a service manager left to the process.
///
/// Hummingbird's server opens its own. The end is the same: nothing more is accepted, connections are told
/// to finish, and the last one ends the run. The manager's copy of the socket goes on listening.
struct InheritedListener: Sendable {
  /// Sets connections up.
  let entrance: EntranceChannel
  /// Where connections run.
  let eventLoopGroup: any EventLoopGroup
  /// Takes what connections report.
  let logger: Logger

  /// Accepts until the surrounding service group stops it, and the last connection has ended.
  ///
  /// - Parameter onRunning: Called once with what listens, as soon as connections are accepted.
  func run(
    _ descriptor: CInt, onRunning: @escaping @Sendable (any Channel) async -> Void
  ) async throws {
    let quiescing = ServerQuiescingHelper(group: eventLoopGroup)
    let channel = try await ServerBootstrap(group: eventLoopGroup)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            quiescing.makeServerChannelHandler(channel: channel))
        }
      }
      .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
      .bind(descriptor) { [entrance, logger] channel in
        entrance.setup(channel: channel, logger: logger)
      }
    await withGracefulShutdownHandler {
      await onRunning(channel.channel)
      await serve(channel)
    } onGracefulShutdown: {
      quiescing.initiateShutdown(promise: nil)
    }
  }

  private func serve(_ channel: NIOAsyncChannel<EntranceChannel.Value, Never>) async {
    await withDiscardingTaskGroup { [entrance, logger] group in
      do {
        try await channel.executeThenClose { inbound in
          for try await connection in inbound {
            group.addTask { await entrance.handle(value: connection, logger: logger) }
          }
        }
      } catch {
        logger.error("No more connections are accepted", metadata: ["error": "\(error)"])
      }
    }
  }
}
