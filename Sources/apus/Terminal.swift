import Foundation
import Platform

/// A stream of the process that a person or another program reads.
struct Terminal: Sendable {
  /// Standard output, for results.
  static let output = Terminal(descriptor: STDOUT_FILENO, name: "standard output")
  /// Standard error, for what is said beside the results.
  static let errors = Terminal(descriptor: STDERR_FILENO, name: "standard error")

  /// The number of the open file.
  let descriptor: CInt
  /// What error messages call the stream.
  let name: String

  /// Whether a terminal shows what is written.
  var isShown: Bool { isatty(descriptor) == 1 }

  /// Whether a terminal shows what is written and obeys the usual sequences, those that move the cursor
  /// for one.
  var obeysSequences: Bool {
    isShown && !["", "dumb"].contains(ProcessInfo.processInfo.environment["TERM"] ?? "")
  }

  /// Whether a terminal shows styles, and nobody has asked for none.
  var showsStyles: Bool {
    obeysSequences && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
  }

  /// Columns of the terminal; 80 where it does not say.
  var width: Int { size.columns }

  /// Columns and rows of the terminal; 80 and 24 where it does not say.
  var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 else { return (80, 24) }
    return (
      size.ws_col > 0 ? Int(size.ws_col) : 80, size.ws_row > 0 ? Int(size.ws_row) : 24
    )
  }

  /// Writes text whole, waiting for a reader that is slow.
  func write(_ text: String) throws(OutputFailure) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        bytes = bytes.dropFirst(count)
        continue
      }
      let code = errno
      switch code {
      case EINTR: continue
      case EAGAIN: waitForRoom()
      default: throw OutputFailure(stream: name, code: code)
      }
    }
  }

  /// Waits until a pipe that does not block takes more.
  private func waitForRoom() {
    var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    _ = poll(&request, 1, -1)
  }
}

/// Why what a command found cannot be written.
struct OutputFailure: Error, CustomStringConvertible {
  /// The stream.
  let stream: String
  /// The system's number of the fault.
  let code: CInt

  /// The exit code of `sysexits.h` for output that failed.
  static let exitCode: CInt = 74

  /// Whether the reader of a pipe has left, which is no fault.
  var isReaderGone: Bool { code == EPIPE }

  var description: String { "\(stream) cannot be written: \(String(cString: strerror(code)))" }
}

/// Writes lines to standard output, without what a terminal might obey.
func show(_ lines: String) throws(OutputFailure) {
  try Terminal.output.write(lines.harmlessLines + "\n")
}

/// Writes text of a model to standard output at once: as it is, or harmless where a terminal shows it.
func showNow(_ text: String) throws(OutputFailure) {
  try Terminal.output.write(Terminal.output.isShown ? text.harmlessLines : text)
}

/// Writes a line to standard error, without what a terminal might obey.
///
/// Where nobody can read it, nobody can be told so: the command goes on.
func printError(_ line: String) {
  try? Terminal.errors.write(line.harmlessLines + "\n")
}
