import ChatTemplates
import GPTModel
import JSON

/// Reads a request of Anthropic's messages protocol.
enum MessageRequest {
  /// Reads and checks all fields.
  ///
  /// - Parameter onlyCounts: Whether the prompt's tokens are to be counted, and nothing answered.
  static func conversation(
    _ fields: FieldReader, onlyCounts: Bool, vocabularySize: Int
  ) throws(APIError) -> ConversationRequest {
    try UnsupportedFields.check(fields)
    _ = try fields.reader("metadata")
    var stop = StopCondition()
    stop.strings = try StopCondition.strings(fields, "stop_sequences")
    stop.maximumTokens = try fields.integer("max_tokens")
    guard onlyCounts || stop.maximumTokens != nil else { throw fields.missing("max_tokens") }
    var conversation = try ConversationRequest(
      fields, messages: MessageBlocks.messages(fields), stop: stop, vocabularySize: vocabularySize)
    conversation.tools = try RequestedTools(messages: fields)
    try readThinking(fields, &conversation)
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

  private static func readThinking(
    _ fields: FieldReader, _ conversation: inout ConversationRequest
  ) throws(APIError) {
    guard let thinking = try fields.reader("thinking") else { return }
    guard let type = try thinking.word("type") else { throw thinking.missing("type") }
    if let budget = try thinking.integer("budget_tokens") { conversation.thinkingTokens = budget }
    _ = try thinking.string("display")
    if conversation.templateVariables["enable_thinking"] == nil {
      conversation.templateVariables["enable_thinking"] = .bool(type != "disabled")
    }
  }
}
