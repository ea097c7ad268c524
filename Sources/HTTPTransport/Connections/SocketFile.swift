import Platform

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A socket in the file system, which only its owner may use.
///
/// It is made under a name that nobody else can reach, and appears under its own with the right mode.
struct SocketFile: Sendable {
  /// Why a socket cannot be made.
  struct Failure: Error, Hashable, CustomStringConvertible {
    let description: String
  }

  /// The path at which clients connect.
  let path: String
  private let folder: String

  /// The path at which the server binds, before it is published.
  var provisionalPath: String { folder + "/s" }

  /// Makes room for a socket, unless there is something at its path that may still be wanted.
  init(preparing path: String) throws(Failure) {
    let template = path + ".XXXXXX"
    guard template.utf8.count + 2 < Self.maximumLength else {
      throw Failure(description: "the path \(path) is too long for a socket")
    }
    try Self.ensureFree(path)
    var name = Array(template.utf8CString)
    guard mkdtemp(&name) != nil else { throw Self.failure("cannot be made", path) }
    self.path = path
    folder = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Lets clients find the socket, in place of one that was left over.
  func publish() throws(Failure) {
    guard chmod(provisionalPath, 0o600) == 0, rename(provisionalPath, path) == 0 else {
      throw Self.failure("cannot be made", path)
    }
    rmdir(folder)
  }

  /// Removes what this server made; another server's socket, made since, stays.
  func remove(_ identity: FileStatus.Identity?) {
    unlink(provisionalPath)
    rmdir(folder)
    if let identity, identity == Self.identity(of: path) { unlink(path) }
  }

  /// Tells the file at a path from another one of the same name; nil if there is none.
  static func identity(of path: String) -> FileStatus.Identity? {
    try? FileStatus(path, followsLinks: false).identity
  }

  private static var maximumLength: Int { MemoryLayout.size(ofValue: sockaddr_un().sun_path) }

  private static func ensureFree(_ path: String) throws(Failure) {
    let status: FileStatus
    do {
      status = try FileStatus(path, followsLinks: false)
    } catch {
      guard error.code == ENOENT else { throw failure("cannot be used", path, code: error.code) }
      return
    }
    guard status.isSocket else {
      throw Failure(description: "\(path) exists and is no socket, so it is not replaced")
    }
    guard !isLive(path) else {
      throw Failure(description: "another program listens at \(path)")
    }
  }

  /// Whether a server listens; only a refused connection shows that none does.
  private static func isLive(_ path: String) -> Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { return true }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
    }
    return result == 0 || errno != ECONNREFUSED
  }

  private static func failure(_ what: String, _ path: String, code: CInt = errno) -> Failure {
    Failure(description: "the socket \(path) \(what): \(String(cString: strerror(code)))")
  }
}
