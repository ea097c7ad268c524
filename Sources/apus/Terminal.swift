import Foundation
import Synchronization

/// Writes one line to standard error.
func printError(_ line: String) {
  FileHandle.standardError.write(Data((line + "\n").utf8))
}

/// Writes text to standard output at once, without a line end.
func printNow(_ text: String) {
  FileHandle.standardOutput.write(Data(text.utf8))
}

/// Hands over what was printed, for a reader at the other end of a pipe.
func flushOutput() {
  fflush(nil)
}

/// A bar on standard error that shows how far something has come; silent where nobody watches.
final class ProgressBar: Sendable {
  private let title: String
  private let isShown = isatty(STDERR_FILENO) == 1
  private let shownPercent = Mutex(-1)

  init(_ title: String) {
    self.title = title
  }

  /// Shows a share from 0 to 1, and what is being done; redraws only when a percent was gained.
  func show(_ share: Double, note: String = "") {
    guard isShown else { return }
    let percent = Int(exactly: (min(1, max(0, share)) * 100).rounded(.down)) ?? 0
    shownPercent.withLock { shown in
      guard percent != shown else { return }
      shown = percent
      let bar = String(repeating: "█", count: percent / 4)
      let rest = String(repeating: "░", count: 25 - percent / 4)
      let line = "\(title) \(bar)\(rest) \(percent) %" + (note.isEmpty ? "" : "  \(note)")
      FileHandle.standardError.write(Data("\r\u{1B}[2K\(line)".utf8))
    }
  }

  /// Removes the bar.
  func finish() {
    guard isShown else { return }
    FileHandle.standardError.write(Data("\r\u{1B}[2K".utf8))
  }
}
