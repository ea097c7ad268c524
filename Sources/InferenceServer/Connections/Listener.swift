import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// Accepts connections and has a router answer what comes in.
///
/// Unlike Hummingbird's `Application`, nothing here happens by the clock: a server without requests
/// uses no processor time.
struct Listener: ApplicationProtocol {
  /// Answers requests, whichever protocol brings them.
  let requests: RequestResponder
  /// Sets connections up.
  let server: HTTPServerBuilder
  /// The address, and how many connections may be open.
  let configuration: ApplicationConfiguration
  /// Takes what connections report.
  let logger: Logger
  /// Called once, as soon as connections are accepted.
  let onReady: @Sendable (any Channel) async -> Void

  var responder: RouterResponder<BasicRequestContext> { requests.router }

  func onServerRunning(_ channel: any Channel) async { await onReady(channel) }

  /// Listens until the surrounding service group stops it, and the last connection has ended.
  func run() async throws {
    let listener = try server.buildServer(
      configuration: HummingbirdCore.ServerConfiguration(
        address: configuration.address,
        availableConnectionsDelegate: configuration.availableConnectionsDelegate),
      eventLoopGroup: eventLoopGroup, logger: logger,
      responder: { [requests] request, writer, channel in
        let response = try await requests.respond(to: request, on: channel)
        try await writer.write(response: response.head, body: response.body)
      },
      onServerRunning: onReady)
    try await listener.run()
  }
}
