import ChatTemplates
import GPTModel
import JSON

/// A checked request for the next message of a conversation, whichever protocol it came by.
struct ChatCompletion {
  /// What a stream reports besides the answer.
  struct StreamOptions: Hashable {
    /// Whether a last chunk tells the tokens used.
    var includesUsage = false
    /// Whether each chunk tells the tokens used so far.
    var reportsUsageContinuously = false
  }

  /// The model, by any of its names.
  let model: String
  /// The conversation, at least one message.
  var messages: [ChatMessage]
  /// Whether the prompt ends with the beginning of the model's own message.
  var addsGenerationPrompt = true
  /// Whether the prompt ends within the last message, which the answer continues.
  var continuesFinalMessage = false
  /// Variables for the chat template.
  var templateVariables = JSONObject()
  /// How much of the prompt is kept, from its end; nil for all.
  var truncation: PromptTruncation?
  /// How many answers are asked for.
  var choices = 1
  /// How tokens are chosen.
  var sampling: SamplingParameters
  /// When to stop.
  var stop: StopCondition
  /// Whether control tokens show in the text.
  var showsControlTokens = false
  /// Alternatives to report for each token; nil for no report.
  var alternatives: Int?
  /// Alternatives to report for each token of the prompt; nil for no report.
  var promptAlternatives: Int?
  /// How urgent it is, and what it shares.
  var terms: RequestTerms
  /// What the answer tells besides.
  var extras = AnswerExtras()
  /// How to stream; nil for one document.
  var streaming: StreamOptions?

  /// Reads the fields that requests of all protocols have in common.
  init(_ fields: FieldReader, messages: [ChatMessage], stop: StopCondition, vocabularySize: Int)
    throws(APIError)
  {
    guard let model = try fields.string("model") else { throw fields.missing("model") }
    self.model = model
    self.messages = messages
    self.stop = stop
    sampling = try SamplingParameters(fields, vocabularySize: vocabularySize)
    terms = try RequestTerms(fields)
    templateVariables = try Self.templateVariables(fields)
  }

  /// Reads and checks all fields of OpenAI's chat completions.
  init(_ fields: FieldReader, vocabularySize: Int) throws(APIError) {
    try UnsupportedFields.check(fields)
    try IgnoredFields.check(fields)
    try self.init(
      fields, messages: ChatMessage.conversation(fields),
      stop: StopCondition(fields, vocabularySize: vocabularySize), vocabularySize: vocabularySize)
    try readEnding(fields)
    truncation = try PromptTruncation(fields)
    choices = try fields.integer("n", in: 1...RequestLimits.choices) ?? 1
    showsControlTokens = !(try fields.boolean("skip_special_tokens") ?? true)
    alternatives = try Self.alternatives(fields)
    extras = try AnswerExtras(fields, messages: messages, stop: stop)
    streaming = try Self.streamOptions(fields)
    promptAlternatives = try fields.promptAlternatives()
    guard promptAlternatives == nil || streaming == nil else {
      throw fields.invalid("prompt_logprobs", "requires stream not to be true")
    }
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
    let count = try fields.integer("top_logprobs", in: 0...RequestLimits.topLogprobs)
    if count != nil, !wanted {
      throw fields.invalid("top_logprobs", "requires logprobs to be true")
    }
    return wanted ? count ?? 0 : nil
  }

  /// Reads how to stream; nil for one document.
  static func streamOptions(_ fields: FieldReader) throws(APIError) -> StreamOptions? {
    let streams = try fields.boolean("stream") ?? false
    guard let options = try fields.reader("stream_options") else {
      return streams ? StreamOptions() : nil
    }
    guard streams else { throw fields.invalid("stream_options", "requires stream to be true") }
    let includesUsage = try options.boolean("include_usage") ?? false
    let continuous = try options.boolean("continuous_usage_stats") ?? false
    _ = try options.boolean("include_obfuscation")
    return StreamOptions(
      includesUsage: includesUsage, reportsUsageContinuously: includesUsage && continuous)
  }
}

// MARK: - The template's variables

extension ChatCompletion {
  /// Names that the template takes from elsewhere; a request may not replace them.
  private static let reservedVariables = [
    "messages", "tools", "documents", "add_generation_prompt", "continue_final_message",
    "bos_token", "eos_token", "pad_token", "unk_token", "tokenize", "chat_template",
    "return_dict", "tokenizer_kwargs", "raise_exception", "strftime_now",
  ]

  private static let efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]

  /// Reads the variables, one of which has a field of its own.
  static func templateVariables(_ fields: FieldReader) throws(APIError) -> JSONObject {
    let given = try fields.reader("chat_template_kwargs")
    if let given, let name = reservedVariables.first(where: { given.object[$0] != nil }) {
      throw given.invalid(name, "cannot be set by a request")
    }
    var variables = given?.object ?? JSONObject()
    let effort = "reasoning_effort"
    if let wanted = try fields.string(effort), variables[effort] == nil {
      guard efforts.contains(wanted) else {
        throw fields.mismatch(effort, efforts.joined(separator: ", "))
      }
      variables[effort] = .string(wanted)
    }
    return variables
  }
}
