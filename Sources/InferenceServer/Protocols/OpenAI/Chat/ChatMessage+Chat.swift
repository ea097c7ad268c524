import ChatTemplates
import GPTModel
import JSON

extension ChatMessage {
  /// Reads `messages`, a conversation of at least one message.
  static func conversation(_ fields: FieldReader) throws(APIError) -> [ChatMessage] {
    let name = "messages"
    guard let elements = try fields.array(name) else {
      throw fields.missing(name)
    }
    guard !elements.isEmpty else { throw fields.invalid(name, "must not be empty") }
    var messages: [ChatMessage] = []
    var history = ToolHistory()
    for (index, element) in elements.enumerated() {
      messages.append(try ChatMessage(fields.reader(name, element: index, element), &history))
    }
    return messages
  }

  private init(_ fields: FieldReader, _ history: inout ToolHistory) throws(APIError) {
    let role = try Self.role(fields)
    if role == "tool" {
      let isFunction = try fields.string("role") == "function"
      let id = isFunction ? nil : try fields.string("tool_call_id")
      self = try history.result(
        fields.text("content", kinds: ["text": "text"]) ?? "", of: id, fields, "tool_call_id")
      return
    }
    if role != "assistant", try fields.array("tool_calls")?.isEmpty == false {
      throw fields.invalid("tool_calls", "is for messages of the assistant's")
    }
    let calls = role == "assistant" ? try PastCall.calls(of: fields, &history) : []
    self.init(role: role, content: try Self.content(fields, role: role))
    add(calls)
    if let name = try fields.string("name") {
      extra["name"] = .string(name)
    }
    if let reasoning = try fields.string(fields.spelling("reasoning_content", "reasoning")) {
      extra["reasoning_content"] = .string(reasoning)
    }
  }

  private static func role(_ fields: FieldReader) throws(APIError) -> String {
    switch try fields.string("role") {
    case "developer", "system": return "system"
    case "user": return "user"
    case "assistant": return "assistant"
    case "tool", "function": return "tool"
    case nil: throw fields.missing("role")
    default: throw fields.mismatch("role", "developer, system, user, assistant, or tool")
    }
  }

  private static func content(_ fields: FieldReader, role: String) throws(APIError) -> String {
    let isAssistant = role == "assistant"
    var kinds = ["text": "text"]
    if isAssistant { kinds["refusal"] = "refusal" }
    if let text = try fields.text("content", kinds: kinds) { return text }
    guard isAssistant else { throw fields.missing("content") }
    return ""
  }
}

extension PastCall {
  /// Reads `tool_calls`, or the older `function_call`.
  fileprivate static func calls(
    of fields: FieldReader, _ history: inout ToolHistory
  ) throws(APIError) -> [PastCall] {
    var calls: [PastCall] = []
    for (index, element) in (try fields.array("tool_calls") ?? []).enumerated() {
      let call = try fields.reader("tool_calls", element: index, element)
      let id = history.id(of: try call.string("id"))
      if let custom = try call.reader("custom") {
        calls.append(
          PastCall(
            id: id, name: try custom.required("name"), input: try custom.string("input") ?? ""))
      } else {
        guard let function = try call.reader("function") else { throw call.missing("function") }
        calls.append(try PastCall(id: id, function: function))
      }
    }
    if let function = try fields.reader("function_call") {
      calls.append(try PastCall(id: history.id(of: nil), function: function))
    }
    for call in calls { history.note(call) }
    return calls
  }

  private init(id: String, function fields: FieldReader) throws(APIError) {
    let arguments = fields.value("arguments")
    switch arguments {
    case nil: self.init(id: id, name: try fields.required("name"), arguments: .object(JSONObject()))
    case .string?, .object?:
      self.init(id: id, name: try fields.required("name"), arguments: arguments ?? .null)
    default: throw fields.mismatch("arguments", "a string of JSON, or an object")
    }
  }
}

extension FieldReader {
  /// A string that must be there.
  func required(_ name: String) throws(APIError) -> String {
    guard let text = try string(name) else { throw missing(name) }
    return text
  }
}
