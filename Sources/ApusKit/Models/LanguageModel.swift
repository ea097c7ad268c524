public import FoundationEssentials

/// A model that sessions can be held with: what it can do, and who carries requests out.
public protocol LanguageModel: Sendable {
  /// Carries requests out.
  associatedtype Executor: LanguageModelExecutor where Executor.Model == Self
  /// What the model can do.
  var capabilities: LanguageModelCapabilities { get }
  /// What an executor for this model is made with.
  var executorConfiguration: Executor.Configuration { get }
}

/// Carries a model's requests out.
public protocol LanguageModelExecutor: Sendable {
  /// What it is made with; equal values may share one executor.
  associatedtype Configuration: Hashable, Sendable
  /// The models whose requests it carries out.
  associatedtype Model: LanguageModel

  /// Makes an executor.
  init(configuration: Configuration) throws

  /// Prepares for a request that begins with a transcript; does nothing by default.
  func prewarm(model: Model, transcript: Transcript)

  /// Carries a request out; what the model says goes into the channel as it is said.
  nonisolated(nonsending) func respond(
    to request: LanguageModelExecutorGenerationRequest, model: Model,
    streamingInto channel: LanguageModelExecutorGenerationChannel
  ) async throws
}

extension LanguageModelExecutor {
  public func prewarm(model: Model, transcript: Transcript) {}
}

/// What a model can do.
public struct LanguageModelCapabilities: Sendable, Hashable {
  /// Something that not every model can do.
  public struct Capability: Sendable, Hashable, CustomStringConvertible {
    /// What it is called.
    public let description: String

    /// To look at images.
    public static let vision = Capability(description: "vision")
    /// To answer in a form that is asked for.
    public static let guidedGeneration = Capability(description: "guided generation")
    /// To think before it answers.
    public static let reasoning = Capability(description: "reasoning")
    /// To call tools.
    public static let toolCalling = Capability(description: "tool calling")
  }

  private let all: Set<Capability>

  /// Lists what a model can do.
  public init(_ capabilities: [Capability]) { all = Set(capabilities) }

  /// Lists what a model can do.
  @available(*, deprecated, renamed: "init(_:)")
  public init(capabilities: [Capability]) { self.init(capabilities) }

  /// Whether the model can do something.
  public func contains(_ capability: Capability) -> Bool { all.contains(capability) }
}

/// What a model is asked to go on with.
public struct LanguageModelExecutorGenerationRequest: Sendable {
  /// What tells the request from others.
  public var id: UUID
  /// The conversation, the latest prompt or tool output last.
  public var transcript: Transcript
  /// The tools that may be called.
  public var enabledToolDefinitions: [Transcript.ToolDefinition]
  /// The form of the answer; nil for text.
  public var schema: GenerationSchema?
  /// How to answer.
  public var generationOptions: GenerationOptions
  /// What the model is shown.
  public var contextOptions: ContextOptions
  /// Anything that a model of one's own understands.
  public var metadata: [String: any Sendable & Codable & Equatable]

  /// Makes a request.
  public init(
    id: UUID = UUID(), transcript: Transcript,
    enabledTools: [Transcript.ToolDefinition] = [], schema: GenerationSchema? = nil,
    generationOptions: GenerationOptions = GenerationOptions(),
    contextOptions: ContextOptions = ContextOptions(),
    metadata: [String: any Sendable & Codable & Equatable] = [:]
  ) {
    (self.id, self.transcript, self.schema) = (id, transcript, schema)
    enabledToolDefinitions = enabledTools
    (self.generationOptions, self.contextOptions) = (generationOptions, contextOptions)
    self.metadata = metadata
  }
}
