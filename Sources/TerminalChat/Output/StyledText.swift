/// Text for a terminal, in runs of one style each.
struct StyledText: Sendable {
  private var text = ""
  private var run = String.UnicodeScalarView()
  private var style: TextStyle = []

  /// Adds a character.
  mutating func put(_ scalar: Unicode.Scalar, _ style: TextStyle) {
    if style != self.style { endRun() }
    self.style = style
    run.append(scalar)
  }

  /// Takes what was added since this was asked last.
  mutating func drain() -> String {
    endRun()
    defer { text = "" }
    return text
  }

  private mutating func endRun() {
    text += style.applied(to: String(run))
    run = String.UnicodeScalarView()
  }
}
