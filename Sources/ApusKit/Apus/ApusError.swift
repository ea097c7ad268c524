public import FoundationEssentials

/// Why something failed that `LanguageModelError` has no word for. More kinds may come.
public struct ApusError: Error, Sendable, Hashable {
  /// What kind of failure it is.
  public struct Kind: Sendable, Hashable, CustomStringConvertible {
    /// The kind's name.
    public let description: String

    /// An answer that must have a form was cut by the limit of its tokens.
    public static let cutShort = Kind(description: "cut short")
    /// A type's form cannot be told from its decoding.
    public static let notDescribable = Kind(description: "not describable")
    /// The model went on calling tools.
    public static let tooManyToolRounds = Kind(description: "too many rounds of tools")
    /// The model called a tool that there is not.
    public static let unknownTool = Kind(description: "unknown tool")
    /// A model that keeps to no form by itself gave an answer that does not have the one asked for.
    public static let invalidAnswer = Kind(description: "invalid answer")
    /// The engine ends, and takes no more requests.
    public static let shuttingDown = Kind(description: "shutting down")
    /// What may be used is not enough.
    public static let memory = Kind(description: "memory")
  }

  /// What kind of failure it is.
  public let kind: Kind
  /// The field, limit, tool or type in question.
  public let subject: String
  /// One sentence, with the figures that matter.
  public let detail: String

  /// Describes a failure.
  package init(_ kind: Kind, _ subject: String, _ detail: String) {
    (self.kind, self.subject, self.detail) = (kind, subject, detail)
  }
}

extension ApusError: CustomStringConvertible {
  /// The kind, the subject and the sentence.
  public var description: String { "\(kind): \(subject): \(detail)" }
}

extension ApusError: LocalizedError {
  /// The kind, the subject and the sentence.
  public var errorDescription: String? { description }
}
