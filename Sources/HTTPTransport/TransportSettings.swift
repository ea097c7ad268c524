/// The address and the limits of a server.
package struct TransportSettings: Sendable {
  /// The address or name to listen on.
  package var host: String
  /// The port to listen on; 0 takes one that is free.
  package var port: Int
  /// A path to listen at, as a socket of the file system, instead of the address and port.
  package var socketPath: String?
  /// Sockets that listen already and were left to the process, instead of the address, port and path.
  package var inheritedSockets: [CInt] = []
  /// The certificate and key for TLS; nil listens without encryption.
  package var tls: TLSFiles?
  /// Connections that may be open; for further ones, those that are not in use are closed.
  package var maximumConnections: Int
  /// The limit of connections of one client address; 0 for no limit. Nil means 1024, and any number
  /// for programs on this machine.
  package var maximumConnectionsPerClient: Int?
  /// The limits of one connection.
  package var limits = ConnectionLimits()
  /// Paths that are answered however many connections there are.
  package var vitalPaths: Set<String> = []

  /// Creates settings without encryption or vital paths, and with the standard limits.
  package init(host: String, port: Int, maximumConnections: Int) {
    self.host = host
    self.port = port
    self.maximumConnections = maximumConnections
  }
}
