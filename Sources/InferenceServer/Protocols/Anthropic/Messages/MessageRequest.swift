import ChatTemplates
import GPTModel

/// Reads a request of Anthropic's messages protocol.
enum MessageRequest {
  /// Reads and checks all fields.
  ///
  /// - Parameter onlyCounts: Whether the prompt's tokens are to be counted, and nothing answered.
  static func conversation(
    _ fields: FieldReader, onlyCounts: Bool, vocabularySize: Int
  ) throws(APIError) -> ConversationRequest {
    try checkUnsupported(fields)
    _ = try fields.reader("metadata")
    var stop = StopCondition()
    stop.strings = try StopCondition.strings(fields, "stop_sequences")
    stop.maximumTokens = try fields.integer("max_tokens")
    guard onlyCounts || stop.maximumTokens != nil else { throw fields.missing("max_tokens") }
    var conversation = try ConversationRequest(
      fields, messages: messages(fields), stop: stop, vocabularySize: vocabularySize)
    conversation.constraint = try constraint(fields)
    if try fields.boolean("stream") ?? false { conversation.streaming = .init() }
    // A last message of the assistant's is the beginning of the answer.
    conversation.continuesFinalMessage = conversation.messages.last?.role == "assistant"
    return conversation
  }

  private static func constraint(_ fields: FieldReader) throws(APIError) -> RequestedConstraint? {
    let older = try RequestedConstraint.format(fields, "output_format")
    guard let output = try fields.reader("output_config") else { return older }
    try UnsupportedFields.check(output)
    let constraint = try RequestedConstraint.format(output, "format")
    if constraint != nil, older != nil {
      throw fields.invalid("output_format", "and output_config.format are the same; give one")
    }
    return constraint ?? older
  }

  private static func messages(_ fields: FieldReader) throws(APIError) -> [ChatMessage] {
    let name = "messages"
    guard let elements = try fields.array(name) else {
      throw fields.missing(name)
    }
    guard !elements.isEmpty else { throw fields.invalid(name, "must not be empty") }
    var messages: [ChatMessage] = []
    if let system = try fields.text("system", kinds: kinds) {
      messages.append(ChatMessage(role: "system", content: system))
    }
    for (index, element) in elements.enumerated() {
      messages.append(try message(fields.reader(name, element: index, element)))
    }
    return messages
  }

  private static func message(_ fields: FieldReader) throws(APIError) -> ChatMessage {
    guard let role = try fields.string("role") else { throw fields.missing("role") }
    guard ["user", "assistant", "system"].contains(role) else {
      throw fields.mismatch("role", "user or assistant")
    }
    guard let text = try fields.text("content", kinds: kinds) else {
      throw fields.missing("content")
    }
    return ChatMessage(role: role, content: text)
  }

  private static let kinds = ["text": "text"]

  private static func checkUnsupported(_ fields: FieldReader) throws(APIError) {
    try UnsupportedFields.check(fields)
    try checkType(fields, "tool_choice", allowed: ["auto", "none"], "a choice of tools is")
    try checkType(fields, "thinking", allowed: ["disabled"], "thinking is")
  }

  /// Throws unless an object's `type` is one of a few, or it is not there.
  private static func checkType(
    _ fields: FieldReader, _ name: String, allowed: Set<String>, _ what: String
  ) throws(APIError) {
    guard let object = try fields.reader(name) else { return }
    guard let type = try object.string("type") else { throw object.missing("type") }
    guard allowed.contains(type) else { throw .unsupported(name, what) }
  }
}
