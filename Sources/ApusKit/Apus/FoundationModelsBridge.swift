// Compiled where the system has the second version of FoundationModels, and nowhere else: it could not be tried by
// those who wrote it. Text and forms of answers; tools are left to sessions of this module.
#if canImport(FoundationModels, _version: 2)
  import Foundation
  public import FoundationModels

  /// An engine for sessions of Apple's framework.
  ///
  /// ```swift
  /// let session = FoundationModels.LanguageModelSession(model: SystemSessionModel(model))
  /// ```
  @available(macOS 27.0, iOS 27.0, visionOS 27.0, *)
  public struct SystemSessionModel: FoundationModels.LanguageModel {
    /// The model, whose engine lives as long as it does.
    public let model: ApusLanguageModel

    /// Lends a model.
    public init(_ model: ApusLanguageModel) { self.model = model }

    public var capabilities: FoundationModels.LanguageModelCapabilities {
      FoundationModels.LanguageModelCapabilities([.guidedGeneration])
    }

    public var executorConfiguration: Executor.Configuration {
      Executor.Configuration(engine: ObjectIdentifier(model.engine))
    }

    /// Has the engine compute the requests.
    public struct Executor: FoundationModels.LanguageModelExecutor {
      public typealias Model = SystemSessionModel

      /// Names the engine: one executor for each session would otherwise be one engine for each.
      public struct Configuration: Hashable, Sendable {
        let engine: ObjectIdentifier
      }

      public init(configuration: Configuration) throws {}

      nonisolated(nonsending) public func respond(
        to request: FoundationModels.LanguageModelExecutorGenerationRequest,
        model: SystemSessionModel,
        streamingInto channel: FoundationModels.LanguageModelExecutorGenerationChannel
      ) async throws {
        let wanted = LanguageModelExecutorGenerationRequest(
          transcript: try Transcript(request.transcript),
          schema: try request.schema.map(GenerationSchema.init),
          generationOptions: GenerationOptions(request.generationOptions))
        let (events, continuation) = AsyncStream.makeStream(
          of: LanguageModelExecutorGenerationChannel.Event.self)
        let own = LanguageModelExecutorGenerationChannel { continuation.yield($0) }
        let answer = Task {
          defer { continuation.finish() }
          try await ApusLanguageModel.Executor(configuration: model.model.executorConfiguration)
            .respond(to: wanted, model: model.model, streamingInto: own)
        }
        await withTaskCancellationHandler {
          for await event in events {
            if let theirs = event.theirs { await channel.send(theirs) }
          }
        } onCancel: {
          answer.cancel()
        }
        try await answer.value
      }
    }
  }

  @available(macOS 27.0, iOS 27.0, visionOS 27.0, *)
  extension LanguageModelExecutorGenerationChannel.Event {
    /// The event as Apple's framework has it.
    fileprivate var theirs: FoundationModels.LanguageModelExecutorGenerationChannel.Event? {
      switch kind {
      case .response(let action):
        switch action.kind {
        case .append(let text, let tokens):
          .response(action: .appendText(text, tokenCount: tokens))
        case .usage(let usage):
          .response(
            action: .updateUsage(
              input: .init(
                totalTokenCount: usage.input.totalTokenCount,
                cachedTokenCount: usage.input.cachedTokenCount),
              output: .init(
                totalTokenCount: usage.output.totalTokenCount,
                reasoningTokenCount: usage.output.reasoningTokenCount)))
        case .metadata: nil
        }
      case .reasoning, .toolCalls: nil
      }
    }
  }

  @available(macOS 27.0, iOS 27.0, visionOS 27.0, *)
  extension Transcript {
    /// Takes the texts of a transcript of Apple's framework.
    fileprivate init(_ theirs: FoundationModels.Transcript) throws {
      self.init()
      for entry in theirs {
        switch entry {
        case .instructions(let entry): append(.instructions(.init(segments: entry.segments.ours)))
        case .prompt(let entry): append(.prompt(.init(segments: entry.segments.ours)))
        case .response(let entry): append(.response(.init(segments: entry.segments.ours)))
        default:
          throw FoundationModels.LanguageModelError.unsupportedTranscriptContent(
            .init(unsupportedContent: [entry], debugDescription: "only texts are read here"))
        }
      }
    }
  }

  @available(macOS 27.0, iOS 27.0, visionOS 27.0, *)
  extension [FoundationModels.Transcript.Segment] {
    fileprivate var ours: [Transcript.Segment] {
      compactMap { segment in
        switch segment {
        case .text(let text): .text(.init(content: text.content))
        case .structure(let content): .text(.init(content: content.content.jsonString))
        default: nil
        }
      }
    }
  }

  @available(macOS 27.0, iOS 27.0, visionOS 27.0, *)
  extension GenerationSchema {
    /// Takes the JSON Schema that a schema of Apple's framework is written as.
    fileprivate init(_ theirs: FoundationModels.GenerationSchema) throws {
      let json = try JSONEncoder().encode(theirs)
      self.init(name: theirs.name, form: .json(try JSONValue(parsing: Array(json))))
    }
  }

  @available(macOS 27.0, iOS 27.0, visionOS 27.0, *)
  extension GenerationOptions {
    fileprivate init(_ theirs: FoundationModels.GenerationOptions) {
      let mode: SamplingMode? =
        switch theirs.samplingMode?.kind {
        case .greedy?: .greedy
        case .randomTopK(let count, let seed)?: .random(top: count, seed: seed)
        case .randomProbabilityThreshold(let part, let seed)?:
          .random(probabilityThreshold: part, seed: seed)
        default: nil
        }
      self.init(
        samplingMode: mode, temperature: theirs.temperature,
        maximumResponseTokens: theirs.maximumResponseTokens)
    }
  }
#endif
