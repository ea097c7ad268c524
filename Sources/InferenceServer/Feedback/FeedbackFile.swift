import JSON
import NIOConcurrencyHelpers
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A file of pairs of answers of which one was preferred, an object of JSON on each line, as `apus align --pairs`
/// reads it.
///
/// It is bounded as a whole, and for each client that has a key. Other processes may write to it, and take it away.
package final class FeedbackFile: Sendable {
  /// How far the file may grow.
  package struct Limits: Sendable, Hashable {
    /// Bytes of the file.
    package var bytes = 64 << 20
    /// Bytes of the lines of one client.
    package var clientBytes = 8 << 20

    /// Takes the usual ones.
    package init() {}
  }

  /// Why a line is not in the file.
  enum Failure: Error, Hashable {
    /// It has no room.
    case full
    /// The client has no room.
    case clientFull
    /// The system refused.
    case system(String)
  }

  private struct State {
    /// Bytes of the file when it was last looked at.
    var size = -1
    var bytes: [String: Int] = [:]
    var counts: [String: Int] = [:]
  }

  private let path: String
  private let limits: Limits
  private let state = NIOLockedValueBox(State())

  /// Opens a file, which is made where there is none, and removes the line that a crash has cut, if there is one.
  ///
  /// - Throws: A sentence on what the system refuses.
  package init(_ path: String, limits: Limits = Limits()) throws(FeedbackFileError) {
    self.path = path
    self.limits = limits
    do throws(Failure) {
      let file = try open()
      defer { close(file) }
      let content = try read(file)
      let whole = content.lastIndex(of: Self.newline).map { $0 + 1 } ?? 0
      guard ftruncate(file, off_t(whole)) == 0 else { throw Self.failure("ftruncate") }
    } catch {
      throw FeedbackFileError(description: "\(path): \(error)")
    }
  }

  /// Adds a line.
  ///
  /// - Parameter client: Whose line it is, the value of its member `client`; empty for nobody's.
  /// - Returns: How many lines the client has, or all have where it is nobody's.
  func append(_ line: [UInt8], client: String) throws(Failure) -> Int {
    let result = state.withLockedValue { state in
      Result { () throws(Failure) in try append(line, client: client, &state) }
    }
    return try result.get()
  }

  private func append(
    _ line: [UInt8], client: String, _ state: inout State
  ) throws(Failure) -> Int {
    let file = try open()
    defer { close(file) }
    if try size(file) != state.size { state = Self.count(try read(file)) }
    guard state.size + line.count + 1 <= limits.bytes else { throw .full }
    let own = state.bytes[client, default: 0] + line.count + 1
    guard client.isEmpty || own <= limits.clientBytes else { throw .clientFull }
    try write(line + [Self.newline], to: file, at: state.size)
    state.size += line.count + 1
    state.bytes[client] = own
    state.counts[client, default: 0] += 1
    return state.counts[client, default: 0]
  }

  /// Writes a whole line or nothing.
  private func write(_ line: [UInt8], to file: CInt, at size: Int) throws(Failure) {
    let written = line.withUnsafeBytes { systemWrite(file, $0.baseAddress, $0.count) }
    guard written == line.count, fsync(file) == 0 else {
      let failure = Self.failure("write")
      _ = ftruncate(file, off_t(size))
      throw failure
    }
  }

  private static let newline = UInt8(ascii: "\n")

  /// Counts the lines of each client.
  private static func count(_ content: [UInt8]) -> State {
    var state = State(size: content.count)
    for line in content.split(separator: newline) {
      guard let value = try? JSONValue(parsing: Array(line)), case .object(let object) = value
      else {
        continue
      }
      var client = ""
      if case .string(let name)? = object["client"] { client = name }
      state.bytes[client, default: 0] += line.count + 1
      state.counts[client, default: 0] += 1
    }
    return state
  }

  private func open() throws(Failure) -> CInt {
    // Only its owner reads what people wrote.
    let file = systemOpen(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o600)
    guard file >= 0 else { throw Self.failure("open") }
    return file
  }

  /// The bytes of a file, which must be a regular one.
  private func size(_ file: CInt) throws(Failure) -> Int {
    var status = stat()
    guard fstat(file, &status) == 0 else { throw Self.failure("fstat") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .system("it is no regular file") }
    return Int(status.st_size)
  }

  private func read(_ file: CInt) throws(Failure) -> [UInt8] {
    let size = try size(file)
    guard size <= limits.bytes else { throw .full }
    var content = [UInt8](repeating: 0, count: size)
    var done = 0
    while done < size {
      let count = content.withUnsafeMutableBytes { buffer in
        pread(file, buffer.baseAddress?.advanced(by: done), size - done, off_t(done))
      }
      guard count > 0 else { throw Self.failure("read") }
      done += count
    }
    return content
  }

  private static func failure(_ call: String) -> Failure {
    .system("\(call): \(strerror(errno).map { String(cString: $0) } ?? "error \(errno)")")
  }
}

/// Why there is no file of ratings.
package struct FeedbackFileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The path, and what is wrong with it.
  package let description: String
}

extension FeedbackFile.Failure: CustomStringConvertible {
  /// What is wrong, without a path.
  var description: String {
    switch self {
    case .full: "the file of ratings is full"
    case .clientFull: "the client's part of the file of ratings is full"
    case .system(let reason): reason
    }
  }
}

#if canImport(Darwin)
  private let systemWrite = Darwin.write
  private func systemOpen(_ path: String, _ flags: CInt, _ mode: mode_t) -> CInt {
    Darwin.open(path, flags, mode)
  }
#elseif canImport(Musl)
  private let systemWrite = Musl.write
  private func systemOpen(_ path: String, _ flags: CInt, _ mode: mode_t) -> CInt {
    Musl.open(path, flags, mode)
  }
#else
  private let systemWrite = Glibc.write
  private func systemOpen(_ path: String, _ flags: CInt, _ mode: mode_t) -> CInt {
    Glibc.open(path, flags, mode)
  }
#endif
