import NIOCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Where a server listens.
package struct ListenAddress: Hashable, Sendable {
  /// An address or name of this machine, without brackets.
  package let host: String
  /// The port; 0 takes one that is free.
  package let port: Int

  /// Names an address.
  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// The address that `localhost` has besides this one; nil where another host is named.
  var twin: String? { isLocalhost ? "::1" : nil }

  /// What to bind to.
  var bound: String { isLocalhost ? "127.0.0.1" : host }

  private var isLocalhost: Bool { host.lowercased() == "localhost" }

  /// An IPv6 address without the brackets that it has in a URL.
  package static func withoutBrackets(_ host: String) -> String {
    guard host.hasPrefix("["), host.hasSuffix("]") else { return host }
    return String(host.dropFirst().dropLast())
  }

  /// A host that a URL on this machine may have, for a host that a server listens on.
  package static func reachable(_ host: String) -> String {
    switch withoutBrackets(host) {
    case "0.0.0.0", "localhost": "127.0.0.1"
    case "::": "[::1]"
    case let address where address.contains(":"): "[\(address)]"
    case let name: name
    }
  }
}

/// Why a server cannot listen at an address.
package struct ListenError: Error, Hashable, CustomStringConvertible {
  /// The reason, and what helps.
  package let description: String

  /// Puts what the system or a name lookup said into words; nil for errors of another kind.
  init?(_ error: any Error, at address: ListenAddress) {
    switch error {
    case let error as IOError: description = Self.reason(error.errnoCode, address)
    case is SocketAddressError, is SocketAddressError.UnknownHost:
      description =
        "the host \(address.host) has no address; give one of this machine with --host"
    default: return nil
    }
  }

  private static func reason(_ code: CInt, _ address: ListenAddress) -> String {
    switch code {
    case EADDRINUSE:
      "another program listens at port \(address.port) of \(address.host); end it, or choose another"
        + " port with --port"
    case EADDRNOTAVAIL:
      "\(address.host) is no address of this machine; give one that is with --host"
    case EACCES:
      "port \(address.port) is reserved by the system; choose one from 1024 on with --port"
    default: "cannot listen at \(address.host): \(String(cString: strerror(code)))"
    }
  }
}
