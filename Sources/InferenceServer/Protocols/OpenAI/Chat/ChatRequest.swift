import GPTModel
import JSON

/// Reads a request of OpenAI's chat completions.
extension ConversationRequest {
  /// Reads and checks all fields of OpenAI's chat completions.
  init(chat fields: FieldReader, vocabularySize: Int) throws(APIError) {
    try UnsupportedFields.checkOpenAI(fields)
    try IgnoredFields.check(fields)
    try self.init(
      fields, messages: ChatMessage.conversation(fields),
      stop: StopCondition(fields, vocabularySize: vocabularySize), vocabularySize: vocabularySize)
    try readEnding(fields)
    tools = try RequestedTools(chat: fields)
    constraint = try RequestedConstraint(openAI: fields)
    truncation = try PromptTruncation(fields)
    choices = try fields.integer("n") ?? 1
    showsControlTokens = !(try fields.boolean("skip_special_tokens") ?? true)
    alternatives = try Self.alternatives(fields)
    extras = try AnswerExtras(fields, messages: messages, stop: stop)
    streaming = try StreamOptions.read(fields)
    extras.reportsProgress = try fields.boolean("return_progress") ?? false && streaming != nil
    predicted = try Self.predicted(fields)
    promptAlternatives = try fields.promptAlternatives()
    guard promptAlternatives == nil || streaming == nil else {
      throw fields.invalid("prompt_logprobs", "requires stream not to be true")
    }
  }

  /// Reads what the answer will be like.
  private static func predicted(_ fields: FieldReader) throws(APIError) -> String? {
    guard let prediction = try fields.reader("prediction") else { return nil }
    _ = try prediction.word("type")
    guard let text = try prediction.text("content", kinds: ["text": "text"]) else {
      throw prediction.missing("content")
    }
    return text
  }

  /// Reads whether the answer is a new message or continues the last one.
  private mutating func readEnding(_ fields: FieldReader) throws(APIError) {
    let name = "continue_final_message"
    continuesFinalMessage = try fields.boolean(name) ?? false
    addsGenerationPrompt =
      try fields.boolean("add_generation_prompt") ?? !continuesFinalMessage
    guard continuesFinalMessage else { return }
    guard !addsGenerationPrompt else {
      throw fields.invalid(name, "requires add_generation_prompt not to be true")
    }
    guard messages.last?.role == "assistant" else {
      throw fields.invalid(name, "requires the last message to be the assistant's")
    }
  }

  private static func alternatives(_ fields: FieldReader) throws(APIError) -> Int? {
    let wanted = try fields.boolean("logprobs") ?? false
    let count = try fields.integer("top_logprobs")
    if count != nil, !wanted {
      throw fields.invalid("top_logprobs", "requires logprobs to be true")
    }
    return wanted ? count ?? 0 : nil
  }
}
