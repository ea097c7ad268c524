/// Where a server listens, and what its connections may cost.
package struct TransportSettings: Sendable {
  /// The address or name to listen on.
  package var host: String
  /// The port to listen on; 0 takes one that is free.
  package var port: Int
  /// A path to listen at, as a socket of the file system, instead of the address and port.
  package var socketPath: String?
  /// What to prove the server's identity with, and encrypt by; nil listens without encryption.
  package var tls: TLSFiles?
  /// Connections that may be open; for further ones, those that are not in use are closed.
  package var maximumConnections: Int
  /// Connections that one client's address may have; 0 for any number. Nil means 1024, and any number
  /// for programs on this machine.
  package var maximumConnectionsPerClient: Int?
  /// What one connection may cost.
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
