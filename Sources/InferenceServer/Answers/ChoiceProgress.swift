import GPTModel
import Tokenizers

/// The addition of one event to an answer.
struct AnswerPiece: Hashable {
  /// Text, empty while none is certain.
  var text = ""
  /// The tokens chosen for it, and those since the last text that had none.
  var tokens: [Token] = []
  /// Reports on the tokens that the text came from.
  var logprobs: [TokenLogprobs] = []
  /// Whether the answer begins here.
  var isFirst = false
  /// How the answer ended, if it did.
  var summary: GenerationSummary?
}

/// One answer as it grows: remembers whether it began, and the tokens whose text is still withheld.
struct ChoiceProgress {
  /// Tokens chosen so far.
  private(set) var tokens = 0
  /// How the answer ended, if it did.
  private(set) var summary: GenerationSummary?
  /// Whether there was an event of the answer.
  private(set) var hasBegun = false
  private var silentTokens: [Token] = []
  private var withheld: [TokenLogprobs] = []

  /// Takes the next event in.
  mutating func piece(for event: GenerationEvent, bytes: (Token) -> [UInt8]) -> AnswerPiece {
    // What is told of the prompt is no part of the answer.
    if case .prompt = event { return AnswerPiece() }
    var piece = AnswerPiece(isFirst: !hasBegun)
    hasBegun = true
    switch event {
    case .prompt: break
    case .token(let token):
      tokens += 1
      silentTokens.append(token.token)
      piece.text = token.text
      if let logprobs = token.logprobs { withheld.append(logprobs) }
      if !token.text.isEmpty { piece.logprobs = release(withheld.count) }
    case .finished(let summary):
      self.summary = summary
      tokens = summary.usage.completionTokens
      piece.text = summary.text
      piece.summary = summary
      piece.logprobs = release(answeringTokens(in: summary, bytes: bytes))
      if let end = summary.endToken { silentTokens.append(end) }
    }
    if !piece.text.isEmpty || piece.summary != nil { swap(&piece.tokens, &silentTokens) }
    return piece
  }

  private mutating func release(_ count: Int) -> [TokenLogprobs] {
    defer { withheld.removeFirst(count) }
    return Array(withheld.prefix(count))
  }

  /// Counts the withheld tokens that belong to the answer; an end of sequence or the tokens of a stop
  /// string do not.
  private func answeringTokens(
    in summary: GenerationSummary, bytes: (Token) -> [UInt8]
  ) -> Int {
    if summary.reason == .length { return withheld.count }
    var left = summary.text.utf8.count
    return withheld.prefix { report in
      left -= bytes(report.chosen.token).count
      return left >= 0 && !summary.text.isEmpty
    }.count
  }
}
