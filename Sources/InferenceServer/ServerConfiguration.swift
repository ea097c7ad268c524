/// The settings of a server.
public struct ServerConfiguration: Sendable, Hashable {
  /// The address or name to listen on.
  public var host = "127.0.0.1"
  /// The port to listen on; 0 takes one that is free.
  public var port = 8080
  /// Names and addresses, without port, that a request's `Host` may have besides loopback ones. Empty
  /// allows any where the server listens beyond loopback.
  public var allowedHosts: Set<String> = []
  /// Origins, such as `https://chat.example`, whose web pages may call; `*` allows all.
  public var allowedOrigins: Set<String> = []
  /// Bytes that a request's body may have.
  public var maximumBodyBytes = 8 << 20
  /// Connections that may be open; further ones wait to be accepted.
  public var maximumConnections = 2048
  /// How long a connection may be silent outside of an answer.
  public var idleTimeout: Duration = .seconds(60)
  /// How long a stream may be silent before a comment in it shows that it lives.
  public var keepAliveInterval: Duration = .seconds(15)
  /// How long answers may take to end after a signal to stop.
  public var drainTimeout: Duration = .seconds(120)

  /// Creates the defaults: loopback, port 8080.
  public init() {}

  /// Whether only programs on this machine can connect.
  package var isLoopback: Bool { LoopbackName.contains(host) }
}

/// The names by which a machine calls itself.
enum LoopbackName {
  /// Whether a name or address, without port, is the machine's own.
  static func contains(_ host: String) -> Bool {
    let host = host.lowercased()
    if host == "localhost" || host == "[::1]" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
