/// Why a load test cannot begin, in one sentence.
package struct LoadError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The sentence.
  package let description: String

  /// Creates an error.
  package init(_ description: String) {
    self.description = description
  }
}
