import Foundation
import Platform
import Synchronization

/// Shows on standard error how far something has come: a bar in a terminal, a line for each quarter
/// elsewhere.
final class ProgressBar: Sendable {
  private let title: String
  private let isShown = Terminal.errors.obeysSequences
  private let start = ContinuousClock.now
  private let shownSteps = Mutex(0)

  /// What takes less time is not worth a line.
  private static let quietTime = Duration.seconds(2)

  init(_ title: String) {
    self.title = title
  }

  /// Shows a share from 0 to 1, and what is being done; says nothing new before a step was gained.
  func show(_ share: Double, note: String = "") {
    let percent = Int(exactly: (min(1, max(0, share)) * 100).rounded(.down)) ?? 0
    let step = isShown ? percent : percent / 25 * 25
    let gained = shownSteps.withLock { shown in
      defer { shown = max(shown, step) }
      return step > shown
    }
    guard gained else { return }
    if isShown {
      draw(percent, note)
    } else if ContinuousClock.now - start > Self.quietTime {
      printError("\(title): \(step) %" + (note.isEmpty ? "" : ", \(note)"))
    }
  }

  /// Removes the bar.
  func finish() {
    ProgressLine().finish()
  }

  /// Draws the bar in what the title leaves of the terminal's width.
  private func draw(_ percent: Int, _ note: String) {
    let room = min(25, Terminal.errors.width - title.count - " 100 % ".count - 1)
    guard room >= 4 else { return ProgressLine().show("\(title) \(percent) %") }
    let bar = String(repeating: "█", count: percent * room / 100)
    let rest = String(repeating: "░", count: room - percent * room / 100)
    ProgressLine().show("\(title) \(bar)\(rest) \(percent) %  \(note)")
  }
}

/// A line on standard error that says how far something has come; silent where nobody watches.
struct ProgressLine: Sendable {
  private let isShown = Terminal.errors.obeysSequences

  /// Replaces the line by as much of a text as fits.
  func show(_ text: String) {
    guard isShown else { return }
    let line = String(text.harmlessLines.prefix(Terminal.errors.width - 1))
    // Where it cannot be written, nobody watches any more.
    try? Terminal.errors.write("\r\u{1B}[2K\(line)")
  }

  /// Removes the line.
  func finish() {
    show("")
  }
}
