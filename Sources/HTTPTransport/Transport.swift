package import Hummingbird
import HummingbirdCore
package import Logging
package import NIOCore

/// HTTP/1.1 and HTTP/2 under one set of rules: all that stands between sockets and a router.
package struct Transport: Sendable {
  private let settings: TransportSettings
  private let logger: Logger
  private let connections: Connections
  private let refusals: Refusals

  /// Begins without connections.
  package init(_ settings: TransportSettings, logger: Logger) {
    self.settings = settings
    self.logger = logger
    connections = Connections(
      maximum: settings.maximumConnections,
      perAddress: AddressLimit(settings.maximumConnectionsPerClient))
    refusals = Refusals(logger: logger)
  }

  /// Counts of connections.
  package var connectionCounts: ConnectionCounts { connections.counts }

  /// Counts of requests that were refused before they reached a route, by reason.
  package var refusalCounts: [RefusalReason: Int] { refusals.total }

  /// A service that accepts connections and has a router answer what comes in.
  ///
  /// Its run throws a `TLSError` where the files of the certificate are no use.
  ///
  /// - Parameter onReady: Called once with what listens, as soon as connections are accepted.
  package func application(
    _ router: RouterResponder<BasicRequestContext>,
    onReady: @escaping @Sendable (any Channel) async -> Void
  ) -> some ApplicationProtocol {
    let (settings, connections, refusals) = (settings, connections, refusals)
    let rules = RequestRules(limits: settings.limits, vitalPaths: settings.vitalPaths)
    let requests = RequestResponder(router, logger: logger)
    return Listener(
      requests: requests,
      entrance: { [logger] responder in
        EntranceChannel(
          inside: ConnectionChannel(
            responder: responder, requests: requests, rules: rules, refusals: refusals,
            isSecure: settings.tls != nil),
          connections: connections,
          tls: try settings.tls.map { try TLSIdentity($0, logger: logger) })
      },
      inherited: settings.inheritedSockets,
      address: ListenAddress(host: settings.host, port: settings.port),
      socketPath: settings.socketPath,
      connections: connections,
      logger: logger,
      onReady: onReady)
  }
}
