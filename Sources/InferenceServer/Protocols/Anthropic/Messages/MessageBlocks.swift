import ChatTemplates
import GPTModel
import JSON

/// Reads a conversation of Anthropic's messages protocol, whose messages are blocks.
struct MessageBlocks {
  private var messages: [ChatMessage] = []
  private var history = ToolHistory()

  /// Reads `system` and `messages`.
  static func messages(_ fields: FieldReader) throws(APIError) -> [ChatMessage] {
    let name = "messages"
    guard let elements = try fields.array(name) else {
      throw fields.missing(name)
    }
    guard !elements.isEmpty else { throw fields.invalid(name, "must not be empty") }
    var reader = MessageBlocks()
    if let system = try fields.text("system", kinds: ["text": "text"]) {
      reader.messages.append(ChatMessage(role: "system", content: system))
    }
    for (index, element) in elements.enumerated() {
      try reader.append(fields.reader(name, element: index, element))
    }
    return reader.messages
  }

  private mutating func append(_ fields: FieldReader) throws(APIError) {
    guard let role = try fields.string("role") else { throw fields.missing("role") }
    guard ["user", "assistant", "system"].contains(role) else {
      throw fields.mismatch("role", "user or assistant")
    }
    guard case .array(let blocks)? = fields.value("content") else {
      guard let text = try fields.text("content", kinds: [:]) else {
        throw fields.missing("content")
      }
      messages.append(ChatMessage(role: role, content: text))
      return
    }
    var message = ChatMessage(role: role, content: "")
    var texts: [String] = []
    var results = 0
    for (index, block) in blocks.enumerated() {
      let block = try fields.reader("content", element: index, block)
      switch try block.string("type") {
      case "text": texts.append(try block.required("text"))
      case "thinking" where role == "assistant":
        message.extra["reasoning_content"] = .string(try block.required("thinking"))
      case "redacted_thinking" where role == "assistant": break
      case "tool_use" where role == "assistant": message.add([try call(block)])
      case "tool_result" where role == "user":
        messages.append(try result(block))
        results += 1
      case "tool_use", "tool_result", "thinking", "redacted_thinking":
        throw block.invalid("type", "is not for messages of the \(role)'s")
      case nil: throw block.missing("type")
      case "image", "document", "search_result", "container_upload":
        throw .unsupported(block.path("type"), "images, audio and files are")
      default:
        throw block.mismatch("type", "text, tool_use, tool_result, or thinking")
      }
    }
    message.content = texts.joined(separator: "\n")
    // Results are messages of their own; what was said besides follows them.
    if results == 0 || !texts.isEmpty { messages.append(message) }
  }

  private mutating func call(_ block: FieldReader) throws(APIError) -> PastCall {
    let id = history.id(of: try block.required("id"))
    let input = try block.reader("input")?.object ?? JSONObject()
    let call = PastCall(id: id, name: try block.required("name"), arguments: .object(input))
    history.note(call)
    return call
  }

  private mutating func result(_ block: FieldReader) throws(APIError) -> ChatMessage {
    let text = try block.text("content", kinds: ["text": "text"]) ?? ""
    let isError = try block.boolean("is_error") ?? false
    return try history.result(
      isError ? "Error: " + text : text, of: try block.required("tool_use_id"), block,
      "tool_use_id")
  }
}
