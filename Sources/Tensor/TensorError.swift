/// Why an operation on numbers was refused: which one, what it needs and what it was given.
public struct TensorError: Error, Sendable, Hashable {
  /// The class of a fault.
  #if hasAttribute(nonexhaustive)
    @nonexhaustive
  #endif
  public enum Kind: String, Sendable {
    /// Sizes do not fit each other, or cannot be represented.
    case shape
    /// The system or a workspace has no memory left.
    case memory
    /// Bytes or sizes break a weight format's rules.
    case format
    /// A weight or a scale is NaN or infinite.
    case notFinite
    /// This processor or build cannot do what was asked.
    case unavailable
  }

  /// The class of the fault.
  public let kind: Kind
  /// What was being done.
  public let operation: String
  /// What it needs.
  public let expected: String
  /// What it was given.
  public let given: String

  /// Creates an error.
  public init(_ kind: Kind, _ operation: String, expected: String, given: String) {
    self.kind = kind
    self.operation = operation
    self.expected = expected
    self.given = given
  }
}

extension TensorError: CustomStringConvertible {
  /// One line: kind, operation, and both sides.
  public var description: String {
    "\(kind.rawValue): \(operation) needs \(expected), was given \(given)"
  }
}
