import ChatTemplates
import GPTModel
import JSON

/// Reads the items of a conversation in the responses protocol.
///
/// Items of the assistant's that follow one another are one message: what it thought, said and called.
struct ResponseItems {
  private var messages: [ChatMessage] = []
  private var history = ToolHistory()
  /// What was thought before the next item of the assistant's.
  private var reasoning = ""

  /// Reads a field that is a text or items.
  ///
  /// - Parameter earlier: The conversation that they follow.
  static func messages(
    _ fields: FieldReader, named name: String = "input", after earlier: [ChatMessage] = []
  ) throws(APIError) -> [ChatMessage] {
    if case .string(let text) = fields.value(name) {
      return earlier + [ChatMessage(role: "user", content: text)]
    }
    guard case .array(let items) = fields.value(name) else {
      guard fields.has(name) else { throw fields.missing(name) }
      throw fields.mismatch(name, "a string or an array of items")
    }
    guard (1...RequestLimits.messages).contains(items.count) else {
      throw fields.invalid(name, "must have from 1 to \(RequestLimits.messages) items")
    }
    var reader = ResponseItems()
    reader.messages = earlier
    reader.history = ToolHistory(earlier)
    for (index, item) in items.enumerated() {
      try reader.append(fields.reader(name, element: index, item))
    }
    return reader.messages
  }

  /// The items, each with a name; a text is a message of the user's.
  static func named(_ input: JSONValue?) -> [JSONValue] {
    var items: [JSONValue] = []
    switch input {
    case .array(let values)?: items = values
    case let text?:
      var message = JSONObject()
      message["type"] = .string("message")
      message["role"] = .string("user")
      message["content"] = text
      items = [.object(message)]
    case nil: break
    }
    return items.map { item in
      guard case .object(var object) = item, object["id"] == nil else { return item }
      object["id"] = .string("msg_" + RandomName.make())
      return .object(object)
    }
  }

  private mutating func append(_ item: FieldReader) throws(APIError) {
    switch try item.string("type") ?? "message" {
    case "message": try append(message: item)
    case "function_call":
      let arguments = JSONValue.string(try item.string("arguments") ?? "{}")
      let id = history.id(of: try item.required("call_id"))
      append(PastCall(id: id, name: try item.required("name"), arguments: arguments))
    case "custom_tool_call":
      let id = history.id(of: try item.required("call_id"))
      append(
        PastCall(id: id, name: try item.required("name"), input: try item.string("input") ?? ""))
    case "function_call_output", "custom_tool_call_output":
      let kinds = ["input_text": "text", "output_text": "text", "text": "text"]
      let text = try item.text("output", kinds: kinds) ?? ""
      messages.append(
        try history.result(text, of: try item.required("call_id"), item, "call_id"))
    case "reasoning":
      let thought = try item.text("content", kinds: ["reasoning_text": "text"])
      let summary = try item.text("summary", kinds: ["summary_text": "text"])
      reasoning += thought ?? summary ?? ""
    default:
      throw .unsupported(item.path("type"), "items other than messages, calls and results are")
    }
  }

  private mutating func append(message item: FieldReader) throws(APIError) {
    let role: String
    switch try item.string("role") {
    case "developer", "system": role = "system"
    case "user": role = "user"
    case "assistant": role = "assistant"
    case nil: throw item.missing("role")
    default: throw item.mismatch("role", "developer, system, user, or assistant")
    }
    let kinds =
      role == "assistant"
      ? ["output_text": "text", "refusal": "refusal"] : ["input_text": "text"]
    guard let text = try item.text("content", kinds: kinds) else { throw item.missing("content") }
    var message = ChatMessage(role: role, content: text)
    if role == "assistant" { takeReasoning(&message) }
    messages.append(message)
  }

  private mutating func append(_ call: PastCall) {
    history.note(call)
    let isLast = messages.last?.role == "assistant"
    var message =
      isLast ? messages.removeLast() : ChatMessage(role: "assistant", content: "")
    takeReasoning(&message)
    message.add([call])
    messages.append(message)
  }

  private mutating func takeReasoning(_ message: inout ChatMessage) {
    guard !reasoning.isEmpty else { return }
    message.extra["reasoning_content"] = .string(reasoning)
    reasoning = ""
  }
}
