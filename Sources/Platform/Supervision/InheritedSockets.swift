#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Sockets that listen already when a process starts, because its service manager opened them: systemd's
/// `sd_listen_fds(3)`. Connections that come while the process is started again wait in them.
package enum InheritedSockets {
  /// Why inherited sockets are no use.
  package struct Failure: Error, Hashable, CustomStringConvertible {
    /// The reason.
    package let description: String
  }

  /// The first descriptor that a manager hands over.
  package static let first: CInt = 3
  /// Sockets that a process is handed at most.
  private static let limit: CInt = 64

  /// The descriptors that were left to a process, from the first on; none where it was started without.
  ///
  /// - Throws: A `Failure` that names the descriptor which is no stream socket that listens.
  package static func descriptors(
    environment: [String: String], processID: Int32 = getpid(), from first: CInt = first
  ) throws(Failure) -> [CInt] {
    guard let text = environment["LISTEN_FDS"], !text.isEmpty,
      environment["LISTEN_PID"].map({ Int32($0) == processID }) ?? false
    else { return [] }
    guard let count = CInt(text), (1...limit).contains(count) else {
      throw Failure(description: "LISTEN_FDS must be from 1 to \(limit), not \(text.prefix(20))")
    }
    let descriptors = Array(first..<(first + count))
    for descriptor in descriptors {
      guard option(SO_TYPE, of: descriptor) == streamType,
        option(SO_ACCEPTCONN, of: descriptor) == 1
      else {
        throw Failure(description: "descriptor \(descriptor) is no stream socket that listens")
      }
      // Programs that this one starts must not keep the port.
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
    return descriptors
  }

  #if os(Linux)
    private static var streamType: CInt { CInt(SOCK_STREAM.rawValue) }
  #else
    private static var streamType: CInt { SOCK_STREAM }
  #endif

  private static func option(_ name: CInt, of descriptor: CInt) -> CInt? {
    var value: CInt = 0
    var size = socklen_t(MemoryLayout<CInt>.size)
    return getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
  }
}
