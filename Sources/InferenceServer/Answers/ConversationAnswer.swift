import GPTModel
import HTTPTypes
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
  /// Reads each answer; nil where they are nothing but text.
  var reader: AnswerReader?
  /// The tools that may be called.
  var tools: RequestedTools?
  /// The fields of schemas that say more than is enforced.
  var relaxed: [String] = []
  /// How tokens are chosen.
  var sampling = SamplingParameters()
  /// The bytes that a token stands for.
  let bytes: @Sendable (Token) -> [UInt8]
}

extension ConversationAnswer {
  /// The beginning of an answer of which nothing was written yet.
  var beginning: ChoiceProgress { ChoiceProgress(reader: reader, tools: tools) }

  /// Fields of the response's head: the seed, and which schemas of tools are not enforced as they are.
  var headers: HTTPFields {
    var fields = sampling.headers
    guard !relaxed.isEmpty else { return fields }
    let places = relaxed.prefix(8).joined(separator: ", ")
    let plain = places.unicodeScalars.map { $0.isASCII && $0.value > 0x1F ? Character($0) : "?" }
    fields[.relaxedSchemas] = String(plain)
    return fields
  }
}
