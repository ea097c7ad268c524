import ChatTemplates
import GPTModel
import JSON
import Tokenizers

/// The extensions of an answer beyond OpenAI's protocol, each requested by a field.
struct AnswerExtras: Hashable, Sendable {
  /// The beginning of the message that the answer continues, to be repeated before it.
  var echo = ""
  /// Whether the answer has the numbers of its tokens.
  var reportsTokenIDs = false
  /// Whether the answer has its timings.
  var reportsTimings = false
  /// Whether a stream tells how much of the prompt was computed.
  var reportsProgress = false
  /// The tokens that the request named to stop at; one of them is told as the reason.
  var stopTokens: Set<Token> = []

  /// Asks for nothing.
  init() {}

  /// Reads what a chat completion asks for.
  init(_ fields: FieldReader, messages: [ChatMessage], stop: StopCondition) throws(APIError) {
    if try fields.boolean("echo") ?? false, let last = messages.last, last.role == "assistant" {
      echo = last.content
    }
    reportsTokenIDs = try fields.boolean("return_token_ids") ?? false
    let wantsTimings = try fields.boolean("timings") ?? false
    reportsTimings = try fields.boolean("timings_per_token") ?? wantsTimings
    stopTokens = stop.tokens
  }

  /// Writes which stop string, or which token that the request named, ended an answer; or null.
  func writeStopReason(_ summary: GenerationSummary, to json: inout JSONWriter) {
    json.member("stop_reason") { json in
      if case .stopString(let string) = summary.reason {
        json.value(string)
      } else if let token = summary.endToken, stopTokens.contains(token) {
        json.value(token)
      } else {
        json.null()
      }
    }
  }

  /// Writes how long the answers took where that is asked for and all have ended.
  func writeTimings(_ choices: [ChoiceProgress], promptTokens: Int, to json: inout JSONWriter) {
    guard reportsTimings, let timings = Timings(choices, promptTokens: promptTokens) else { return }
    json.member("timings") { timings.write(to: &$0) }
  }

  /// Writes the numbers of tokens where they are asked for.
  func write(_ tokens: [Token], as name: String, to json: inout JSONWriter) {
    guard reportsTokenIDs else { return }
    json.member(name) { json in
      json.array { json in
        for token in tokens { json.value(token) }
      }
    }
  }
}
