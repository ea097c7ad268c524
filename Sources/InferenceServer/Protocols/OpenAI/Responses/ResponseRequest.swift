import ChatTemplates
import GPTModel
import JSON
import Platform

/// A checked request of OpenAI's responses protocol.
struct ResponseRequest {
  /// The request in terms that all protocols share.
  let conversation: ConversationRequest
  /// The instructions before the conversation.
  let instructions: String?
  /// The client's own notes, which come back with the answer.
  let metadata: JSONObject
  /// The form of the answer as the request has it.
  let format: JSONObject
  /// The response that it goes on from; nil for none.
  let previous: KeptResponse?
  /// The conversation that it goes on from; nil for none.
  let continued: KeptConversation?
  /// The conversation without instructions, that of the response before included.
  let history: [ChatMessage]
  /// The items of the request, each with a name.
  let input: [JSONValue]
  /// Whether the response is to be kept, where responses are.
  let isKept: Bool
  /// The tools and their choice, as the answer repeats them.
  let toolFields: JSONObject

  /// Reads and checks all fields.
  ///
  /// - Parameter memory: What is kept for the client; nil where nothing is.
  init(_ fields: FieldReader, vocabularySize: Int, memory: ClientMemory?) throws(APIError) {
    try Self.checkUnsupported(fields)
    try IgnoredFields.check(fields)
    instructions = try fields.string("instructions")
    metadata = try fields.reader("metadata")?.object ?? JSONObject()
    previous = try Self.previous(fields, memory)
    continued = try Self.continued(fields, memory)
    let isWanted = try fields.boolean("store") ?? true
    isKept = memory != nil && isWanted
    history = try ResponseItems.messages(
      fields, after: continued?.messages() ?? previous?.messages ?? [])
    input = ResponseItems.named(fields.value("input"))
    var messages = history
    if let instructions {
      messages.insert(ChatMessage(role: "system", content: instructions), at: 0)
    }
    var stop = StopCondition()
    stop.maximumTokens = try fields.integer("max_output_tokens")
    var conversation = try ConversationRequest(
      fields, messages: messages, stop: stop, vocabularySize: vocabularySize)
    _ = try fields.integer("max_tool_calls")
    conversation.tools = try RequestedTools(responses: fields)
    toolFields = Self.toolFields(fields)
    conversation.alternatives = try Self.alternatives(fields)
    let text = try fields.reader("text")
    conversation.constraint = try text.flatMap { text throws(APIError) in
      _ = try text.string("verbosity")
      return try RequestedConstraint.format(text, "format")
    }
    format = try text?.reader("format")?.object ?? Self.plainText
    if try fields.boolean("stream") ?? false { conversation.streaming = .init() }
    if let options = try fields.reader("stream_options") {
      guard conversation.streaming != nil else {
        throw fields.invalid("stream_options", "requires stream to be true")
      }
      _ = try options.boolean("include_obfuscation")
    }
    if let effort = try Self.effort(fields) {
      conversation.templateVariables["reasoning_effort"] = .string(effort)
    }
    self.conversation = conversation
  }

  private static func checkUnsupported(_ fields: FieldReader) throws(APIError) {
    try UnsupportedFields.check(fields)
    switch try fields.string("truncation") {
    case nil, "disabled": break
    case "auto": throw .unsupported("truncation", "dropping messages that do not fit is")
    default: throw fields.mismatch("truncation", "disabled")
    }
  }

  private static func previous(
    _ fields: FieldReader, _ memory: ClientMemory?
  ) throws(APIError) -> KeptResponse? {
    let name = "previous_response_id"
    guard let id = try fields.string(name) else { return nil }
    guard let memory else {
      throw .unsupported(
        name,
        "responses are not kept; send all messages, or have the server keep them: continuing one is"
      )
    }
    guard let response = memory.response(id) else {
      throw fields.invalid(
        name,
        "is \(id.prefix(bytes: RequestLimits.echoedBytes)), which is not kept; send all messages")
    }
    return response
  }

  private static func continued(
    _ fields: FieldReader, _ memory: ClientMemory?
  ) throws(APIError) -> KeptConversation? {
    let name = "conversation"
    let id: String
    switch fields.value(name) {
    case nil: return nil
    case .string(let text): id = text
    case let value?:
      guard case .object = value else {
        throw fields.mismatch(name, "a string, or an object with an id")
      }
      let object = try fields.reader(name, value)
      guard let text = try object.string("id") else { throw object.missing("id") }
      id = text
    }
    guard !fields.has("previous_response_id") else {
      throw fields.invalid(name, "and previous_response_id cannot both be gone on from")
    }
    guard let memory else {
      throw .unsupported(
        name,
        "conversations are not kept; send all messages, or have the server keep them: continuing"
          + " one is")
    }
    guard let conversation = memory.conversation(id) else {
      throw fields.invalid(
        name,
        "is \(id.prefix(bytes: RequestLimits.echoedBytes)), which is not kept; send all messages")
    }
    return conversation
  }

  private static func toolFields(_ fields: FieldReader) -> JSONObject {
    var repeated = JSONObject()
    repeated["tools"] = fields.value("tools") ?? .array([])
    repeated["tool_choice"] = fields.value("tool_choice") ?? .string("auto")
    repeated["parallel_tool_calls"] = fields.value("parallel_tool_calls") ?? .bool(true)
    return repeated
  }

  /// The form where a request has none.
  private static let plainText: JSONObject = {
    var format = JSONObject()
    format["type"] = .string("text")
    return format
  }()

  /// How many alternatives to report for each token, where reports are to be included.
  private static func alternatives(_ fields: FieldReader) throws(APIError) -> Int? {
    let count = try fields.integer("top_logprobs")
    var isIncluded = false
    for element in try fields.array("include") ?? [] {
      guard case .string(let name) = element else {
        throw fields.mismatch("include", "an array of strings")
      }
      isIncluded = isIncluded || name == "message.output_text.logprobs"
    }
    return isIncluded ? count ?? 0 : nil
  }

  private static func effort(_ fields: FieldReader) throws(APIError) -> String? {
    guard let reasoning = try fields.reader("reasoning") else { return nil }
    _ = try reasoning.string("summary")
    return try reasoning.string("effort")
  }
}
