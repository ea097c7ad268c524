import GPTModel
import JSON
import Tokenizers

/// A chat completion in one document.
struct ChatDocument {
  private let builder: AnswerBuilder
  private var answer: ConversationAnswer { builder.answer }

  /// Writes an answer that has ended.
  init(_ builder: AnswerBuilder) {
    self.builder = builder
  }

  /// Writes the whole document.
  func json() -> JSONWriter {
    var json = JSONWriter()
    json.object { json in
      answer.heading.write(object: "chat.completion", to: &json)
      json.member("choices") { json in
        json.array { json in
          for (index, choice) in builder.choices.enumerated() { write(choice, index, to: &json) }
        }
      }
      json.member("usage") { json in
        Usage(progress, promptTokens: answer.prompt.count).write(to: &json)
      }
      answer.extras.write(answer.prompt, as: "prompt_token_ids", to: &json)
      answer.extras.writeTimings(progress, promptTokens: answer.prompt.count, to: &json)
      json.member("service_tier", "default")
      if let alternatives = answer.promptAlternatives, let report = builder.promptReport {
        json.member("prompt_logprobs") { json in
          PromptLogprobsWriter(bytes: answer.bytes)
            .write(report, alternatives: alternatives, to: &json)
        }
      }
    }
    return json
  }

  private var progress: [ChoiceProgress] { builder.choices.map(\.progress) }

  private func write(_ choice: AnswerBuilder.Choice, _ index: Int, to json: inout JSONWriter) {
    json.object { json in
      json.member("index", index)
      json.member("message") { json in
        json.object { json in
          json.member("role", "assistant")
          if choice.text.isEmpty, !choice.calls.isEmpty {
            json.member("content", nil)
          } else {
            json.member("content", choice.text)
          }
          json.member("refusal", nil)
          if !choice.reasoning.isEmpty { json.member("reasoning_content", choice.reasoning) }
          guard !choice.calls.isEmpty else { return }
          json.member("tool_calls") { json in
            json.array { json in
              for call in choice.calls { call.write(to: &json) }
            }
          }
        }
      }
      json.member("logprobs") { json in
        LogprobsWriter(bytes: answer.bytes)
          .write(answer.reportsLogprobs ? choice.logprobs : nil, to: &json)
      }
      let summary = choice.summary
      json.member("finish_reason", choice.progress.finishReason)
      if let summary { answer.extras.writeStopReason(summary, to: &json) }
      answer.extras.write(choice.tokens, as: "token_ids", to: &json)
    }
  }
}
