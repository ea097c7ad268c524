import GPTModel
import Tokenizers

/// The parts of an answer that precede its first token.
struct ConversationAnswer: Sendable {
  /// The members that all parts of the answer share.
  let heading: AnswerHeading
  /// The prompt.
  let prompt: [Token]
  /// How many answers there will be.
  let choices: Int
  /// Whether each token is reported with its log-probability.
  let reportsLogprobs: Bool
  /// The extras of the answer.
  let extras: AnswerExtras
  /// Alternatives to report for each token of the prompt; nil for no report.
  let promptAlternatives: Int?
  /// The bytes that a token stands for.
  let bytes: @Sendable (Token) -> [UInt8]
}
