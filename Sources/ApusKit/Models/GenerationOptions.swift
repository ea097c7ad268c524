/// How a model is to answer one prompt.
public struct GenerationOptions: Sendable, Equatable, Codable {
  /// How tokens are chosen.
  public struct SamplingMode: Sendable, Equatable, Codable {
    enum Kind: Equatable, Codable {
      case greedy
      case top(Int, seed: UInt64?)
      case threshold(Double, seed: UInt64?)
    }

    let kind: Kind

    /// Always the likeliest.
    public static var greedy: SamplingMode { SamplingMode(kind: .greedy) }

    /// By chance among the k likeliest.
    ///
    /// - Parameters:
    ///   - k: How many there are to choose from.
    ///   - seed: Names the chances; nil draws it.
    public static func random(top k: Int, seed: UInt64? = nil) -> SamplingMode {
      SamplingMode(kind: .top(k, seed: seed))
    }

    /// By chance among the fewest that are so likely together.
    ///
    /// - Parameters:
    ///   - probabilityThreshold: How likely they are together.
    ///   - seed: Names the chances; nil draws it.
    public static func random(
      probabilityThreshold: Double, seed: UInt64? = nil
    ) -> SamplingMode {
      SamplingMode(kind: .threshold(probabilityThreshold, seed: seed))
    }
  }

  /// Whether tools are called.
  public struct ToolCallingMode: Sendable, Equatable, Codable {
    enum Kind: Codable { case allowed, required, disallowed }

    let kind: Kind

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

  /// Creates options.
  public init(includeSchemaInPrompt: Bool? = nil) {
    self.includeSchemaInPrompt = includeSchemaInPrompt
  }
}
