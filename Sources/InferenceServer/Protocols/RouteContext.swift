import ChatTemplates
import GPTModel
import HTTPTypes
import Hummingbird
import Tokenizers

/// Takes requests of all protocols from their bytes to the events of their answers.
struct RouteContext: Sendable {
  /// Answers the requests.
  private(set) var service: any GenerationService
  /// Bytes that a request's body may have.
  let maximumBodyBytes: Int
  /// How long a stream may be silent before a comment shows that it lives.
  var keepAlive: Duration = .seconds(15)
  /// Whether the model is shown the schema that its answer has to match.
  var showsSchemas = true
  /// Responses that are kept for later requests; nil where none are.
  var memory: ResponseMemory?
  /// Takes ratings of answers; nil where none are wanted.
  var feedback: Feedback.Place?
  /// Tells the time, which templates may ask for.
  let clock: @Sendable () -> TemplateDate

  /// Refuses a request where the engine has no room, before it costs anything.
  ///
  /// Under overload most requests are refused, beside those that are being answered.
  func checkRoom(for request: Request) throws(APIError) {
    try refusing { () throws(EngineError) in
      try service.checkRoom(for: request.headers.clientKey)
    }
  }

  /// Reads a request's fields.
  func fields(of request: Request, _ table: FieldTable) async throws -> FieldReader {
    var fields = try await request.jsonFields(table, maximumBytes: maximumBodyBytes)
    fields.usualSampling = service.model.sampling
    fields.usualModel = service.model.name
    return fields
  }

  /// The same for requests that name a model.
  ///
  /// - Throws: An error where there is no model of the name.
  func named(_ model: String) throws(APIError) -> RouteContext {
    var context = self
    context.service = try service.named(model)
    return context
  }

  /// Lays a conversation out for its next message, or for the rest of its last one.
  func render(_ conversation: ConversationRequest) throws -> [PromptSegment] {
    let style = service.style
    var messages = conversation.messages
    if showsSchemas, let text = conversation.schemaText {
      messages = style.adding(text, to: messages)
    }
    var options = conversation.layout(at: clock())
    let shown = conversation.tools?.entries.map(\.tool.json) ?? []
    let prepared = style.prepared(messages, tools: shown)
    options.tools = prepared.tools
    return prepared.restored(try service.render(prepared.messages, options: options))
  }

  /// The tokens of a conversation's prompt, cut where the request allows it.
  func prompt(for conversation: ConversationRequest) throws -> [Token] {
    try named(conversation.model).layOut(conversation).prompt
  }

  /// A conversation as its template lays it out, and the tokens of the prompt.
  private func layOut(
    _ conversation: ConversationRequest
  ) throws -> (segments: [PromptSegment], prompt: [Token]) {
    try service.model.check(.generate)
    let segments = try render(conversation)
    let prompt = service.encode(segments)
    let kept = conversation.truncation?.apply(
      to: prompt, context: service.model.contextLength, answer: conversation.stop.maximumTokens)
    return (segments, kept ?? prompt)
  }

  /// The tokens of what the answers to a conversation are expected to be like, as many as an answer may have.
  private func predicted(in conversation: ConversationRequest) -> [Token] {
    guard let text = conversation.predicted else { return [] }
    let tokens = service.encode(PlainText(text))
    return Array(tokens.prefix(service.model.contextLength))
  }

  /// Begins to answer; what it returns has no events yet.
  func begin(
    _ conversation: ConversationRequest, for request: Request, idPrefix: String
  ) async throws -> (answer: ConversationAnswer, events: ChoiceEvents) {
    try await named(conversation.model).answer(conversation, for: request, idPrefix: idPrefix)
  }

  private func answer(
    _ conversation: ConversationRequest, for request: Request, idPrefix: String
  ) async throws -> (answer: ConversationAnswer, events: ChoiceEvents) {
    let (segments, prompt) = try layOut(conversation)
    let thinking = thinking(in: conversation, after: segments)
    let constraint = try await constraint(of: conversation, thinking)
    let requests = try conversation.requests(
      prompt: prompt, constraint: constraint, predicted: predicted(in: conversation),
      contextLength: service.model.contextLength, client: request.headers.clientKey)
    let generations = try refusing { () throws(EngineError) in
      try requests.map(service.generate)
    }
    let answer = ConversationAnswer(
      heading: AnswerHeading(model: service.model, idPrefix: idPrefix), prompt: prompt,
      choices: requests.count, reportsLogprobs: conversation.alternatives != nil,
      extras: conversation.extras, promptAlternatives: conversation.promptAlternatives,
      reader: reader(for: conversation, thinking), tools: conversation.tools,
      relaxed: relaxed(by: constraint, conversation.tools), sampling: conversation.sampling,
      bytes: service.bytes(of:))
    let keepAlive = conversation.streaming == nil ? nil : keepAlive
    return (answer, ChoiceEvents(generations, keepAlive: keepAlive))
  }

  /// Makes the form of an answer ready to be enforced.
  ///
  /// - Parameters:
  ///   - text: What there is of the answer.
  ///   - tools: The tools that the form lets be called.
  /// - Throws: An error that names the field which asks for what cannot be enforced.
  func compile(
    _ wanted: RequestedConstraint?, after text: String = "", tools: RequestedTools? = nil
  ) async throws(APIError) -> (any TokenConstraint)? {
    guard let wanted else { return nil }
    let constraint: (any TokenConstraint)?
    do throws(ConstraintError) {
      constraint = try await service.constraint(
        wanted.source, options: wanted.options, after: text)
    } catch {
      let callable = tools?.callable ?? []
      let field = error.tool.flatMap { callable.indices.contains($0) ? callable[$0].field : nil }
      throw APIError(error, field: field ?? wanted.field)
    }
    guard let constraint else {
      throw .invalid(
        wanted.field, "\(wanted.field): no answer of this form begins like the last message")
    }
    return constraint
  }

  /// Says to clients why the engine refuses what `body` asks of it.
  private func refusing<Result>(_ body: () throws(EngineError) -> Result) throws(APIError) -> Result
  {
    do {
      return try body()
    } catch {
      throw APIError(error, expectedWait: service.status.expectedWait)
    }
  }
}
