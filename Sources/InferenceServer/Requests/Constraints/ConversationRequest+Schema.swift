import ChatTemplates
import GPTModel
import JSON

extension ConversationRequest {
  /// The words before a schema that the model is shown.
  static let schemaHeading = "Answer with JSON that matches this JSON Schema:"

  /// What the model is told of the form of its answer; nil where there is nothing to tell.
  var schemaText: String? {
    guard tools == nil, case .jsonSchema(let schema) = constraint?.source else { return nil }
    var json = JSONWriter()
    json.value(schema)
    return Self.schemaHeading + "\n" + String(decoding: json.bytes, as: UTF8.self)
  }
}
