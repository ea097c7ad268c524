import ChatTemplates
import GPTModel

extension ChatMessage {
  /// Reads `messages`, a conversation of at least one message.
  static func conversation(_ fields: FieldReader) throws(APIError) -> [ChatMessage] {
    let name = "messages"
    guard let elements = try fields.array(name) else {
      throw fields.missing(name)
    }
    guard !elements.isEmpty else { throw fields.invalid(name, "must not be empty") }
    var messages: [ChatMessage] = []
    for (index, element) in elements.enumerated() {
      messages.append(try ChatMessage(fields.reader(name, element: index, element)))
    }
    return messages
  }

  private init(_ fields: FieldReader) throws(APIError) {
    let role = try Self.role(fields)
    if fields.has("tool_calls"), fields.value("tool_calls") != .array([]) {
      throw .unsupported(fields.path("tool_calls"), "tool calls are")
    }
    self.init(role: role, content: try Self.content(fields, role: role))
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
    case "tool", "function": throw .unsupported(fields.path("role"), "results of tools are")
    case nil: throw fields.missing("role")
    default: throw fields.mismatch("role", "developer, system, user, or assistant")
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
