import GPTModel
import JSON
import Platform

/// Writes OpenAI's response object, complete or while it grows, and the items in it.
struct ResponseDocument: Sendable {
  /// How far a response or a message has come.
  enum Status: String {
    case running = "in_progress"
    case completed
    case incomplete
    case failed
  }

  /// What the request said.
  let request: ResponseRequest
  /// What is written.
  var builder: AnswerBuilder
  /// Names the one message that is written.
  let messageID = "msg_" + RandomName.make()
  /// Why there is no more of it, where that is so.
  var error: APIError?

  /// Writes what a builder holds.
  init(_ request: ResponseRequest, _ builder: AnswerBuilder) {
    self.request = request
    self.builder = builder
  }

  /// The answer's text so far.
  var text: String { builder.only.text }
  /// Reports on the tokens of the text so far.
  var logprobs: [TokenLogprobs] { builder.only.logprobs }
  private var answer: ConversationAnswer { builder.answer }
  private var summary: GenerationSummary? { builder.only.summary }

  /// How far the response has come.
  var status: Status {
    if error != nil { return .failed }
    guard let summary else { return .running }
    return summary.reason == .length ? .incomplete : .completed
  }

  /// Writes the response, without its message while nothing has been said.
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("id", answer.heading.id)
      json.member("object", "response")
      json.member("created_at", answer.heading.created)
      json.member("status", status.rawValue)
      writeEnding(to: &json)
      writeRequest(to: &json)
      json.member("output") { json in
        json.array { json in
          if status != .running { writeMessage(to: &json) }
        }
      }
      guard let summary else { return }
      json.member("usage") { writeUsage(summary.usage, to: &$0) }
    }
  }

  /// Writes the message, with its text where it is complete.
  func writeMessage(to json: inout JSONWriter) {
    json.object { json in
      json.member("id", messageID)
      json.member("type", "message")
      // A message knows no failure; it is what was written until then.
      json.member("status", (status == .failed ? .incomplete : status).rawValue)
      json.member("role", "assistant")
      json.member("content") { json in
        json.array { json in
          if status != .running { writePart(to: &json) }
        }
      }
    }
  }

  /// Writes the one part of the message.
  func writePart(to json: inout JSONWriter) {
    json.object { json in
      json.member("type", "output_text")
      json.member("text", text)
      json.member("annotations") { $0.array { _ in } }
      json.member("logprobs") { write(logprobs, to: &$0) }
    }
  }

  /// Writes reports on tokens, which are none unless asked for.
  func write(_ reports: [TokenLogprobs], to json: inout JSONWriter) {
    let writer = LogprobsWriter(bytes: answer.bytes)
    json.array { json in
      if answer.reportsLogprobs { writer.writeElements(reports, to: &json) }
    }
  }

  private func writeEnding(to json: inout JSONWriter) {
    if status == .completed { json.member("completed_at", UnixTime.now) }
    json.member("error") { json in
      guard let error else { return json.null() }
      json.object { json in
        json.member("code", "server_error")
        json.member("message", error.message)
      }
    }
    json.member("incomplete_details") { json in
      guard status == .incomplete else { return json.null() }
      json.object { $0.member("reason", "max_output_tokens") }
    }
  }

  /// Writes what the response repeats of its request, and what it tells of fields that are not there.
  private func writeRequest(to json: inout JSONWriter) {
    let conversation = request.conversation
    json.member("model", answer.heading.model)
    json.member("instructions", request.instructions)
    json.member("metadata") { $0.value(JSONValue.object(request.metadata)) }
    json.member("temperature") { $0.value(conversation.sampling.temperature) }
    json.member("top_p") { $0.value(conversation.sampling.topP) }
    json.member("top_logprobs", conversation.alternatives ?? 0)
    json.member("max_output_tokens") { json in
      if let limit = conversation.stop.maximumTokens { json.value(limit) } else { json.null() }
    }
    json.member("text") { json in
      json.object { json in
        json.member("format") { $0.value(JSONValue.object(request.format)) }
      }
    }
    json.member("tools") { $0.array { _ in } }
    json.member("tool_choice", "auto")
    json.member("parallel_tool_calls") { $0.value(true) }
    json.member("truncation", "disabled")
    json.member("background") { $0.value(false) }
    json.member("store") { $0.value(false) }
    json.member("previous_response_id", nil)
    json.member("service_tier", "default")
  }

  private func writeUsage(_ usage: Usage, to json: inout JSONWriter) {
    json.object { json in
      json.member("input_tokens", usage.promptTokens)
      json.member("input_tokens_details") { json in
        json.object { json in
          json.member("cached_tokens", usage.cachedTokens)
          json.member("cache_write_tokens", 0)
        }
      }
      json.member("output_tokens", usage.completionTokens)
      json.member("output_tokens_details") { json in
        json.object { $0.member("reasoning_tokens", 0) }
      }
      json.member("total_tokens", usage.promptTokens + usage.completionTokens)
    }
  }
}
