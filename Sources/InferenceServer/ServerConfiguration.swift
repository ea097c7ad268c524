public import HTTPTransport
import NIOCore
package import Platform

/// The settings of a server.
public struct ServerConfiguration: Sendable, Hashable {
  /// The address or name to listen on; `localhost` stands for both 127.0.0.1 and ::1.
  public var host = "localhost"
  /// The port to listen on; 0 takes one that is free.
  public var port = 8080
  /// Names and addresses, without port, that a request's `Host` may have besides loopback ones. Empty
  /// allows any where the server listens beyond loopback.
  public var allowedHosts: Set<String> = []
  /// Origins whose web pages may call, as `OriginPattern` describes them.
  public var allowedOrigins: Set<String> = []
  /// Methods that a web page may use.
  public var allowedMethods = ["GET", "POST", "OPTIONS"]
  /// Headers that a web page may send; a star does not stand for `authorization`.
  public var allowedHeaders = ["authorization", "*"]
  /// Headers of an answer that a web page may read, besides those it always may.
  public var exposedHeaders = ["x-request-id", "retry-after", "x-apus-seed", "x-apus-relaxed"]
  /// Whether a request may name any model, and gets the one that is served.
  public var takesAnyModelName = false
  /// Requests that each key may send in a minute; nil for any number.
  public var requestsPerMinute: Int?
  /// Bytes that a request's body may have.
  public var maximumBodyBytes = 8 << 20
  /// Whether the model is shown the JSON schema that its answer has to match, in the system message.
  public var showsSchemas = true
  /// Bytes of memory for responses that later requests may go on from; 0 keeps none. Nil means 64 MiB
  /// where clients need keys, and none elsewhere.
  public var keptResponseBytes: Int?
  /// What the machine costs; nil where nobody said.
  package var price: MachinePrice?
  /// Connections that may be open; for further ones, those that are not in use are closed.
  public var maximumConnections = 2048
  /// The limit of connections of one client address; 0 for no limit. Nil means 1024, and any number
  /// for programs on this machine.
  public var maximumConnectionsPerClient: Int?
  /// A path to listen at, as a socket of the file system, instead of the address and port.
  public var socketPath: String?
  /// Descriptors of sockets that listen already and were left to the process, as a service manager does,
  /// instead of the address, port and path.
  public var inheritedSockets: [CInt] = []
  /// The certificate and key for TLS; nil listens without encryption.
  public var tls: TLSFiles?
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

  /// Whether programs on other machines may connect.
  package var isOpen: Bool { socketPath == nil && !isLoopback }

  /// Whether every `Host` is allowed, because no web page can direct a browser to the server.
  package var takesAnyHost: Bool {
    socketPath != nil || (isOpen && allowedHosts.isEmpty)
  }
}

extension ServerConfiguration {
  /// The settings of the transport.
  var transport: TransportSettings {
    var settings = TransportSettings(
      host: ListenAddress.withoutBrackets(host), port: port, maximumConnections: maximumConnections)
    settings.socketPath = socketPath
    settings.inheritedSockets = inheritedSockets
    settings.tls = tls
    settings.maximumConnectionsPerClient = maximumConnectionsPerClient
    settings.limits.bodyBytes = maximumBodyBytes
    settings.limits.idleTime = TimeAmount(idleTimeout)
    settings.vitalPaths = RouteTable.vitalPaths
    return settings
  }
}

/// The names by which a machine calls itself.
enum LoopbackName {
  /// Whether a name or address, without port, is the machine's own.
  static func contains(_ host: String) -> Bool {
    let host = host.lowercased()
    if ["127.0.0.1", "localhost", "[::1]", "::1"].contains(host) { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
