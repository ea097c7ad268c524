/// The rows of a screen that show a message while it is typed.
package struct EditorLayout: Hashable, Sendable {
  /// The rows as a terminal is shown them, each at most as wide as the screen.
  package private(set) var rows = [""]
  /// The row of the cursor, from the first.
  package private(set) var cursorRow = 0
  /// The column of the cursor.
  package private(set) var cursorColumn = 0

  /// Lays out the text of an editor.
  ///
  /// - Parameters:
  ///   - prompt: What stands before the text.
  ///   - continuation: What stands before its further lines.
  ///   - editor: The text and the cursor.
  ///   - width: Columns of the screen.
  package init(prompt: String, continuation: String, editor: LineEditor, width: Int) {
    let prompt =
      editor.search.map { search in
        "(\(search.hasFailed ? "not found" : "search"): \(search.wanted)) "
      }
      .map { $0.typed } ?? prompt
    var column = 0
    place(prompt, width, &column)
    for (index, character) in editor.characters.enumerated() {
      if index == editor.cursor { placeCursor(before: character, width, column) }
      if character == "\n" {
        rows.append("")
        column = 0
        place(continuation, width, &column)
      } else {
        place(character, width, &column)
      }
    }
    guard editor.cursor == editor.characters.count else { return }
    if column >= width {
      rows.append("")
      column = 0
    }
    (cursorRow, cursorColumn) = (rows.count - 1, column)
  }

  /// As many rows as a screen has, those around the cursor.
  package func rows(fitting height: Int) -> Range<Int> {
    guard rows.count > height, height > 0 else { return 0..<rows.count }
    let start = min(max(0, cursorRow - height / 2), rows.count - height)
    return start..<(start + height)
  }

  /// Puts the cursor where a character is about to be placed.
  private mutating func placeCursor(before character: Character, _ width: Int, _ column: Int) {
    let wraps = character != "\n" && column + (character.shown.first?.columns ?? 0) > width
    cursorRow = wraps ? rows.count : rows.count - 1
    cursorColumn = wraps ? 0 : min(column, width - 1)
  }

  private mutating func place(_ text: String, _ width: Int, _ column: inout Int) {
    for character in text { place(character, width, &column) }
  }

  private mutating func place(_ character: Character, _ width: Int, _ column: inout Int) {
    for part in character.shown {
      let columns = part.columns
      if column + columns > width, column > 0 {
        rows.append("")
        column = 0
      }
      rows[rows.count - 1].append(part)
      column += columns
    }
  }
}
