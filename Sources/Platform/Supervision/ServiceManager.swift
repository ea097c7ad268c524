#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The service manager that started this process and wants to hear from it, as systemd's `sd_notify(3)`
/// and `sd_watchdog_enabled(3)` describe it.
package struct ServiceManager: Sendable, Hashable {
  /// What a manager is told.
  package enum Message: Sendable, Hashable {
    /// The service has started.
    case ready
    /// The service is about to end.
    case stopping
    /// The service makes progress; the manager ends a service that does not say so in time.
    case watchdog
    /// What the service does, in one line, for people.
    case status(String)

    fileprivate var line: String {
      switch self {
      case .ready: "READY=1"
      case .stopping: "STOPPING=1"
      case .watchdog: "WATCHDOG=1"
      case .status(let text): "STATUS=\(text.replacing("\n", with: " "))"
      }
    }
  }

  /// Why a manager cannot be told anything.
  package struct Failure: Error, Hashable, CustomStringConvertible {
    /// The reason.
    package let description: String
  }

  /// The socket that the manager reads: a path, or a name after `@` that is in no file system.
  private let path: String
  /// Seconds within which the manager wants to hear of progress again; nil where it does not watch.
  package let watchdogInterval: Double?

  /// Finds the manager in the environment of a process; nil where there is none.
  ///
  /// - Throws: A `Failure` where the socket that it names is none that a datagram can be sent to.
  package init?(environment: [String: String], processID: Int32 = getpid()) throws(Failure) {
    guard let socket = environment["NOTIFY_SOCKET"], !socket.isEmpty else { return nil }
    guard socket.hasPrefix("/") || socket.hasPrefix("@") else {
      throw Failure(description: "NOTIFY_SOCKET is neither a path nor a name after @")
    }
    // The zero after the last byte belongs to the name of a socket in no file system.
    guard socket.utf8.count < Self.nameLength, !socket.utf8.contains(0) else {
      throw Failure(
        description: "NOTIFY_SOCKET has \(socket.utf8.count) bytes, of \(Self.nameLength - 1)")
    }
    self.path = socket
    let isMeant = environment["WATCHDOG_PID"].map { Int32($0) == processID } ?? true
    let microseconds = environment["WATCHDOG_USEC"].flatMap { UInt64($0) } ?? 0
    watchdogInterval = isMeant && microseconds > 0 ? Double(microseconds) / 1e6 : nil
  }

  /// Tells the manager something, in one datagram.
  ///
  /// - Throws: A `Failure` where the manager does not take it within some seconds.
  package func tell(_ messages: [Message]) throws(Failure) {
    let text = messages.map(\.line).joined(separator: "\n")
    let descriptor = Self.makeSocket()
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    guard send(Array(text.utf8), to: descriptor) else { throw failure() }
  }

  private func send(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var name = Array(path.utf8)
    if name.first == UInt8(ascii: "@") { name[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    // A path ends with a zero; a name in no file system ends where the address does.
    let end = path.hasPrefix("@") ? name.count : name.count + 1
    let length = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 2) + socklen_t(end)
    let sent = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, bytes, bytes.count, Self.flags, $0, length)
      }
    }
    return sent == bytes.count
  }

  private func failure(_ code: CInt = errno) -> Failure {
    Failure(description: "\(path) takes no message: \(String(cString: strerror(code)))")
  }

  /// Seconds that the manager has to take a message.
  private static let patience = 5
  private static var nameLength: Int { MemoryLayout.size(ofValue: sockaddr_un().sun_path) }

  #if os(Linux)
    private static let flags = CInt(MSG_NOSIGNAL)

    private static func makeSocket() -> CInt {
      socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }
  #else
    private static let flags: CInt = 0

    private static func makeSocket() -> CInt { socket(AF_UNIX, SOCK_DGRAM, 0) }
  #endif
}
