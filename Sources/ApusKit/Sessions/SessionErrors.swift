public import FoundationEssentials

extension LanguageModelSession {
  /// What a session refuses.
  public enum Error: LocalizedError, Hashable, CustomDebugStringConvertible {
    /// It is answering another prompt.
    case concurrentRequests
    /// Somebody changed the transcript while it was answering.
    case transcriptMutationWhileResponding

    /// One sentence.
    public var debugDescription: String {
      switch self {
      case .concurrentRequests: "the session is answering another prompt"
      case .transcriptMutationWhileResponding: "the transcript was changed during the answer"
      }
    }

    /// One sentence.
    public var errorDescription: String? { debugDescription }
  }

  /// What a tool threw.
  public struct ToolCallError: LocalizedError {
    /// The tool.
    public var tool: any Tool
    /// What it threw.
    public var underlyingError: any Swift.Error

    /// Names both.
    public init(tool: any Tool, underlyingError: any Swift.Error) {
      (self.tool, self.underlyingError) = (tool, underlyingError)
    }

    /// One sentence.
    public var errorDescription: String? { "the tool \(tool.name) failed: \(underlyingError)" }
  }

  /// The errors of the first version of FoundationModels, by the names that its successors replaced.
  ///
  /// Nothing throws them here: what is thrown becomes one by `init(_:)`.
  @available(*, deprecated, message: "LanguageModelError and LanguageModelSession.Error are thrown")
  public enum GenerationError: LocalizedError {
    /// What an error says.
    public struct Context: Sendable {
      /// One sentence.
      public let debugDescription: String

      /// Says what is wrong.
      public init(debugDescription: String) { self.debugDescription = debugDescription }
    }

    /// Why the model would not answer.
    public struct Refusal: Sendable {
      let transcriptEntries: [Transcript.Entry]

      /// Keeps what was said.
      public init(transcriptEntries: [Transcript.Entry]) {
        self.transcriptEntries = transcriptEntries
      }
    }

    /// See `LanguageModelError.contextSizeExceeded`.
    case exceededContextWindowSize(Context)
    /// There is no model of the system here.
    case assetsUnavailable(Context)
    /// See `LanguageModelError.guardrailViolation`.
    case guardrailViolation(Context)
    /// See `LanguageModelError.unsupportedGenerationGuide`.
    case unsupportedGuide(Context)
    /// See `LanguageModelError.unsupportedLanguageOrLocale`.
    case unsupportedLanguageOrLocale(Context)
    /// See `GeneratedContent.ParsingError`.
    case decodingFailure(Context)
    /// See `LanguageModelError.rateLimited`.
    case rateLimited(Context)
    /// See `LanguageModelSession.Error.concurrentRequests`.
    case concurrentRequests(Context)
    /// See `LanguageModelError.refusal`.
    case refusal(Refusal, Context)
  }
}

@available(*, deprecated, message: "LanguageModelError and LanguageModelSession.Error are thrown")
extension LanguageModelSession.GenerationError {
  /// What is thrown, by its earlier name; nil where it had none.
  public init?(_ error: any Error) {
    let context = Context(debugDescription: "\(error)")
    switch error {
    case LanguageModelError.contextSizeExceeded: self = .exceededContextWindowSize(context)
    case LanguageModelError.guardrailViolation: self = .guardrailViolation(context)
    case LanguageModelError.unsupportedGenerationGuide: self = .unsupportedGuide(context)
    case LanguageModelError.unsupportedLanguageOrLocale:
      self = .unsupportedLanguageOrLocale(context)
    case LanguageModelError.rateLimited: self = .rateLimited(context)
    case LanguageModelError.refusal: self = .refusal(Refusal(transcriptEntries: []), context)
    case LanguageModelSession.Error.concurrentRequests: self = .concurrentRequests(context)
    case is GeneratedContent.ParsingError: self = .decodingFailure(context)
    case let error as ApusError where [.invalidAnswer, .cutShort].contains(error.kind):
      self = .decodingFailure(context)
    default: return nil
    }
  }

  /// One sentence.
  public var errorDescription: String? {
    switch self {
    case .exceededContextWindowSize(let context), .assetsUnavailable(let context),
      .guardrailViolation(let context), .unsupportedGuide(let context),
      .unsupportedLanguageOrLocale(let context), .decodingFailure(let context),
      .rateLimited(let context), .concurrentRequests(let context), .refusal(_, let context):
      context.debugDescription
    }
  }
}

/// What becomes of the transcript when a turn throws or is cancelled.
public struct TranscriptErrorHandlingPolicy: Sendable, Equatable {
  private let keeps: Bool

  /// It is as it was before the turn.
  public static let revertTranscript = TranscriptErrorHandlingPolicy(keeps: false)
  /// The prompt stays, and calls of tools with their outputs, where these had ended; no part of an answer does.
  public static let preserveTranscript = TranscriptErrorHandlingPolicy(keeps: true)
}
