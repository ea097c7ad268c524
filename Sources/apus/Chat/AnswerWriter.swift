import TerminalChat

/// Writes an answer to standard output while it comes.
struct AnswerWriter: Sendable {
  private var formatter: AnswerFormatter?
  /// The answer's own text so far.
  private(set) var text = ""
  /// What the model thought so far.
  private(set) var thinking = ""

  /// Begins an answer; where no terminal shows it, nothing but its own text is written, as it is.
  init() {
    let output = Terminal.output
    formatter = output.isShown ? AnswerFormatter(isStyled: output.showsStyles) : nil
  }

  /// Takes pieces.
  mutating func take(_ pieces: [AnswerPiece]) throws(OutputFailure) {
    var shown = ""
    for piece in pieces {
      switch piece {
      case .text(let own):
        text += own
        if formatter == nil { shown += own }
      case .thinking(let thought): thinking += thought
      }
      shown += formatter?.take(piece) ?? ""
    }
    if !shown.isEmpty { try Terminal.output.write(shown) }
  }

  /// Ends the answer's last line.
  mutating func finish() throws(OutputFailure) {
    try Terminal.output.write((formatter?.finish() ?? "") + "\n")
  }
}
