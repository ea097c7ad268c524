import ChatTemplates
public import GPTModel
import JSON
public import Logging
import Platform
import Tokenizers

extension InferenceServer {
  /// Prepares a server for an engine.
  ///
  /// - Parameters:
  ///   - engine: Generates; the server drains it when it stops, but does not end it.
  ///   - configuration: Where to listen, and the limits.
  ///   - logger: Takes a line for each request.
  ///   - keys: The keys by which clients may call; nil lets anybody call.
  ///   - onReady: Called once with the port, as soon as connections are accepted.
  public init(
    engine: Engine, configuration: ServerConfiguration = ServerConfiguration(),
    logger: Logger = Logger(label: "apus.server"), keys: APIKeys? = nil,
    onReady: @escaping @Sendable (Int) async -> Void = { _ in }
  ) {
    self.init(
      service: EngineService(engine, takesAnyModelName: configuration.takesAnyModelName),
      configuration: configuration, logger: logger, keys: keys,
      onReady: onReady)
  }
}

/// An engine as the routes see it.
struct EngineService: GenerationService {
  private(set) var model: ServedModel
  private let engine: Engine
  /// The adapter of all requests; nil for the model as it is.
  private var adapter: String?

  /// Stands in front of an engine.
  init(_ engine: Engine, takesAnyModelName: Bool = false) {
    self.engine = engine
    var served = ServedModel(
      name: engine.model.name, fingerprint: engine.model.fingerprint,
      contextLength: engine.contextLength, vocabularySize: engine.model.tokenizer.count,
      created: UnixTime.now)
    served.aliases = engine.model.aliases
    served.adapters = engine.adapters
    served.takesAnyName = takesAnyModelName
    served.sizes = ModelSizes(
      trainedContext: engine.model.contextLength, parameters: engine.model.parameterCount,
      bytes: engine.model.weightBytes, width: engine.model.spec.width)
    served.sampling = engine.model.usualSampling
    served.sizes?.vectorWidth = engine.model.embeddingWidth
    served.closing = engine.model.tokenizer.closing
    served.tasks = engine.model.tasks
    served.pooling = engine.model.pooling
    served.prompts = engine.model.prompts
    served.defaultPrompt = engine.model.defaultPrompt
    served.fillInMarks = FillInMarks(engine.model.tokenizer)
    served.documentStart = engine.model.tokenizer.documentStart
    if engine.model.tasks.contains(.generate) {
      let style = engine.model.style
      served.callFormat = style.formatName
      served.templateShowsTools = style.showsTools
      served.thinks = style.thinks
    }
    model = served
  }

  func adapted(by name: String) -> (any GenerationService)? {
    guard engine.adapters.contains(name) else { return nil }
    var service = self
    service.adapter = name
    service.model = model.adapted(by: name)
    return service
  }

  func render(
    _ messages: [ChatMessage], options: ChatTemplate.Options
  ) throws -> [PromptSegment] {
    let forTools = options.tools.isEmpty ? nil : engine.model.toolTemplate
    guard let template = forTools ?? engine.model.chatTemplate else {
      let reason = engine.model.chatTemplateError.map {
        "cannot be used: \("\($0)".prefix(bytes: RequestLimits.echoedBytes))"
      }
      throw APIError.invalid(
        "messages",
        reason.map { "this model's chat template \($0)" }
          ?? "this model has no chat template; /v1/completions takes texts", .noChatTemplate)
    }
    do {
      return try template.render(messages, options: options)
    } catch let error where error.kind == .notContinuable {
      throw APIError.invalid("messages", "the chat template does not let a message be continued")
    } catch {
      let detail = "\(error)".prefix(bytes: RequestLimits.echoedBytes)
      throw APIError.invalid("messages", "the chat template refuses this conversation: \(detail)")
    }
  }

  func encode(_ prompt: [PromptSegment]) -> [Token] { engine.model.tokenizer.encode(prompt) }

  func encode(_ text: PlainText) -> [Token] {
    let source: PromptSegment.Source = text.namesControlTokens ? .template : .content
    return engine.model.tokenizer.encode(
      [PromptSegment(text.text, from: source)], addsBeginning: text.addsBeginning)
  }

  func textTokens(of text: String) -> [Token] { engine.model.textTokens(of: text) }

  func pair(
    _ query: String, _ document: String, instruction: String?, limit: TextPairLimit
  ) -> TextPair {
    engine.model.pair(query: query, document: document, instruction: instruction, limit: limit)
  }

  func bytes(of token: Token) -> [UInt8] {
    let bytes = engine.model.tokenizer.bytes(of: token)
    guard bytes.isEmpty, let text = engine.model.tokenizer.specialText(of: token) else {
      return Array(bytes)
    }
    return Array(text.utf8)
  }

  func textBytes(of token: Token) -> [UInt8] { engine.model.tokenizer.bytes(of: token) }

  func constraint(
    _ source: ConstraintSource, options: ConstraintOptions, after text: String
  ) async throws(ConstraintError) -> (any TokenConstraint)? {
    let constraint = try await engine.model.constraint(source, options: options)
    return text.isEmpty ? constraint : constraint.continuing(text)
  }

  var style: AnswerStyle { engine.model.style }

  func controlText(of token: Token) -> String? { engine.model.tokenizer.controlText(of: token) }

  func checkRoom(for client: String) throws(EngineError) { try engine.checkRoom(for: client) }

  func generate(_ request: GenerationRequest) throws(EngineError) -> GenerationEvents {
    var request = request
    request.adapter = adapter
    return try engine.generate(request)
  }

  var status: EngineStatus { engine.status }

  var measures: EngineMeasures { engine.measures }

  func drain() async { await engine.drain() }

  func drain(within limit: Duration) async -> Int { await engine.drain(within: limit) }
}
