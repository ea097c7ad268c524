import GPTModel
import JSON
import Tokenizers

/// What is known of an answer before its first token.
struct ChatAnswer: Sendable {
  /// What all parts of the answer share.
  let heading: AnswerHeading
  /// The prompt.
  let prompt: [Token]
  /// How many answers there will be.
  let choices: Int
  /// Whether each token is reported with its log-probability.
  let reportsLogprobs: Bool
  /// What is told besides.
  let extras: AnswerExtras
  /// Alternatives to report for each token of the prompt; nil for no report.
  let promptAlternatives: Int?
  /// The bytes that a token stands for.
  let bytes: @Sendable (Token) -> [UInt8]
}

/// A chat completion in one document.
struct ChatDocument {
  private let answer: ChatAnswer
  private var choices: [ChoiceProgress]
  private var texts: [String]
  private var tokens: [[Token]]
  private var logprobs: [[TokenLogprobs]]
  private var promptReport: PromptReport?

  /// Begins a document without any text.
  init(_ answer: ChatAnswer) {
    self.answer = answer
    choices = Array(repeating: ChoiceProgress(), count: answer.choices)
    texts = Array(repeating: answer.extras.echo, count: answer.choices)
    tokens = Array(repeating: [], count: answer.choices)
    logprobs = Array(repeating: [], count: answer.choices)
  }

  /// Adds what an event brings.
  mutating func append(_ event: ChoiceEvent) {
    if case .prompt(let report) = event.event { promptReport = report }
    let piece = choices[event.choice].piece(for: event.event, bytes: answer.bytes)
    texts[event.choice] += piece.text
    if answer.extras.reportsTokenIDs { tokens[event.choice] += piece.tokens }
    logprobs[event.choice] += piece.logprobs
  }

  /// Writes the whole document.
  func json() -> JSONWriter {
    var json = JSONWriter()
    json.object { json in
      answer.heading.write(object: "chat.completion", to: &json)
      json.member("choices") { json in
        json.array { json in
          for choice in choices.indices { write(choice, to: &json) }
        }
      }
      json.member("usage") { json in
        Usage(choices, promptTokens: answer.prompt.count).write(to: &json)
      }
      answer.extras.write(answer.prompt, as: "prompt_token_ids", to: &json)
      answer.extras.writeTimings(choices, promptTokens: answer.prompt.count, to: &json)
      json.member("service_tier", "default")
      if let alternatives = answer.promptAlternatives, let promptReport {
        json.member("prompt_logprobs") { json in
          PromptLogprobsWriter(bytes: answer.bytes)
            .write(promptReport, alternatives: alternatives, to: &json)
        }
      }
    }
    return json
  }

  private func write(_ choice: Int, to json: inout JSONWriter) {
    json.object { json in
      json.member("index", choice)
      json.member("message") { json in
        json.object { json in
          json.member("role", "assistant")
          json.member("content", texts[choice])
          json.member("refusal", nil)
        }
      }
      json.member("logprobs") { json in
        LogprobsWriter(bytes: answer.bytes)
          .write(answer.reportsLogprobs ? logprobs[choice] : nil, to: &json)
      }
      let summary = choices[choice].summary
      json.member("finish_reason", summary?.reason.wireName)
      if let summary { answer.extras.writeStopReason(summary, to: &json) }
      answer.extras.write(tokens[choice], as: "token_ids", to: &json)
    }
  }
}
