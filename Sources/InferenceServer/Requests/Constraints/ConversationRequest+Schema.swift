import ChatTemplates
import GPTModel
import JSON

extension ConversationRequest {
  /// The words before a schema that the model is shown.
  static let schemaHeading = "Answer with JSON that matches this JSON Schema:"

  /// The conversation with the schema of the answer, where there is one: at the end of the system
  /// message, or in one of its own.
  var messagesWithSchema: [ChatMessage] {
    guard case .jsonSchema(let schema) = constraint?.source else { return messages }
    var json = JSONWriter()
    json.value(schema)
    let text = Self.schemaHeading + "\n" + String(decoding: json.bytes, as: UTF8.self)
    var messages = messages
    if messages.first?.role == "system" {
      messages[0].content += "\n\n" + text
    } else {
      messages.insert(ChatMessage(role: "system", content: text), at: 0)
    }
    return messages
  }
}
