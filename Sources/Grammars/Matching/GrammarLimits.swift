/// What a grammar may cost, in sizes and steps and never in seconds, so that the same grammar is
/// always judged alike.
package struct GrammarLimits: Sendable {
  /// How deep regular expressions and right sides of rules nest at most.
  package var depth = 512
  /// Nodes of a regular expression, and bytes of its literals, at most.
  package var regexNodes = 50_000
  /// Bytes of the texts of a lexeme that is a list of texts, at most.
  package var literalBytes = 4 << 20
  /// The highest bound of a repetition that stands in no other.
  package var regexCount = 1_000_000
  /// The highest product of the bounds of repetitions within each other.
  package var regexProduct = 100_000
  /// States and edges of the automata of all rules at most.
  package var grammarItems = 100_000
  /// Memory of what was found out about a compiled grammar, before it is dropped and found anew.
  package var byteCount = 32 << 20
  /// States of the matcher, and of each lexeme, likewise.
  package var states = 250_000
  /// Items of one row of the parser at most; further ones are left out.
  package var rowItems = 2_000
  /// Rules within one another at most; beyond, only what needs the fewest is allowed.
  package var frames = 1_000
  /// Steps of a search for a text that shows that a state is no dead end.
  package var searchSteps = 50_000

  /// Creates the default limits.
  package init() {}
}
