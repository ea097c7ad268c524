import GPTModel
import Tokenizers

/// Gathers the events of an answer; the documents of all protocols are written from what it holds.
struct AnswerBuilder: Sendable {
  /// One of the answers to a request.
  struct Choice: Sendable {
    /// How far it has come.
    var progress = ChoiceProgress()
    /// What the model thought so far.
    var reasoning = ""
    /// Its calls of tools so far.
    var calls: [AnswerCall] = []
    /// Its text so far.
    var text = ""
    /// Its tokens so far; none unless they are asked for.
    var tokens: [Token] = []
    /// Reports on the tokens of the text so far.
    var logprobs: [TokenLogprobs] = []

    /// How it ended, if it did.
    var summary: GenerationSummary? { progress.summary }
  }

  /// The parts of the answer that precede its first token.
  let answer: ConversationAnswer
  /// The answers, each as far as it has come.
  private(set) var choices: [Choice]
  /// The report about the prompt.
  private(set) var promptReport: PromptReport?

  /// Begins without any event.
  init(_ answer: ConversationAnswer) {
    self.answer = answer
    let choice = Choice(progress: answer.beginning, text: answer.extras.echo)
    choices = Array(repeating: choice, count: answer.choices)
  }

  /// The one answer of a protocol that has no more.
  var only: Choice { choices.first ?? Choice() }

  /// Whether an event is the first of its answer.
  func begins(with event: ChoiceEvent) -> Bool {
    if event.event.isAboutPrompt { return false }
    return !choices[event.choice].progress.hasBegun
  }

  /// Adds what an event brings, and returns it.
  @discardableResult
  mutating func append(_ event: ChoiceEvent) -> AnswerPiece {
    if case .prompt(let report) = event.event { promptReport = report }
    let piece = choices[event.choice].progress.piece(for: event.event, bytes: answer.bytes)
    choices[event.choice].text += piece.text
    choices[event.choice].reasoning += piece.reasoning
    for call in piece.calls { choices[event.choice].calls.append(call) }
    if answer.extras.reportsTokenIDs { choices[event.choice].tokens += piece.tokens }
    choices[event.choice].logprobs += piece.logprobs
    return piece
  }

  /// Adds all events up to the last.
  mutating func append(_ events: ChoiceEvents) async throws {
    while let event = try await events.next() { append(event) }
  }
}
