import Platform

/// Shows an answer while it is written: thinking apart from the answer's own text.
///
/// Without styles the text is shown as it was written. What a terminal might obey is spelled out in any
/// case.
package struct AnswerFormatter: Sendable {
  private let isStyled: Bool
  private var markdown = MarkdownStyler()
  private var isThinking = false
  /// Line breaks that thinking ended with so far, which are shown when it goes on.
  private var openBreaks = 0

  /// Begins an answer.
  ///
  /// - Parameter isStyled: Whether the terminal shows styles.
  package init(isStyled: Bool) {
    self.isStyled = isStyled
  }

  /// Takes a piece and returns what the terminal is shown.
  package mutating func take(_ piece: AnswerPiece) -> String {
    switch piece {
    case .thinking(let text): return takeThinking(text.harmlessLines)
    case .text(let text):
      guard !text.isEmpty else { return "" }
      let end = endThinking()
      return end + (isStyled ? markdown.take(text.harmlessLines) : text.harmlessLines)
    }
  }

  /// Ends the answer and returns what was held back.
  package mutating func finish() -> String {
    endThinking() + (isStyled ? markdown.finish() : "")
  }

  private mutating func takeThinking(_ text: String) -> String {
    let opening = isThinking || isStyled ? "" : "<think>\n"
    isThinking = true
    var scalars = Array(repeating: "\n" as Unicode.Scalar, count: openBreaks)
    scalars += text.unicodeScalars
    let end = (scalars.lastIndex { $0 != "\n" } ?? -1) + 1
    openBreaks = scalars.count - end
    var shown = ""
    shown.unicodeScalars.append(contentsOf: scalars[..<end])
    return opening + (isStyled ? TextStyle.dim.applied(to: shown) : shown)
  }

  private mutating func endThinking() -> String {
    guard isThinking else { return "" }
    (isThinking, openBreaks) = (false, 0)
    return isStyled ? "\n\n" : "\n</think>\n\n"
  }
}
