/// Why training refused something: what, and with both numbers where a limit is at fault.
package struct TrainingError: Error, Sendable, Hashable {
  /// The class of a fault.
  package enum Kind: String, Sendable {
    /// A number of the shape or of the settings is out of its range.
    case configuration
    /// Rows or documents break a rule.
    case data
    /// A file is not what it should be.
    case corrupt
    /// The system refused.
    case system
  }

  /// The class of the fault.
  package let kind: Kind
  /// What is at fault, as a file or a setting names it.
  package let field: String
  /// What is wrong, with the value found and the value allowed.
  package let detail: String

  /// Creates an error.
  package init(_ kind: Kind, field: String, _ detail: String) {
    self.kind = kind
    self.field = field
    self.detail = detail
  }
}

extension TrainingError: CustomStringConvertible {
  /// One line: kind, field and detail.
  package var description: String { "\(kind.rawValue): \(field): \(detail)" }
}
