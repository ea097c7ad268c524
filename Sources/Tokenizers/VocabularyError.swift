/// Why a vocabulary was refused: what is wrong, and with which part of it.
public struct VocabularyError: Error, Sendable, Hashable {
  /// The class of a fault.
  #if hasAttribute(nonexhaustive)
    @nonexhaustive
  #endif
  public enum Kind: String, Sendable {
    /// Something that is not supported was asked for.
    case unsupported
    /// A count or size is beyond its limit.
    case limit
    /// A value breaks the rules of vocabularies.
    case invalid
    /// The same piece or merge stands twice.
    case duplicate
    /// Something that the rest needs is not there.
    case missing
  }

  /// The class of the fault.
  public let kind: Kind
  /// The part of the vocabulary at fault.
  public let field: VocabularyField
  /// What is wrong, with the value found and the value allowed.
  public let detail: String

  /// Creates an error.
  public init(_ kind: Kind, field: VocabularyField, _ detail: String) {
    self.kind = kind
    self.field = field
    self.detail = detail
  }
}

extension VocabularyError: CustomStringConvertible {
  /// One line: kind, field and detail.
  public var description: String { "\(kind.rawValue): \(field.rawValue): \(detail)" }
}

/// The parts of a vocabulary, which each kind of model file keeps under names of its own.
#if hasAttribute(nonexhaustive)
  @nonexhaustive
#endif
public enum VocabularyField: String, Sendable, CaseIterable {
  /// The pieces.
  case pieces
  /// The kinds of the pieces.
  case kinds
  /// The merges.
  case merges
  /// The scores of the pieces.
  case scores
  /// The kind of the vocabulary.
  case model
  /// The tokens that are found as a whole.
  case addedTokens
  /// What is done to text first.
  case normalizer
  /// What is done to tokens last.
  case postProcessor
  /// How tokens become text.
  case decoder
  /// The rows of the embedding.
  case rows
  /// The name of the splitting pattern.
  case preTokenizer
  /// The token that begins a prompt.
  case beginningOfSequence
  /// The token that ends a text.
  case endOfSequence
  /// A further token that ends an answer.
  case additionalEnd
}
