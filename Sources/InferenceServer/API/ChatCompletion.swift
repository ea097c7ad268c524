import GPTModel

/// A checked request for the next message of a conversation.
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
  let messages: [ChatMessage]
  /// Whether the prompt ends with the beginning of the model's own message.
  let addsGenerationPrompt: Bool
  /// Variables for the chat template.
  let templateVariables: JSONObject
  /// How many answers are asked for.
  let choices: Int
  /// How tokens are chosen.
  let sampling: SamplingParameters
  /// When to stop.
  let stop: StopCondition
  /// Alternatives to report for each token; nil for no report.
  let alternatives: Int?
  /// Alternatives to report for each token of the prompt; nil for no report.
  let promptAlternatives: Int?
  /// How urgent it is, and what it shares.
  let terms: RequestTerms
  /// How to stream; nil for one document.
  let streaming: StreamOptions?

  /// Reads and checks all fields of a request.
  init(_ fields: FieldReader, vocabularySize: Int) throws(APIError) {
    guard let model = try fields.string("model") else { throw fields.missing("model") }
    self.model = model
    try UnsupportedFields.check(fields)
    messages = try ChatMessage.conversation(fields)
    addsGenerationPrompt = try fields.boolean("add_generation_prompt") ?? true
    templateVariables = try Self.templateVariables(fields)
    choices = try fields.integer("n", in: 1...RequestLimits.choices) ?? 1
    sampling = try SamplingParameters(fields, vocabularySize: vocabularySize)
    stop = try StopCondition(fields, vocabularySize: vocabularySize)
    alternatives = try Self.alternatives(fields)
    terms = try RequestTerms(fields)
    streaming = try Self.streamOptions(fields)
    promptAlternatives = try fields.promptAlternatives()
    guard promptAlternatives == nil || streaming == nil else {
      throw fields.invalid("prompt_logprobs", "requires stream not to be true")
    }
  }

  /// One request to the engine for each answer, on the account of a client.
  func requests(prompt: [Token], contextLength: Int, client: String) throws(APIError)
    -> [GenerationRequest]
  {
    guard !prompt.isEmpty else { throw APIError(EngineError.emptyPrompt) }
    guard prompt.count < contextLength else {
      throw APIError(EngineError.promptTooLong(tokens: prompt.count, context: contextLength))
    }
    var stop = stop
    let room = contextLength - prompt.count
    stop.maximumTokens = stop.maximumTokens.map { min($0, room) }
    stop.minimumTokens = min(stop.minimumTokens, room)
    let requests = (0..<choices).map { choice in
      var request = GenerationRequest(
        prompt: prompt, sampling: sampling, stop: stop, choice: choice, alternatives: alternatives)
      // All answers have the same prompt.
      request.promptAlternatives = choice == 0 ? promptAlternatives : nil
      request.terms = terms
      request.terms.client = client
      return request
    }
    if promptAlternatives != nil {
      try RequestLimits.checkReports(of: requests, field: "prompt_logprobs")
    }
    return requests
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
    return StreamOptions(
      includesUsage: includesUsage, reportsUsageContinuously: includesUsage && continuous)
  }

  /// Names that the template takes from elsewhere; a request may not replace them.
  private static let reservedVariables = [
    "messages", "tools", "documents", "add_generation_prompt", "continue_final_message",
    "bos_token", "eos_token", "pad_token", "unk_token", "tokenize", "chat_template",
    "return_dict", "tokenizer_kwargs",
  ]

  private static func templateVariables(_ fields: FieldReader) throws(APIError) -> JSONObject {
    guard let variables = try fields.reader("chat_template_kwargs") else { return JSONObject() }
    if let name = reservedVariables.first(where: { variables.object[$0] != nil }) {
      throw variables.invalid(name, "cannot be set by a request")
    }
    return variables.object
  }
}
