import GPTModel
import JSON

/// Writes Anthropic's message object, complete or as it begins.
struct MessageDocument: Sendable {
  /// What is written.
  var builder: AnswerBuilder
  private var answer: ConversationAnswer { builder.answer }
  private var text: String { builder.only.text }
  private var summary: GenerationSummary? { builder.only.summary }

  /// Writes the message.
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("id", answer.heading.id)
      json.member("type", "message")
      json.member("role", "assistant")
      json.member("model", answer.heading.model)
      json.member("content") { json in
        json.array { json in
          if !text.isEmpty { Self.writeBlock(text, to: &json) }
        }
      }
      writeEnding(to: &json)
      json.member("usage") { writeUsage(to: &$0) }
    }
  }

  /// Writes a block of text.
  static func writeBlock(_ text: String, to json: inout JSONWriter) {
    json.object { json in
      json.member("type", "text")
      json.member("text", text)
    }
  }

  /// Writes how the message ended, or that it has not, to an open object.
  func writeEnding(to json: inout JSONWriter) {
    switch summary?.reason {
    case nil: json.member("stop_reason", nil)
    case .stop: json.member("stop_reason", "end_turn")
    case .length: json.member("stop_reason", "max_tokens")
    case .stopString: json.member("stop_reason", "stop_sequence")
    }
    if case .stopString(let string) = summary?.reason {
      json.member("stop_sequence", string)
    } else {
      json.member("stop_sequence", nil)
    }
  }

  /// Writes the tokens used so far; those of the prompt that were cached are not counted twice.
  func writeUsage(to json: inout JSONWriter) {
    let usage = summary?.usage ?? Usage(promptTokens: answer.prompt.count)
    json.object { json in
      json.member("input_tokens", usage.promptTokens - usage.cachedTokens)
      json.member("cache_creation_input_tokens", 0)
      json.member("cache_read_input_tokens", usage.cachedTokens)
      json.member("output_tokens", usage.completionTokens)
    }
  }
}
