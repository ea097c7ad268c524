import Foundation
import Platform
import TerminalChat

/// What a person, or a program, has said.
enum Said: Sendable {
  /// A text.
  case text(String)
  /// Nothing more follows.
  case end
}

/// Where messages come from.
enum ChatInputSource {
  /// Keys of a terminal that are edited here.
  case keyboard(Keyboard)
  /// Lines, of a terminal that edits them itself or of another program.
  case lines(InputLines)

  /// Whether a person types at a terminal.
  static var isTyped: Bool { isatty(STDIN_FILENO) == 1 }

  /// Where a terminal shows what is typed: at standard output, or beside it where that goes elsewhere.
  static var screen: Terminal? {
    [Terminal.output, .errors].first { $0.isShown }
  }

  /// Opens standard input.
  static func open(keepsHistory: Bool) throws -> ChatInputSource {
    guard isTyped else {
      return .lines(InputLines(InputReader(input: STDIN_FILENO, signals: nil)))
    }
    let screen = screen
    let obeys = screen?.obeysSequences ?? false
    let keys = try TerminalKeys(input: STDIN_FILENO, screen: obeys ? screen?.descriptor : nil)
    let reader = InputReader(input: STDIN_FILENO, signals: keys.signals)
    guard let screen, obeys else {
      return .lines(InputLines(reader, keys: keys, screen: screen))
    }
    let file = keepsHistory ? HistoryFile.usual : nil
    return .keyboard(Keyboard(keys, reader, screen: screen, history: file))
  }

  /// The terminal whose interrupt key stops an answer; nil where there is none.
  var keys: TerminalKeys? {
    switch self {
    case .keyboard(let keyboard): keyboard.keys
    case .lines(let lines): lines.keys
    }
  }

  /// Waits for what is said next.
  mutating func next() throws -> Said {
    switch self {
    case .keyboard(var keyboard):
      defer { self = .keyboard(keyboard) }
      return try keyboard.next()
    case .lines(var lines):
      defer { self = .lines(lines) }
      return try lines.next()
    }
  }
}
