import TerminalChat

/// A message typed at a terminal that sends bytes.
struct Typing {
  private var parser = KeyParser()
  /// The editor.
  private(set) var editor: LineEditor

  /// Begins with what was said before.
  init(history: [String] = []) {
    var entries = InputHistory()
    for entry in history { _ = entries.add(entry) }
    editor = LineEditor(history: entries)
  }

  /// Types bytes.
  ///
  /// - Returns: What followed from the last key.
  @discardableResult mutating func type(_ text: String) -> LineEditor.Outcome {
    type(bytes: Array(text.utf8))
  }

  /// Types bytes that need not be text.
  @discardableResult mutating func type(bytes: [UInt8]) -> LineEditor.Outcome {
    var outcome = LineEditor.Outcome.editing
    for key in parser.take(bytes) { outcome = editor.take(key) }
    return outcome
  }

  /// The text with a bar where the cursor stands.
  var state: String {
    String(editor.characters[..<editor.cursor]) + "|"
      + String(editor.characters[editor.cursor...])
  }
}
