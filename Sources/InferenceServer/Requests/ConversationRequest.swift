import ChatTemplates
import GPTModel
import JSON

/// A checked request for the next message of a conversation, the same for every protocol.
struct ConversationRequest {
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
  /// The tools that it brings; nil for none.
  var tools: RequestedTools?
  /// Tokens of thinking that an answer may have; nil for any number.
  var thinkingTokens: Int?
  /// The form of the answer; nil for any.
  var constraint: RequestedConstraint?
  /// Text that the answers are expected to be like; nil for none.
  var predicted: String?
  /// Whether control tokens show in the text.
  var showsControlTokens = false
  /// Alternatives to report for each token; nil for no report.
  var alternatives: Int?
  /// Alternatives to report for each token of the prompt; nil for no report.
  var promptAlternatives: Int?
  /// How urgent it is, and what it shares.
  var terms: RequestTerms
  /// The extras of the answer.
  var extras = AnswerExtras()
  /// How to stream; nil for one document.
  var streaming: StreamOptions?

  /// Reads the fields that requests of all protocols have in common.
  init(_ fields: FieldReader, messages: [ChatMessage], stop: StopCondition, vocabularySize: Int)
    throws(APIError)
  {
    model = try fields.model()
    self.messages = messages
    self.stop = stop
    sampling = try SamplingParameters(fields, vocabularySize: vocabularySize)
    terms = try RequestTerms(fields)
    templateVariables = try Self.templateVariables(fields)
    thinkingTokens = try fields.integer(
      fields.spelling("thinking_token_budget", "reasoning_budget_tokens"))
  }
}

// MARK: - The template's variables

extension ConversationRequest {
  /// Reads the variables, one of which has a field of its own.
  static func templateVariables(_ fields: FieldReader) throws(APIError) -> JSONObject {
    let given = try fields.reader("chat_template_kwargs")
    let reserved = ChatTemplate.reservedNames
    if let given, let name = reserved.first(where: { given.object[$0] != nil }) {
      throw given.invalid(name, "cannot be set by a request")
    }
    var variables = given?.object ?? JSONObject()
    let effort = "reasoning_effort"
    // One among the variables comes first.
    if try fields.string(effort) != nil, variables[effort] == nil,
      let wanted = try fields.word(effort)
    {
      variables[effort] = .string(wanted)
    }
    // Templates that know no effort know whether to think at all.
    if variables[effort] == .string("none"), variables["enable_thinking"] == nil {
      variables["enable_thinking"] = .bool(false)
    }
    return variables
  }
}
