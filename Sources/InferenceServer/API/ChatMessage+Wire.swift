import GPTModel

extension ChatMessage {
  /// The roles that messages have once they are read.
  static let wireRoles: Set = ["system", "user", "assistant"]

  /// Reads `messages`, a conversation of at least one message.
  static func conversation(_ fields: FieldReader) throws(APIError) -> [ChatMessage] {
    let name = "messages"
    guard let elements = try fields.array(name, maximumCount: RequestLimits.messages) else {
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
    if let name = try fields.string("name", maximumBytes: RequestLimits.nameBytes) {
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
    switch fields.value("content") {
    case .string(let text): return text
    case .array(let parts):
      var texts: [String] = []
      for (index, part) in parts.enumerated() {
        texts.append(try text(fields.reader("content", element: index, part), role: role))
      }
      return texts.joined(separator: "\n")
    case nil where role == "assistant": return ""
    case nil: throw fields.missing("content")
    default: throw fields.mismatch("content", "a string or an array of parts")
    }
  }

  private static func text(_ part: FieldReader, role: String) throws(APIError) -> String {
    let name: String
    switch try part.string("type") {
    case "text": name = "text"
    case "refusal" where role == "assistant": name = "refusal"
    case "image_url", "input_audio", "file", "video_url", "audio_url":
      throw .unsupported(part.path("type"), "images, audio and files are")
    case nil: throw part.missing("type")
    default: throw part.mismatch("type", "text")
    }
    guard let text = try part.string(name) else { throw part.missing(name) }
    return text
  }
}
