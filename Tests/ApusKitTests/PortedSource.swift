// Source as it is written for FoundationModels: with that framework's import in place of this one it compiles there.
// It shows that the names and signatures are the same; nothing here is internal to the package.
import ApusKit

/// A tool by hand.
struct BreadDatabase: Tool {
  let name = "searchBreadDatabase"
  let description = "Searches a local database for bread recipes."

  struct Arguments: Generable {
    var searchTerm: String
    var limit: Int

    static var generationSchema: GenerationSchema {
      GenerationSchema(
        type: Self.self, description: "What to look for",
        properties: [
          GenerationSchema.Property(
            name: "searchTerm", description: "The type of bread to search for", type: String.self),
          GenerationSchema.Property(name: "limit", type: Int.self, guides: [.range(1...6)]),
        ])
    }

    init(_ content: GeneratedContent) throws {
      searchTerm = try content.value(String.self, forProperty: "searchTerm")
      limit = try content.value(Int.self, forProperty: "limit")
    }

    var generatedContent: GeneratedContent {
      GeneratedContent(properties: ["searchTerm": searchTerm, "limit": limit])
    }
  }

  func call(arguments: Arguments) async throws -> [String] {
    Array(repeating: arguments.searchTerm, count: arguments.limit)
  }
}

/// A choice by hand.
enum Topping: Generable, CaseIterable {
  case cheese, olives

  static var generationSchema: GenerationSchema {
    GenerationSchema(type: Self.self, anyOf: ["cheese", "olives"])
  }

  init(_ content: GeneratedContent) throws {
    switch try content.value(String.self) {
    case "cheese": self = .cheese
    case "olives": self = .olives
    default:
      throw LanguageModelError.refusal(.init(explanation: "unknown", debugDescription: "unknown"))
    }
  }

  var generatedContent: GeneratedContent {
    switch self {
    case .cheese: "cheese".generatedContent
    case .olives: "olives".generatedContent
    }
  }
}

/// Sessions, in all the ways to make and to ask them.
enum PortedSessions {
  static func make(_ model: some LanguageModel) -> [LanguageModelSession] {
    let rules = Instructions {
      "You are a baker."
      "Answer in one sentence."
    }
    let sessions = [
      LanguageModelSession(model: model),
      LanguageModelSession(model: model, instructions: "You are a baker."),
      LanguageModelSession(model: model, tools: [BreadDatabase()], instructions: rules),
      LanguageModelSession(model: model, tools: [BreadDatabase()]) { "You are a baker." },
      LanguageModelSession(model: model, tools: [], transcript: Transcript()),
    ]
    sessions[0].prewarm()
    sessions[1].prewarm(promptPrefix: Prompt("Dear baker,"))
    return sessions
  }

  static func ask(_ session: LanguageModelSession) async throws -> String {
    let greedy = GenerationOptions(sampling: .greedy)
    var options = GenerationOptions(
      samplingMode: .random(top: 10, seed: 1), temperature: 0.5, maximumResponseTokens: 20)
    options.samplingMode = .random(probabilityThreshold: 0.9)
    options.toolCallingMode = .disallowed
    let plain: LanguageModelSession.Response<String> = try await session.respond(to: "Hello")
    let prompt = Prompt { "Hello again" }
    try await session.respond(to: prompt, options: greedy)
    try await session.respond(options: options) {
      "A third time"
      Prompt("and more")
    }
    let topping = try await session.respond(to: "Which topping?", generating: Topping.self)
    let content: Topping = topping.content
    try await session.respond(
      to: prompt, generating: [Int].self, includeSchemaInPrompt: false, options: greedy)
    let number: Int = try await session.respond(generating: Int.self) { "A number" }.content
    let schema = try PortedSchemas.menu()
    let menu = try await session.respond(to: "The menu", schema: schema).content
    try await session.respond(
      to: prompt, schema: schema, options: greedy,
      contextOptions: ContextOptions(includeSchemaInPrompt: false))
    let soup = try menu.value(String.self, forProperty: "dailySoup")
    return "\(plain.content) \(content) \(number) \(soup) \(session.isResponding)"
  }

  static func stream(_ session: LanguageModelSession) async throws -> [String] {
    var said: [String] = []
    let stream: LanguageModelSession.ResponseStream<String> = session.streamResponse(to: "Hello")
    for try await snapshot in stream {
      said.append(snapshot.content)
      _ = snapshot.rawContent.isComplete
    }
    for try await partial in session.streamResponse(
      to: "A loaf", generating: BreadDatabase.Arguments.self)
    {
      let arguments: BreadDatabase.Arguments.PartiallyGenerated = partial.content
      said.append(arguments.searchTerm)
    }
    let whole = try await session.streamResponse(generating: Topping.self) { "Which?" }.collect()
    said.append("\(whole.content) \(whole.transcriptEntries.count)")
    return said
  }
}

/// Schemas that are made while the program runs, and content.
enum PortedSchemas {
  static func menu() throws -> GenerationSchema {
    let soup = DynamicGenerationSchema(name: "dailySoup", anyOf: ["Tomato", "Clam"])
    let price = DynamicGenerationSchema(type: Double.self, guides: [.minimum(1)])
    let menu = DynamicGenerationSchema(
      name: "Menu", description: "What there is",
      properties: [
        DynamicGenerationSchema.Property(name: "dailySoup", schema: soup),
        DynamicGenerationSchema.Property(name: "price", schema: price, isOptional: true),
        DynamicGenerationSchema.Property(
          name: "desserts",
          schema: DynamicGenerationSchema(
            arrayOf: DynamicGenerationSchema(referenceTo: "Dessert"), maximumElements: 2)),
      ])
    let dessert = DynamicGenerationSchema(
      name: "Dessert",
      anyOf: [DynamicGenerationSchema(type: String.self), DynamicGenerationSchema(type: Int.self)])
    return try GenerationSchema(root: menu, dependencies: [dessert])
  }

  static func guides() -> [GenerationSchema.Property] {
    [
      .init(name: "a", type: String.self, guides: [.constant("x"), .anyOf(["x", "y"])]),
      .init(name: "b", type: String.self, guides: [/[a-z]+/]),
      .init(name: "c", type: Int?.self, guides: [.minimum(1), .maximum(5)]),
      .init(name: "d", type: [Int].self, guides: [.count(3), .element(.range(1...2))]),
      .init(name: "e", type: [String].self, guides: [.minimumCount(1), .maximumCount(4)]),
      .init(name: "f", type: Float.self, guides: [.range(0...1)]),
    ]
  }

  static func content() throws -> String {
    let content = GeneratedContent(
      properties: ["name": "Ada", "age": 36, "tags": ["x"], "id": true], id: GenerationID())
    let copy = GeneratedContent(kind: content.kind)
    guard case .structure(let properties, let keys) = copy.kind else { return "" }
    let name: String = try content.value(forProperty: "name")
    let age: Int? = try content.value(forProperty: "age")
    return "\(name) \(age ?? 0) \(keys.count) \(properties.count) \(copy.jsonString)"
  }
}

/// Transcripts and errors.
enum PortedTranscripts {
  static func lines(_ transcript: Transcript) -> [String] {
    transcript.map { entry in
      switch entry {
      case .instructions(let instructions): "told \(instructions.segments.count)"
      case .prompt(let prompt): "asked \(prompt.segments.count) \(prompt.options.temperature ?? 0)"
      case .toolCalls(let calls): calls.map { "\($0.toolName)\($0.arguments)" }.joined()
      case .toolOutput(let output): "\(output.toolName) said \(output.segments.count)"
      case .response(let response): "answered \(response.segments.count)"
      }
    }
  }

  static func name(of error: LanguageModelError) -> String {
    switch error {
    case .contextSizeExceeded(let detail): "\(detail.tokenCount) of \(detail.contextSize)"
    case .rateLimited(let detail): "\(detail.resetDate == nil)"
    case .refusal, .guardrailViolation: "no"
    case .unsupportedCapability(let detail): "\(detail.capability == .vision)"
    case .unsupportedTranscriptContent(let detail): "\(detail.unsupportedContent.count)"
    case .unsupportedGenerationGuide(let detail): detail.schemaName ?? ""
    case .unsupportedLanguageOrLocale(let detail): detail.debugDescription
    case .timeout: "late"
    }
  }

  static func isBusy(_ error: any Error) -> Bool {
    if let error = error as? LanguageModelSession.Error { return error == .concurrentRequests }
    if let error = error as? LanguageModelSession.ToolCallError { return error.tool.name.isEmpty }
    return false
  }
}

/// A model of somebody's own.
struct ParrotLanguageModel: LanguageModel {
  var capabilities: LanguageModelCapabilities { LanguageModelCapabilities([.reasoning]) }
  var executorConfiguration: Executor.Configuration { Executor.Configuration(name: "parrot") }

  struct Executor: LanguageModelExecutor {
    struct Configuration: Hashable, Sendable { var name: String }
    typealias Model = ParrotLanguageModel

    let name: String

    init(configuration: Configuration) throws { name = configuration.name }

    func prewarm(model: ParrotLanguageModel, transcript: Transcript) {}

    nonisolated(nonsending) func respond(
      to request: LanguageModelExecutorGenerationRequest, model: ParrotLanguageModel,
      streamingInto channel: LanguageModelExecutorGenerationChannel
    ) async throws {
      guard case .prompt(let prompt)? = request.transcript.last,
        case .text(let text)? = prompt.segments.first
      else { return }
      await channel.send(.reasoning(action: .appendText("hm", tokenCount: 1)))
      await channel.send(.response(action: .appendText(text.content, tokenCount: 2)))
    }
  }
}
