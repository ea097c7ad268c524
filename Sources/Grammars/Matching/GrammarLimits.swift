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
  /// Items of one row of the parser, beside one for each state of the rules, at most; beyond, only the
  /// reading that needs the fewest rules is kept.
  package var rowItems = 2_000
  /// States of a lexeme, and of the matcher, that one mask may add; beyond, the mask is finished on a
  /// copy that is forgotten.
  package var maskStates = 20_000
  /// Rules within one another at most; beyond, only what needs the fewest is allowed.
  package var frames = 1_000
  /// States of a search that shows, while a grammar is compiled, that a lexeme has a text.
  package var searchSteps = 50_000
  /// States of such a search from a state that an answer comes to.
  package var searchStates = 250_000

  /// Creates the default limits.
  package init() {}
}
