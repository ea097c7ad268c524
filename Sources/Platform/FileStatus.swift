#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What the system tells of a file without opening it.
package struct FileStatus: Sendable, Hashable {
  /// Why a file could not be looked at.
  package struct Failure: Error, Hashable {
    /// The system's number of the reason.
    package let code: CInt
  }

  /// The device and the number on it, which tell a file from another one of the same name.
  package struct Identity: Sendable, Hashable {
    private let device: UInt64
    private let number: UInt64

    fileprivate init(_ status: stat) {
      device = UInt64(truncatingIfNeeded: status.st_dev)
      number = UInt64(truncatingIfNeeded: status.st_ino)
    }
  }

  /// Which file it is.
  package let identity: Identity
  /// Bytes in the file.
  package let size: Int64
  /// When the content was changed last, in seconds since 1970, and nanoseconds.
  package let changed: [Int64]
  /// Whether it is a socket.
  package let isSocket: Bool
  /// Whether others than its owner and group may read it.
  package let isReadByAll: Bool

  /// Looks at a file.
  ///
  /// - Parameter followsLinks: Whether a link stands for the file to which it leads.
  package init(_ path: String, followsLinks: Bool = true) throws(Failure) {
    var status = stat()
    guard (followsLinks ? stat(path, &status) : lstat(path, &status)) == 0 else {
      throw Failure(code: errno)
    }
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    identity = Identity(status)
    size = Int64(status.st_size)
    changed = [Int64(time.tv_sec), Int64(time.tv_nsec)]
    isSocket = status.st_mode & S_IFMT == S_IFSOCK
    isReadByAll = status.st_mode & S_IROTH != 0
  }
}
