import GPTModel
import Tokenizers

/// The addition of one event to an answer.
struct AnswerPiece: Hashable {
  /// Text, empty while none is certain.
  var text = ""
  /// What the model thinks.
  var reasoning = ""
  /// What comes to the calls of tools.
  var calls: [CallPiece] = []
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
  /// Tokens of what the model thought.
  private(set) var reasoningTokens = 0
  private var reader: AnswerReader?
  private var calls: CallTranslator
  private var isReasoning = false
  private var silentTokens: [Token] = []
  private var withheld: [TokenLogprobs] = []

  /// Begins an answer.
  ///
  /// - Parameters:
  ///   - reader: Tells thinking, text and calls apart; nil where there is nothing but text.
  ///   - tools: The tools that are called.
  init(reader: AnswerReader? = nil, tools: RequestedTools? = nil) {
    self.reader = reader
    calls = CallTranslator(tools)
  }

  /// The value of `finish_reason`; nil while the answer goes on.
  var finishReason: String? {
    guard let summary else { return nil }
    return calls.count > 0 && summary.reason != .length ? "tool_calls" : summary.reason.wireName
  }

  /// Takes the next event in.
  mutating func piece(for event: GenerationEvent, bytes: (Token) -> [UInt8]) -> AnswerPiece {
    // What is told of the prompt is no part of the answer.
    if event.isAboutPrompt { return AnswerPiece() }
    var piece = AnswerPiece(isFirst: !hasBegun)
    hasBegun = true
    switch event {
    case .progress, .prompt: break
    case .token(let token):
      tokens += 1
      silentTokens.append(token.token)
      piece.text = token.text
      if let logprobs = token.logprobs { withheld.append(logprobs) }
      read(event, into: &piece)
      if !piece.text.isEmpty { piece.logprobs = release(withheld.count) }
    case .finished(let summary):
      self.summary = summary
      tokens = summary.usage.completionTokens
      piece.text = summary.text
      read(event, into: &piece)
      piece.summary = summary
      if reader == nil {
        piece.logprobs = release(answeringTokens(in: summary, bytes: bytes))
      } else if !piece.text.isEmpty {
        piece.logprobs = release(withheld.count)
      }
      if let end = summary.endToken { silentTokens.append(end) }
    }
    if !piece.text.isEmpty || piece.summary != nil { swap(&piece.tokens, &silentTokens) }
    return piece
  }

  /// Divides what an event says.
  private mutating func read(_ event: GenerationEvent, into piece: inout AnswerPiece) {
    guard let parts = reader?.take(event) else { return }
    piece.text = ""
    for part in parts {
      switch part {
      case .reasoning(let text):
        piece.reasoning += text
        isReasoning = true
      case .text(let text): piece.text += text
      case .callBegan(_, let id, let name): piece.calls.append(calls.begin(id: id, name: name))
      case .arguments(_, let text): piece.calls += calls.append(text)
      case .callEnded(_, let isComplete): piece.calls += calls.end(isComplete: isComplete)
      }
    }
    if !piece.text.isEmpty || !piece.calls.isEmpty { isReasoning = false }
    if isReasoning { reasoningTokens = tokens }
    // How likely tokens were is told of the text alone.
    if piece.text.isEmpty, !piece.reasoning.isEmpty || !piece.calls.isEmpty { withheld = [] }
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
