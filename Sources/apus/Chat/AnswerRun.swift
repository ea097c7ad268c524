import GPTModel
import TerminalChat
import Tokenizers

/// An answer, or as much of it as was written.
struct Answer: Sendable {
  /// Its own text.
  var text = ""
  /// What the model thought before it.
  var thinking = ""
  /// Tokens that were chosen.
  var tokens = 0
  /// How it ended; nil where a person stopped it.
  var summary: GenerationSummary?
}

/// Writes the answer to a request.
struct AnswerRun: Sendable {
  private let request: GenerationRequest
  private let reader: AnswerReader

  /// Prepares an answer.
  ///
  /// - Parameter reader: Divides it.
  init(_ request: GenerationRequest, reader: AnswerReader) {
    (self.request, self.reader) = (request, reader)
  }

  /// Writes the answer until it ends or the task is cancelled.
  func run(on engine: Engine) async throws -> Answer {
    var answer = Answer()
    var (writer, reader) = (AnswerWriter(), reader)
    do {
      for try await event in try engine.generate(request) {
        if case .token = event { answer.tokens += 1 }
        if case .finished(let summary) = event { answer.summary = summary }
        try writer.take(reader.take(event).map(AnswerPiece.init))
      }
    } catch is CancellationError {
      // A person has stopped it; what was said stays.
    } catch {
      if answer.tokens > 0 { try writer.finish() }
      throw error
    }
    if answer.summary == nil {
      let end = GenerationSummary(
        reason: .length, text: "", usage: Usage(promptTokens: request.prompt.count))
      try writer.take(reader.take(.finished(end)).map(AnswerPiece.init))
    }
    try writer.finish()
    (answer.text, answer.thinking) = (writer.text, writer.thinking)
    return answer
  }
}
