/// Why a schema, a regular expression or a grammar cannot be enforced.
package struct GrammarError: Error, Equatable, Sendable {
  /// What kind of fault it is.
  package enum Kind: Sendable {
    /// It is malformed.
    case invalid
    /// Its meaning is known and cannot be enforced exactly.
    case unsupported
    /// It is beyond a limit.
    case tooComplex
    /// No finite text fits.
    case unsatisfiable
  }

  /// Where the fault is.
  package enum Place: Equatable, Sendable {
    /// The whole.
    case whole
    /// A JSON pointer into a schema.
    case pointer(String)
    /// A line of a grammar, counted from 1.
    case line(Int)
    /// A byte of a regular expression, counted from 0.
    case byte(Int)
  }

  /// What kind of fault it is.
  package var kind: Kind
  /// Where it is.
  package var place: Place
  /// The fault in words, as the rest of a sentence that begins with the place: "has a look-ahead,
  /// which cannot be enforced".
  package var message: String

  /// Creates an error.
  package init(_ kind: Kind, at place: Place = .whole, _ message: String) {
    self.kind = kind
    self.place = place
    self.message = message
  }
}

extension GrammarError.Place {
  /// Compares pointers by their bytes.
  package static func == (one: GrammarError.Place, other: GrammarError.Place) -> Bool {
    switch (one, other) {
    case (.whole, .whole): true
    case (.pointer(let first), .pointer(let second)): first.utf8.elementsEqual(second.utf8)
    case (.line(let first), .line(let second)), (.byte(let first), .byte(let second)):
      first == second
    default: false
    }
  }
}
