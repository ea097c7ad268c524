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
          let choice = builder.only
          if !choice.reasoning.isEmpty { Self.writeThinking(choice.reasoning, to: &json) }
          if !text.isEmpty { Self.writeBlock(text, to: &json) }
          for call in choice.calls { Self.write(call, input: call.arguments, to: &json) }
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

  /// Writes a block of what the model thought. Who sends it back need not prove that it is its own.
  static func writeThinking(_ text: String, to json: inout JSONWriter) {
    json.object { json in
      json.member("type", "thinking")
      json.member("thinking", text)
      json.member("signature", "")
    }
  }

  /// Writes a block of a call.
  ///
  /// - Parameter input: The arguments as JSON; what is no object, as that of a cut call, is shown as none.
  static func write(_ call: AnswerCall, input: String, to json: inout JSONWriter) {
    var arguments = JSONObject()
    if case .object(let object)? = try? JSONValue(parsing: Array(input.utf8)) { arguments = object }
    json.object { json in
      json.member("type", "tool_use")
      json.member("id", call.id)
      json.member("name", call.name)
      json.member("input") { $0.value(JSONValue.object(arguments)) }
    }
  }

  /// Writes how the message ended, or that it has not, to an open object.
  func writeEnding(to json: inout JSONWriter) {
    switch summary?.reason {
    case .stop, .stopString:
      guard builder.only.progress.finishReason != "tool_calls" else {
        json.member("stop_reason", "tool_use")
        break
      }
      json.member("stop_reason", summary?.reason == .stop ? "end_turn" : "stop_sequence")
    case nil: json.member("stop_reason", nil)
    case .length: json.member("stop_reason", "max_tokens")
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
