#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A regular file opened for reading; closed when the last reference goes.
package final class RegularFile: ByteSource {
  package let byteCount: UInt64
  private let descriptor: Int32
  private let identity: Identity

  /// What changes when somebody writes to a file or shortens it.
  private struct Identity: Hashable {
    let size: Int64
    let modifiedSeconds: Int
    let modifiedNanoseconds: Int

    init(_ status: stat) {
      size = Int64(status.st_size)
      #if canImport(Darwin)
        modifiedSeconds = status.st_mtimespec.tv_sec
        modifiedNanoseconds = status.st_mtimespec.tv_nsec
      #else
        modifiedSeconds = status.st_mtim.tv_sec
        modifiedNanoseconds = status.st_mtim.tv_nsec
      #endif
    }
  }

  /// Opens a path; a directory, pipe, socket or device is refused.
  package init(path: String) throws(ModelError) {
    guard !path.utf8.contains(0) else {
      throw ModelError(.unreadable, field: "file", "the path holds a NUL")
    }
    // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw ModelError(.unreadable, field: "file", "opening failed: \(Self.reason(errno))")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      let byteCount = UInt64(exactly: status.st_size)
    else {
      close(descriptor)
      throw ModelError(.unreadable, field: "file", "not a regular file")
    }
    self.descriptor = descriptor
    self.byteCount = byteCount
    identity = Identity(status)
  }

  /// Whether something of this path is there, be it what it may.
  static func exists(_ path: String) -> Bool {
    var status = stat()
    return !path.utf8.contains(0) && stat(path, &status) == 0
  }

  /// Whether the path is a folder's.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return !path.utf8.contains(0) && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  deinit {
    close(descriptor)
  }

  /// What the system calls an error number.
  static func reason(_ code: Int32) -> String {
    strerror(code).map { String(cString: $0) } ?? "system error \(code)"
  }

  package func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome {
    guard let place = off_t(exactly: offset) else { return .bytes(0) }
    let count = pread(descriptor, buffer.baseAddress, buffer.count, place)
    if count >= 0 { return .bytes(count) }
    return errno == EINTR ? .interrupted : .failed(errno)
  }

  package func isUnchanged() -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && Identity(status) == identity
  }
}
