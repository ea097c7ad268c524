// More of what FoundationModels 26 and 27 declare; what PortedSource.swift uses already is left out.
import ApusKit
import Foundation

/// What the second version brought for sessions.
enum PortedSessions27 {
  static func configure(_ session: LanguageModelSession) -> [Transcript.Entry] {
    session.transcriptErrorHandlingPolicy = .preserveTranscript
    session.transcriptErrorHandlingPolicy = .revertTranscript
    session.transcriptErrorHandlingPolicy = nil
    session.transcript.history = session.transcript.history.suffix(4)
    session.transcript.removeAll { if case .toolOutput = $0 { true } else { false } }
    return Array(session.transcript.history)
  }

  static func ask(_ session: LanguageModelSession) async throws -> Int {
    let context = ContextOptions(includeSchemaInPrompt: true, reasoningLevel: nil)
    let metadata: [String: any Sendable & Codable & Equatable] = ["purpose": "test"]
    let text = try await session.respond(
      to: "Hello", options: GenerationOptions(), contextOptions: context, metadata: metadata)
    let built = try await session.respond(contextOptions: context) { "Hello" }
    let number = try await session.respond(
      to: "A number", generating: Int.self, contextOptions: context)
    let numbers = try await session.respond(generating: [Int].self, contextOptions: context) {
      "Numbers"
    }
    let schema = Int.generationSchema
    let content = try await session.respond(
      to: "A number", schema: schema, contextOptions: context)
    var last: ArraySlice<Transcript.Entry> = []
    for try await snapshot in session.streamResponse(to: "Hello", contextOptions: context) {
      last = snapshot.transcriptEntries
      _ = snapshot.usage.input.cachedTokenCount
    }
    for try await snapshot in session.streamResponse(
      generating: Int.self, contextOptions: context, prompt: { "A number" })
    {
      let partial: Int.PartiallyGenerated = snapshot.content
      _ = partial
    }
    let usage: LanguageModelSession.Usage = text.usage
    _ = (built.content, number.content, numbers.content, content.rawContent, usage.totalTokenCount)
    return last.count
  }

  static func levels() -> [ContextOptions] {
    let levels: [ContextOptions.ReasoningLevel] = [.light, .moderate, .deep, .custom("most")]
    return levels.map { ContextOptions(reasoningLevel: $0) }
  }

  static func names(of options: GenerationOptions) -> String {
    let mode =
      switch options.samplingMode?.kind {
      case .greedy?: "greedy"
      case .randomTopK(let count, let seed)?: "top \(count) \(seed ?? 0)"
      case .randomProbabilityThreshold(let part, seed: _)?: "part \(part)"
      case nil: "usual"
      }
    let tools =
      switch options.toolCallingMode?.kind {
      case .allowed?, nil: "allowed"
      case .required?: "required"
      case .disallowed?: "disallowed"
      }
    return "\(mode) \(tools)"
  }

  static func counts(_ model: ApusLanguageModel) async throws -> [Int] {
    [
      model.contextSize, try await model.tokenCount(for: "Hello"),
      try await model.tokenCount(for: Instructions("Be brief.")),
      try await model.tokenCount(for: [BreadDatabase()]),
      try await model.tokenCount(for: Int.generationSchema),
      try await model.tokenCount(for: Transcript()),
    ]
  }
}

/// Errors with all that they carry.
enum PortedErrors27 {
  static let all: [LanguageModelError] = [
    .contextSizeExceeded(
      .init(contextSize: 1, tokenCount: 2, debugDescription: "long", metadata: ["a": 1])),
    .rateLimited(.init(resetDate: Date(timeIntervalSince1970: 1), debugDescription: "full")),
    .guardrailViolation(.init(debugDescription: "rules")),
    .refusal(.init(explanation: "I would rather not.", debugDescription: "refused")),
    .unsupportedCapability(.init(capability: .vision, debugDescription: "blind")),
    .unsupportedTranscriptContent(.init(unsupportedContent: [], debugDescription: "content")),
    .unsupportedGenerationGuide(.init(schemaName: nil, debugDescription: "guide")),
    .unsupportedLanguageOrLocale(
      .init(languageCode: Locale.LanguageCode("xx"), debugDescription: "language")),
    .timeout(.init(debugDescription: "late")),
  ]

  static func explanation(of error: LanguageModelError) async throws -> String? {
    guard case .refusal(let refusal) = error else { return nil }
    return try await refusal.explanation.content
  }

  static func lines() -> [String] {
    let errors: [any LocalizedError] = [
      LanguageModelSession.Error.concurrentRequests,
      LanguageModelSession.Error.transcriptMutationWhileResponding,
      LanguageModelSession.ToolCallError(tool: BreadDatabase(), underlyingError: all[0]),
      GeneratedContent.ParsingError(rawContent: "{]", debugDescription: "parse"),
      GenerationSchema.SchemaError.emptyTypeChoices(
        schema: "S", context: .init(debugDescription: "empty")),
    ]
    return errors.map { $0.errorDescription ?? "" } + all.map { $0.errorDescription ?? "" }
  }
}

/// The errors of the first version, which the second deprecates.
@available(*, deprecated)
enum PortedErrors26 {
  static func name(of error: any Error) -> String {
    guard let error = LanguageModelSession.GenerationError(error) else { return "" }
    return switch error {
    case .exceededContextWindowSize(let context): "size \(context.debugDescription)"
    case .assetsUnavailable, .guardrailViolation, .unsupportedGuide: "rules"
    case .unsupportedLanguageOrLocale, .decodingFailure: "decoding"
    case .rateLimited, .concurrentRequests: "busy"
    case .refusal(_, let context): context.debugDescription
    }
  }
}

/// Schemas and content of later versions.
enum PortedSchemas27 {
  static func explicit() throws -> [GenerationSchema] {
    [
      GenerationSchema(
        type: BreadDatabase.Arguments.self, representNilExplicitlyInGeneratedContent: true,
        properties: [.init(name: "note", type: String?.self)]),
      try GenerationSchema(
        root: DynamicGenerationSchema(
          name: "Note", representNilExplicitlyInGeneratedContent: true,
          properties: [.init(name: "note", schema: .null, isOptional: true)]), dependencies: []),
    ]
  }

  static func decimal() throws -> Decimal {
    let price = GenerationSchema.Property(
      name: "price", type: Decimal.self, guides: [.range(0...10), .minimum(1), .maximum(9)])
    _ = GenerationSchema(type: BreadDatabase.Arguments.self, properties: [price])
    return try GeneratedContent(json: "0.1").value(Decimal.self)
  }

  static func segments() -> [String] {
    let content = GeneratedContent(kind: .string("rye"))
    let segment = Transcript.StructuredSegment(schemaName: "Bread", content: content)
    let format = Transcript.ResponseFormat(type: Int.self)
    guard case .schema(let schema) = format.kind else { return [] }
    let prompt = Transcript.Prompt(segments: [.structure(segment)], responseFormat: format)
    return [segment.schemaName, schema.name, "\(Transcript.Entry.prompt(prompt))"]
  }
}

/// A model that says how it goes on in all ways.
struct ThinkingParrot: LanguageModel {
  var capabilities: LanguageModelCapabilities {
    LanguageModelCapabilities([.reasoning, .toolCalling])
  }
  var executorConfiguration: Executor.Configuration { Executor.Configuration() }

  struct Executor: LanguageModelExecutor {
    struct Configuration: Hashable, Sendable {}
    typealias Model = ThinkingParrot

    init(configuration: Configuration) throws {}

    nonisolated(nonsending) func respond(
      to request: LanguageModelExecutorGenerationRequest, model: ThinkingParrot,
      streamingInto channel: LanguageModelExecutorGenerationChannel
    ) async throws {
      await channel.send(
        .reasoning(entryID: "r", action: .appendText("hm", segmentID: "s", tokenCount: 1)))
      await channel.send(
        .toolCalls(
          action: .toolCall(
            id: "1", name: "nothing", action: .appendArguments("{}", tokenCount: 2))))
      await channel.send(.toolCalls(action: .removeToolCall(id: "1")))
      await channel.send(.response(entryID: "a", action: .appendText("Polly", tokenCount: 1)))
      await channel.send(.response(action: .updateMetadata(["mood": "good"])))
      await channel.send(
        .response(
          action: .updateUsage(
            input: .init(totalTokenCount: 3, cachedTokenCount: 1),
            output: .init(totalTokenCount: 4, reasoningTokenCount: 1), metadata: ["times": 2])))
    }
  }
}
