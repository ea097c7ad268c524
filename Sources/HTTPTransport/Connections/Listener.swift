import Hummingbird
import HummingbirdCore
import Logging
import NIOConcurrencyHelpers
import NIOCore
import Platform
import ServiceLifecycle

/// Accepts connections and has a router answer what comes in.
///
/// Unlike Hummingbird's `Application`, nothing here happens by the clock: a server without requests
/// uses no processor time.
struct Listener: ApplicationProtocol {
  /// Answers the requests of both protocols.
  let requests: RequestResponder
  /// Sets connections up.
  let server: HTTPServerBuilder
  /// The address.
  let configuration: ApplicationConfiguration
  /// A path to listen at instead of the address.
  let socketPath: String?
  /// All connections.
  let connections: Connections
  /// Takes what connections report.
  let logger: Logger
  /// Called once, as soon as connections are accepted.
  let onReady: @Sendable (any Channel) async -> Void

  var responder: RouterResponder<BasicRequestContext> { requests.router }

  func onServerRunning(_ channel: any Channel) async {
    do {
      try await channel.eventLoop.submit { [connections, logger] in
        try channel.pipeline.syncOperations.addHandler(
          AcceptGuard(connections, logger: logger), position: .first)
      }.get()
    } catch {
      logger.debug("The server ended before it began", metadata: ["error": "\(error)"])
    }
    await onReady(channel)
  }

  /// Listens until the surrounding service group stops it, and the last connection has ended.
  func run() async throws {
    guard let socketPath else {
      return try await run(at: configuration.address) { await onServerRunning($0) }
    }
    let file = try SocketFile(preparing: socketPath)
    let identity = NIOLockedValueBox<FileStatus.Identity?>(nil)
    defer { file.remove(identity.withLockedValue { $0 }) }
    let failure = NIOLockedValueBox<SocketFile.Failure?>(nil)
    try await run(at: .unixDomainSocket(path: file.provisionalPath)) { channel in
      do throws(SocketFile.Failure) {
        try file.publish()
        identity.withLockedValue { $0 = SocketFile.identity(of: socketPath) }
      } catch {
        failure.withLockedValue { $0 = error }
        return channel.close(promise: nil)
      }
      await onServerRunning(channel)
    }
    if let failure = failure.withLockedValue({ $0 }) { throw failure }
  }

  private func run(
    at address: BindAddress, onServerRunning: @escaping @Sendable (any Channel) async -> Void
  ) async throws {
    let listener = try server.buildServer(
      configuration: HummingbirdCore.ServerConfiguration(address: address),
      eventLoopGroup: eventLoopGroup, logger: logger,
      responder: { [requests] request, writer, channel in
        // In a task of its own: a task keeps the memory of its deepest call until it ends, and the
        // connection's may live long.
        async let answer = requests.respond(to: request, on: channel)
        let response = try await answer
        try await writer.write(response: response.head, body: response.body)
      },
      onServerRunning: onServerRunning)
    try await listener.run()
  }
}
