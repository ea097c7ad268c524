/// A rule as a notation for grammars writes it.
struct NotationRule {
  /// The right side of a rule.
  indirect enum Expression {
    /// A text of a regular language.
    case regular(Regex)
    /// An expansion of a rule, by its name, as a line mentions it.
    case reference(String, line: Int)
    /// A control token.
    case token(Int32)
    /// What is in the builder already.
    case compiled(Grammar.Expression)
    /// One after the other.
    case sequence([Expression])
    /// Any of them.
    case alternatives([Expression])
    /// A number of times.
    case repetition(Expression, min: Int, max: Int?)
    /// All of them at once, each of which is regular.
    case intersection([Expression])
    /// Any text but those of a regular one.
    case exclusion(Expression)
    /// Those texts of a regular one that none of its other texts is the beginning of.
    case shortest(Expression)
  }

  /// The name.
  var name: String
  /// The line that defines it, counted from 1.
  var line: Int
  /// What it stands for.
  var body: Expression
  /// Whether it is a terminal, which is one regular language whatever its size.
  var isTerminal = false
}

extension NotationRule.Expression {
  /// The names that are mentioned, with their lines.
  var references: [(name: String, line: Int)] {
    var found: [(name: String, line: Int)] = []
    collect(into: &found)
    return found
  }

  private func collect(into found: inout [(name: String, line: Int)]) {
    switch self {
    case .regular, .token, .compiled: break
    case .reference(let name, let line): found.append((name, line))
    case .sequence(let parts), .alternatives(let parts), .intersection(let parts):
      for part in parts { part.collect(into: &found) }
    case .repetition(let body, _, _), .exclusion(let body), .shortest(let body):
      body.collect(into: &found)
    }
  }
}

/// What notations for grammars have in common: limits on what a client sends.
enum NotationLimits {
  /// The most bytes of a source.
  static let source = 1 << 20
  /// The most expressions of a grammar.
  static let expressions = 100_000
  /// The deepest nesting of groups.
  static let depth = 128
  /// The most times of a repetition.
  static let count = 1_000_000
}
