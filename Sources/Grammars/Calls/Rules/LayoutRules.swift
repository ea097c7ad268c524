/// What surrounds the text of an answer, by the format's layout.
struct LayoutRules {
  /// What stands between parts in a format with recipients.
  static let recipientMark = ">>>"

  private let format: CallFormat
  private let spelling: MarkSpelling

  /// Prepares for a format.
  init(_ format: CallFormat, _ spelling: MarkSpelling) {
    self.format = format
    self.spelling = spelling
  }

  /// A text as an answer has it, after which calls may come.
  ///
  /// - Parameter calls: The calls; nil where the text is the whole answer.
  func text(
    _ text: Grammar.Expression, before calls: Grammar.Expression? = nil,
    in builder: inout GrammarBuilder
  ) -> Grammar.Expression {
    switch format.layout {
    case .channels:
      let header = mark("<|channel|>final<|message|>", in: &builder)
      return .sequence([header, text])
    case .recipients:
      let shown = Grammar.Expression.sequence([builder.lexeme(Regex("all\n")), text])
      guard let calls else { return shown }
      let next = Grammar.Expression.sequence([mark(Self.recipientMark, in: &builder), calls])
      return .sequence([shown, .repetition(next, min: 0, max: 1)])
    case .blocks:
      let shown = marked(text, in: &builder)
      return calls.map { .sequence([shown, .repetition($0, min: 0, max: 1)]) } ?? shown
    }
  }

  /// Messages before an answer in channels, each ended: what the model thinks, and says about its calls.
  ///
  /// - Parameter thinking: Whether the model thinks; otherwise it only says.
  func messages(
    before answer: Grammar.Expression, thinking: Bool, in builder: inout GrammarBuilder
  ) -> Grammar.Expression {
    let end = mark("<|end|><|start|>assistant", in: &builder)
    let text = builder.lexeme(spelling.freeText(without: ["<|end|>"]))
    let headers = (thinking ? ["analysis"] : []) + ["commentary"]
    let messages = headers.map { header in
      Grammar.Expression.sequence([
        mark("<|channel|>\(header)<|message|>", in: &builder), text, end,
      ])
    }
    return .sequence([.repetition(.alternatives(messages), min: 0, max: nil), answer])
  }

  /// A text between the marks that a format may have around it.
  private func marked(
    _ text: Grammar.Expression, in builder: inout GrammarBuilder
  ) -> Grammar.Expression {
    guard let open = format.textMarks.first, let close = format.textMarks.last else { return text }
    let (begin, end) = (mark(open, in: &builder), mark(close, in: &builder))
    return .alternatives([.sequence([begin, text, end]), text])
  }

  private func mark(_ text: String, in builder: inout GrammarBuilder) -> Grammar.Expression {
    spelling.expression(of: text, in: &builder)
  }
}
