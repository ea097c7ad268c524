public import FoundationEssentials

/// Why a model did not answer.
public enum LanguageModelError: Error, Sendable {
  /// The prompt with all that came before it has more tokens than the model can look at.
  case contextSizeExceeded(ContextSizeExceeded)
  /// There is no room for the request now.
  case rateLimited(RateLimited)
  /// The model would not answer.
  case refusal(Refusal)
  /// Rules of safety stopped the answer.
  case guardrailViolation(GuardrailViolation)
  /// The model cannot do what was asked for.
  case unsupportedCapability(UnsupportedCapability)
  /// The transcript has something that the model cannot read.
  case unsupportedTranscriptContent(UnsupportedTranscriptContent)
  /// A schema or a guide cannot be enforced.
  case unsupportedGenerationGuide(UnsupportedGenerationGuide)
  /// The model does not know the language.
  case unsupportedLanguageOrLocale(UnsupportedLanguageOrLocale)
  /// The request took too long.
  case timeout(Timeout)
}

extension LanguageModelError {
  /// How much was too much.
  public struct ContextSizeExceeded: Sendable {
    /// Tokens that the context holds.
    public var contextSize: Int
    /// Tokens of the prompt.
    public var tokenCount: Int
    /// One sentence.
    public var debugDescription: String
    /// What else there is to know.
    public var metadata: [String: any Sendable]

    /// Tells both numbers.
    public init(
      contextSize: Int, tokenCount: Int, debugDescription: String,
      metadata: [String: any Sendable] = [:]
    ) {
      self.metadata = metadata
      (self.contextSize, self.tokenCount) = (contextSize, tokenCount)
      self.debugDescription = debugDescription
    }
  }

  /// When there may be room.
  public struct RateLimited: Sendable {
    /// When another try has a point; nil where nobody knows.
    public var resetDate: Date?
    /// One sentence.
    public var debugDescription: String
    /// What else there is to know.
    public var metadata: [String: any Sendable]

    /// Tells when.
    public init(
      resetDate: Date? = nil, debugDescription: String, metadata: [String: any Sendable] = [:]
    ) {
      self.metadata = metadata
      (self.resetDate, self.debugDescription) = (resetDate, debugDescription)
    }
  }

  /// Why the model would not answer.
  public struct Refusal: Sendable {
    /// One sentence.
    public var debugDescription: String
    /// What else there is to know.
    public var metadata: [String: any Sendable]

    /// What the model says of it.
    let text: String

    /// Says why, and what the model says of it.
    public init(
      explanation: String, debugDescription: String, metadata: [String: any Sendable] = [:]
    ) {
      (text, self.debugDescription, self.metadata) = (explanation, debugDescription, metadata)
    }

    /// What the model says of it, as a response.
    nonisolated(nonsending) public var explanation: LanguageModelSession.Response<String> {
      get async throws {
        try LanguageModelSession.Response(
          TurnResult(content: GeneratedContent(.string(text)), entries: [], usage: .init()))
      }
    }
  }

  /// Which rule stopped the answer.
  public struct GuardrailViolation: Sendable {
    /// One sentence.
    public var debugDescription: String
    /// What else there is to know.
    public var metadata: [String: any Sendable]

    /// Says which.
    public init(debugDescription: String, metadata: [String: any Sendable] = [:]) {
      (self.debugDescription, self.metadata) = (debugDescription, metadata)
    }
  }

  /// What the model cannot do.
  public struct UnsupportedCapability: Sendable {
    /// What was asked for.
    public var capability: LanguageModelCapabilities.Capability
    /// One sentence.
    public var debugDescription: String
    /// What else there is to know.
    public var metadata: [String: any Sendable]

    /// Names it.
    public init(
      capability: LanguageModelCapabilities.Capability, debugDescription: String,
      metadata: [String: any Sendable] = [:]
    ) {
      self.metadata = metadata
      (self.capability, self.debugDescription) = (capability, debugDescription)
    }
  }

  /// What the model cannot read.
  public struct UnsupportedTranscriptContent: Sendable {
    /// The entries.
    public var unsupportedContent: [Transcript.Entry]
    /// One sentence.
    public var debugDescription: String
    /// What else there is to know.
    public var metadata: [String: any Sendable]

    /// Names the entries.
    public init(
      unsupportedContent: [Transcript.Entry], debugDescription: String,
      metadata: [String: any Sendable] = [:]
    ) {
      self.metadata = metadata
      (self.unsupportedContent, self.debugDescription) = (unsupportedContent, debugDescription)
    }
  }

  /// What cannot be enforced.
  public struct UnsupportedGenerationGuide: Sendable {
    /// The schema's name, or the tool's.
    public var schemaName: String?
    /// One sentence for each fault, with its place.
    public var debugDescription: String
    /// What else there is to know.
    public var metadata: [String: any Sendable]

    /// Names the schema.
    public init(
      schemaName: String? = nil, debugDescription: String, metadata: [String: any Sendable] = [:]
    ) {
      self.metadata = metadata
      (self.schemaName, self.debugDescription) = (schemaName, debugDescription)
    }
  }

  /// Which language the model does not know.
  public struct UnsupportedLanguageOrLocale: Sendable {
    /// The language.
    public var languageCode: Locale.LanguageCode
    /// One sentence.
    public var debugDescription: String
    /// What else there is to know.
    public var metadata: [String: any Sendable]

    /// Names it.
    public init(
      languageCode: Locale.LanguageCode, debugDescription: String,
      metadata: [String: any Sendable] = [:]
    ) {
      (self.languageCode, self.debugDescription) = (languageCode, debugDescription)
      self.metadata = metadata
    }
  }

  /// What took too long.
  public struct Timeout: Sendable {
    /// One sentence.
    public var debugDescription: String
    /// What else there is to know.
    public var metadata: [String: any Sendable]

    /// Says what.
    public init(debugDescription: String, metadata: [String: any Sendable] = [:]) {
      (self.debugDescription, self.metadata) = (debugDescription, metadata)
    }
  }
}

extension LanguageModelError: LocalizedError {
  /// One sentence.
  public var errorDescription: String? { debugDescription }
}

extension LanguageModelError: CustomDebugStringConvertible, CustomStringConvertible {
  /// One sentence.
  public var description: String { debugDescription }

  /// One sentence.
  public var debugDescription: String {
    switch self {
    case .contextSizeExceeded(let error): error.debugDescription
    case .rateLimited(let error): error.debugDescription
    case .refusal(let error): error.debugDescription
    case .guardrailViolation(let error): error.debugDescription
    case .unsupportedCapability(let error): error.debugDescription
    case .unsupportedTranscriptContent(let error): error.debugDescription
    case .unsupportedGenerationGuide(let error): error.debugDescription
    case .unsupportedLanguageOrLocale(let error): error.debugDescription
    case .timeout(let error): error.debugDescription
    }
  }
}
