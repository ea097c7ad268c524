#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The files of this system.
package final class SystemFiles: CheckpointFiles {
  /// Bytes of the largest file that is read.
  private static let largest = 1 << 36

  /// Needs nothing.
  package init() {}

  package func makeFolder(_ path: String) throws(TrainingError) {
    try check(mkdir(path, 0o755), "mkdir", path)
  }

  package func write(_ bytes: [UInt8], to path: String) throws(TrainingError) {
    try write(bytes, to: path, flags: O_TRUNC)
  }

  package func append(_ bytes: [UInt8], to path: String) throws(TrainingError) {
    try write(bytes, to: path, flags: O_APPEND)
  }

  private func write(
    _ bytes: [UInt8], to path: String, flags: CInt
  ) throws(TrainingError) {
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o644)
    try check(file, "open", path)
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        systemWrite(file, buffer.baseAddress?.advanced(by: done), bytes.count - done)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let code = errno
        close(file)
        throw Self.failure("write", path, code)
      }
      done += count
    }
    try check(close(file), "close", path)
  }

  package func sync(_ path: String) throws(TrainingError) {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    try check(file, "open", path)
    let result = fsync(file)
    let code = errno
    close(file)
    if result != 0 { throw Self.failure("fsync", path, code) }
  }

  package func rename(_ path: String, to new: String) throws(TrainingError) {
    try check(systemRename(path, new), "rename", path)
  }

  package func names(in folder: String) throws(TrainingError) -> [String] {
    guard let handle = opendir(folder) else { throw Self.failure("opendir", folder, errno) }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  package func read(_ path: String) throws(TrainingError) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    try check(file, "open", path)
    defer { close(file) }
    var status = stat()
    try check(fstat(file, &status), "fstat", path)
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.largest else {
      throw TrainingError(.system, field: path, "no regular file of up to \(Self.largest) bytes")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeMutableBytes { buffer in
        systemRead(file, buffer.baseAddress?.advanced(by: done), buffer.count - done)
      }
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw Self.failure("read", path, errno) }
      if count == 0 { break }
      done += count
    }
    return Array(bytes.prefix(done))
  }

  package func remove(_ path: String) throws(TrainingError) {
    if unlink(path) == 0 || errno == ENOENT { return }
    for name in try names(in: path) { try check(unlink("\(path)/\(name)"), "unlink", name) }
    try check(rmdir(path), "rmdir", path)
  }

  private func check(_ result: CInt, _ call: String, _ path: String) throws(TrainingError) {
    if result < 0 { throw Self.failure(call, path, errno) }
  }

  private static func failure(_ call: String, _ path: String, _ code: CInt) -> TrainingError {
    let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    return TrainingError(.system, field: path, "\(call): \(reason)")
  }
}

#if canImport(Darwin)
  private let (systemWrite, systemRead, systemRename) = (Darwin.write, Darwin.read, Darwin.rename)
#elseif canImport(Musl)
  private let (systemWrite, systemRead, systemRename) = (Musl.write, Musl.read, Musl.rename)
#else
  private let (systemWrite, systemRead, systemRename) = (Glibc.write, Glibc.read, Glibc.rename)
#endif
