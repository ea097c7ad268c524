/// The faults of a schema or a grammar.
package struct GrammarErrors: Error, Equatable, Sendable {
  /// The faults, at least one and at most 8.
  package var faults: [GrammarError]

  /// Creates an error.
  package init(_ faults: [GrammarError]) { self.faults = Array(faults.prefix(8)) }
}
