import Foundation
import Platform
import TerminalChat

/// Messages that a person types, edited here key by key.
struct Keyboard: Sendable {
  /// How a person leaves.
  static let howToLeave = "Ctrl-D or /exit leaves."
  /// The terminal whose keys are read.
  let keys: TerminalKeys
  private let reader: InputReader
  private let screen: Terminal
  private var historyFile: HistoryFile?
  private var editor: LineEditor
  private var parser = KeyParser()
  private var display = EditorDisplay()
  /// The terminal's size when something was shown last.
  private var size: (columns: Int, rows: Int)
  /// Keys that were typed ahead.
  private var ahead: ArraySlice<Key> = []

  /// Reads keys of a terminal.
  ///
  /// - Parameter history: Where what is typed is kept for the next time; nil for nowhere.
  init(_ keys: TerminalKeys, _ reader: InputReader, screen: Terminal, history: HistoryFile?) {
    (self.keys, self.reader, self.screen, historyFile) = (keys, reader, screen, history)
    size = screen.size
    editor = LineEditor(history: history?.load() ?? InputHistory())
  }

  /// Has a person type the next message; while it is answered, the interrupt key is a signal.
  mutating func next() throws -> Said {
    try keys.set(.each)
    display = EditorDisplay()
    size = screen.size
    try draw()
    while true {
      while let key = ahead.popFirst() {
        guard let said = try take(key) else { continue }
        try beSignalled()
        return said
      }
      try draw()
      let event = try reader.next()
      // Keys may come before the signal that tells of another size.
      noteSize()
      switch event {
      case .bytes(let bytes): ahead = parser.take(bytes)[...]
      case .signal(SIGINT): ahead = [.interrupt]
      case .signal(SIGCONT): display = EditorDisplay()
      case .signal: break
      case .end:
        try leaveLine()
        return .end
      }
    }
  }

  /// Makes the interrupt key a signal, one that was typed ahead among them.
  private mutating func beSignalled() throws {
    try keys.set(.andSignals)
    ahead += parser.take(try reader.arrived())
    guard let interrupt = ahead.lastIndex(of: .interrupt) else { return }
    ahead = ahead[(interrupt + 1)...]
    kill(getpid(), SIGINT)
  }

  private mutating func take(_ key: Key) throws -> Said? {
    if key == .enter {
      editor.endSearch()
      try draw()
    }
    let shown = layout
    switch editor.take(key) {
    case .editing: return nil
    case .submitted(let text):
      try leave(shown)
      guard !text.allSatisfy(\.isWhitespace) else { return nil }
      keep(text)
      return .text(text)
    case .interrupted(let text):
      try leave(shown)
      if text.isEmpty { try screen.write("\(Self.howToLeave)\n") }
    case .ended:
      try leave(shown)
      return .end
    case .clearsScreen: try screen.write(display.clear())
    case .suspends:
      try leave(shown)
      kill(0, SIGTSTP)
    case .refused: try screen.write("\u{07}")
    }
    return nil
  }

  /// Keeps what was typed, for this time and the next.
  private mutating func keep(_ text: String) {
    guard editor.history.add(text), let file = historyFile else { return }
    do {
      try file.append(text)
    } catch {
      printError("apus: warning: what is typed is not kept: \(error)")
      historyFile = nil
    }
  }
}

// MARK: - The screen

extension Keyboard {
  /// Notes that the terminal has another size, and has laid out anew what it shows.
  private mutating func noteSize() {
    let now = screen.size
    guard now != size else { return }
    size = now
    display.noteResize(to: layout, height: size.rows)
  }

  private var layout: EditorLayout {
    EditorLayout(
      prompt: "> ", continuation: "  ", editor: editor, width: max(2, size.columns))
  }

  private mutating func draw() throws(OutputFailure) {
    try screen.write(display.draw(layout, height: size.rows))
  }

  private mutating func leaveLine() throws(OutputFailure) {
    try leave(layout)
  }

  private mutating func leave(_ layout: EditorLayout) throws(OutputFailure) {
    try screen.write(display.leave(layout, height: size.rows))
  }
}
