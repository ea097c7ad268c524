import Foundation

/// Why a file cannot be read or written.
struct FileFailure: Error, CustomStringConvertible {
  /// The file.
  let path: String
  /// What the matter is.
  let reason: String

  /// A failure with the system's number of the fault.
  init(path: String, code: CInt) {
    self.init(path: path, reason: String(cString: strerror(code)))
  }

  /// A failure.
  init(path: String, reason: String) {
    (self.path, self.reason) = (path, reason)
  }

  var description: String { "\(path): \(reason)" }
}

/// Small files as a whole.
enum BoundedFile {
  /// Reads a regular file.
  ///
  /// - Throws: A `FileFailure` where it is something else, or has more bytes than the limit.
  static func read(_ path: String, limit: Int) throws(FileFailure) -> [UInt8] {
    // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw FileFailure(path: path, code: errno) }
    defer { close(file) }
    try checkRegular(file, path)
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Foundation.read(file, &block, block.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw FileFailure(path: path, code: errno)
      }
      if count == 0 { return bytes }
      bytes += block[..<count]
      guard bytes.count <= limit else {
        throw FileFailure(path: path, reason: "it has more than \(limit >> 20) MiB")
      }
    }
  }

  /// Writes a regular file as a whole or not at all.
  static func write(_ bytes: [UInt8], to path: String) throws(FileFailure) {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw FileFailure(path: path, reason: "it is no regular file")
    }
    do {
      try Data(bytes).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw FileFailure(path: path, reason: error.localizedDescription)
    }
  }

  private static func checkRegular(_ file: CInt, _ path: String) throws(FileFailure) {
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw FileFailure(path: path, reason: "it is no regular file")
    }
  }
}
