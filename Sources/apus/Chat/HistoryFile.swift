import Foundation
import TerminalChat

/// The file that keeps what is typed, readable by its owner alone.
struct HistoryFile: Sendable {
  /// Where it lies.
  let path: String

  /// The file in the folder for the state of programs; nil where the environment names none.
  static var usual: HistoryFile? {
    let environment = ProcessInfo.processInfo.environment
    let named = environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 + "/.local/state" : nil }
    return (named ?? home).map { HistoryFile(path: "\($0)/apus/chat-history") }
  }

  /// Reads the file; what cannot be read is empty. One that has grown too long is made shorter.
  func load() -> InputHistory {
    guard let content = try? BoundedFile.read(path, limit: InputHistory.fileLimit) else {
      return InputHistory()
    }
    let history = InputHistory(file: content)
    let lines = content.reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
    if lines > 2 * InputHistory.limit || content.count > InputHistory.fileLimit / 2 {
      // Where it cannot be written, the next message says so.
      try? replace(with: history.file)
    }
    return history
  }

  /// Adds what was typed.
  func append(_ text: String) throws(FileFailure) {
    try makeFolder()
    let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
    guard file >= 0 else { throw FileFailure(path: path, code: errno) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw FileFailure(path: path, reason: "it is no regular file")
    }
    if status.st_mode & 0o077 != 0 { fchmod(file, 0o600) }
    // One call, so that lines of several programs do not mix.
    let line = InputHistory.line(for: text)
    guard write(file, line, line.count) == line.count else {
      throw FileFailure(path: path, code: errno)
    }
  }

  private func makeFolder() throws(FileFailure) {
    let folder = URL(filePath: path).deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw FileFailure(path: folder.path, reason: error.localizedDescription)
    }
  }

  private func replace(with content: [UInt8]) throws {
    let next = "\(path).\(getpid())"
    let file = open(next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw FileFailure(path: next, code: errno) }
    let count = write(file, content, content.count)
    close(file)
    guard count == content.count, rename(next, path) == 0 else {
      let code = errno
      unlink(next)
      throw FileFailure(path: path, code: code)
    }
  }
}
