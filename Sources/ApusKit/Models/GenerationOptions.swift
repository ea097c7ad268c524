/// How a model is to answer one prompt.
public struct GenerationOptions: Sendable, Equatable, Codable {
  /// How tokens are chosen.
  public struct SamplingMode: Sendable, Equatable, Codable {
    /// The ways to choose.
    public enum Kind: Sendable, Equatable, Codable {
      /// Always the likeliest.
      case greedy
      /// By chance among the likeliest.
      case randomTopK(Int, seed: UInt64?)
      /// By chance among the fewest that are so likely together.
      case randomProbabilityThreshold(Double, seed: UInt64?)
    }

    /// The way.
    public let kind: Kind

    /// Always the likeliest.
    public static var greedy: SamplingMode { SamplingMode(kind: .greedy) }

    /// By chance among the k likeliest.
    ///
    /// - Parameters:
    ///   - k: How many there are to choose from.
    ///   - seed: Names the chances; nil draws it.
    public static func random(top k: Int, seed: UInt64? = nil) -> SamplingMode {
      SamplingMode(kind: .randomTopK(k, seed: seed))
    }

    /// By chance among the fewest that are so likely together.
    ///
    /// - Parameters:
    ///   - probabilityThreshold: How likely they are together.
    ///   - seed: Names the chances; nil draws it.
    public static func random(
      probabilityThreshold: Double, seed: UInt64? = nil
    ) -> SamplingMode {
      SamplingMode(kind: .randomProbabilityThreshold(probabilityThreshold, seed: seed))
    }
  }

  /// Whether tools are called.
  public struct ToolCallingMode: Sendable, Equatable, Codable {
    /// The ways to handle tools.
    public enum Kind: Sendable, Hashable, Codable {
      /// As the model likes.
      case allowed
      /// At least one, before the model answers.
      case required
      /// None.
      case disallowed
    }

    /// The way.
    public var kind: Kind

    /// As the model likes.
    public static let allowed = ToolCallingMode(kind: .allowed)
    /// At least one, before the model answers.
    public static let required = ToolCallingMode(kind: .required)
    /// None.
    public static let disallowed = ToolCallingMode(kind: .disallowed)
  }

  /// How tokens are chosen; nil as the model's files say.
  public var samplingMode: SamplingMode?
  /// How far unlikely tokens are chosen; nil as the model's files say.
  public var temperature: Double?
  /// Tokens of the answer at most; nil for what the context leaves.
  public var maximumResponseTokens: Int?
  /// Whether tools are called; nil as the model likes.
  public var toolCallingMode: ToolCallingMode?

  /// How tokens are chosen; the earlier name of `samplingMode`.
  public var sampling: SamplingMode? {
    get { samplingMode }
    set { samplingMode = newValue }
  }

  /// Creates options; what is nil is left to the model.
  public init(
    samplingMode: SamplingMode? = nil, temperature: Double? = nil,
    maximumResponseTokens: Int? = nil, toolCallingMode: ToolCallingMode? = nil
  ) {
    (self.samplingMode, self.temperature) = (samplingMode, temperature)
    self.maximumResponseTokens = maximumResponseTokens
    self.toolCallingMode = toolCallingMode
  }

  /// Creates options; what is nil is left to the model.
  public init(
    sampling: SamplingMode?, temperature: Double? = nil, maximumResponseTokens: Int? = nil
  ) {
    self.init(
      samplingMode: sampling, temperature: temperature,
      maximumResponseTokens: maximumResponseTokens)
  }
}

/// What a model is shown besides the conversation.
public struct ContextOptions: Sendable, Equatable, Codable {
  /// Whether the schema of the answer stands in the prompt; nil for yes.
  public var includeSchemaInPrompt: Bool?
  /// How much the model thinks before it answers, by the chat template's variable `reasoning_effort`; nil as it
  /// likes. A model that does not think refuses it.
  public var reasoningLevel: ReasoningLevel?

  /// How much a model thinks.
  public enum ReasoningLevel: Sendable, Equatable, Codable {
    /// A little.
    case light
    /// Not too much.
    case moderate
    /// Much.
    case deep
    /// By a word that the model knows.
    case custom(String)
  }

  /// Creates options.
  public init(includeSchemaInPrompt: Bool? = nil, reasoningLevel: ReasoningLevel? = nil) {
    (self.includeSchemaInPrompt, self.reasoningLevel) = (includeSchemaInPrompt, reasoningLevel)
  }
}
