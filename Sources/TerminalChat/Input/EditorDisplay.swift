/// Draws a message while it is typed, over what was drawn before.
package struct EditorDisplay: Sendable {
  /// The row in which the cursor was left, from the first that was drawn.
  private var cursorRow = 0

  /// Creates a display that begins where the cursor stands, at the beginning of a row.
  package init() {}

  /// What makes a terminal show a layout.
  ///
  /// - Parameters:
  ///   - layout: The rows.
  ///   - height: Rows of the screen.
  package mutating func draw(_ layout: EditorLayout, height: Int) -> String {
    let shown = layout.rows(fitting: height)
    var text = up(cursorRow) + "\r\u{1B}[J" + layout.rows[shown].joined(separator: "\r\n")
    cursorRow = layout.cursorRow - shown.lowerBound
    text += up(shown.count - 1 - cursorRow) + "\r"
    if layout.cursorColumn > 0 { text += "\u{1B}[\(layout.cursorColumn)C" }
    return text
  }

  /// What makes a terminal clear its screen, where drawing begins anew.
  package mutating func clear() -> String {
    cursorRow = 0
    return "\u{1B}[H\u{1B}[2J"
  }

  /// Notes that a terminal of another width has laid out the same text anew.
  package mutating func noteResize(to layout: EditorLayout, height: Int) {
    cursorRow = layout.cursorRow - layout.rows(fitting: height).lowerBound
  }

  /// What makes a terminal go on below a layout that it shows.
  package mutating func leave(_ layout: EditorLayout, height: Int) -> String {
    let below = layout.rows(fitting: height).count - 1 - cursorRow
    cursorRow = 0
    return (below > 0 ? "\u{1B}[\(below)B" : "") + "\r\n"
  }

  private func up(_ rows: Int) -> String { rows > 0 ? "\u{1B}[\(rows)A" : "" }
}
