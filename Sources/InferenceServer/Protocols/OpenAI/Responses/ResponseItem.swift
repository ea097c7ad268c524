import GPTModel
import JSON
import Platform

/// An item of a response: what the model thought, said, or called.
struct ResponseItem: Sendable, Hashable {
  /// What an item is.
  enum Kind: Sendable, Hashable {
    case reasoning, message
    case call(AnswerCall)
  }

  /// What it is.
  var kind: Kind
  /// Names the item.
  let id: String
  /// What was thought or said so far.
  var text = ""
  /// Whether nothing comes to it.
  var isDone = false

  /// Begins an item.
  init(_ kind: Kind) {
    self.kind = kind
    let prefix =
      switch kind {
      case .reasoning: "rs_"
      case .message: "msg_"
      case .call(let call): call.isCustom ? "ctc_" : "fc_"
      }
    id = prefix + RandomName.make()
  }

  /// Whether it is a message.
  var isMessage: Bool { kind == .message }
}

extension ResponseDocument {
  /// Writes an item, with its text where it is complete.
  func write(_ item: ResponseItem, to json: inout JSONWriter) {
    json.object { json in
      json.member("id", item.id)
      switch item.kind {
      case .reasoning: writeReasoning(item, to: &json)
      case .message: writeMessage(item, to: &json)
      case .call(let call): write(call, isDone: item.isDone, to: &json)
      }
    }
  }

  /// How far an item has come.
  private func status(isDone: Bool) -> Status {
    // An item knows no failure; it is what was written until then.
    isDone ? .completed : status == .running ? .running : .incomplete
  }

  private func writeReasoning(_ item: ResponseItem, to json: inout JSONWriter) {
    json.member("type", "reasoning")
    json.member("status", status(isDone: item.isDone).rawValue)
    json.member("summary") { $0.array { _ in } }
    json.member("content") { json in
      json.array { json in
        if status(isDone: item.isDone) != .running { writeReasoningPart(item.text, to: &json) }
      }
    }
  }

  /// Writes the one part of what was thought.
  func writeReasoningPart(_ text: String, to json: inout JSONWriter) {
    json.object { json in
      json.member("type", "reasoning_text")
      json.member("text", text)
    }
  }

  private func writeMessage(_ item: ResponseItem, to json: inout JSONWriter) {
    json.member("type", "message")
    json.member("status", status(isDone: item.isDone).rawValue)
    json.member("role", "assistant")
    json.member("content") { json in
      json.array { json in
        if status(isDone: item.isDone) != .running { writePart(item.text, to: &json) }
      }
    }
  }

  /// Writes the one part of a message.
  func writePart(_ text: String, to json: inout JSONWriter) {
    json.object { json in
      json.member("type", "output_text")
      json.member("text", text)
      json.member("annotations") { $0.array { _ in } }
      json.member("logprobs") { write(text.isEmpty ? [] : logprobs, to: &$0) }
    }
  }

  private func write(_ call: AnswerCall, isDone: Bool, to json: inout JSONWriter) {
    json.member("type", call.isCustom ? "custom_tool_call" : "function_call")
    json.member("status", status(isDone: isDone).rawValue)
    json.member("call_id", call.id)
    json.member("name", call.name)
    json.member(call.isCustom ? "input" : "arguments", call.arguments)
  }
}
