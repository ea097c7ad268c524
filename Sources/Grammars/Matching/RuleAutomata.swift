/// The right sides of all rules as automata whose edges are symbols.
///
/// State 0 is the end of every rule. Loops that count their rounds keep the number in the item that
/// is in a state; a state outside of such loops has the number zero.
struct RuleAutomata {
  /// What an edge stands for.
  enum Symbol: Hashable {
    case lexeme(Int)
    case rule(Int)
    case token(Int32)
  }

  /// A way from a state to another over a symbol.
  struct Edge {
    var symbol: Symbol
    var target: Int
    /// Whether the edge may be taken over an empty expansion.
    var skipsEmpty = true
  }

  /// A way from a state to another over nothing.
  struct Move {
    enum Kind: Equatable {
      case plain
      /// Into a loop, if there were fewer rounds.
      case round(max: Int?)
      /// Back to the start of a loop.
      case next(min: Int, max: Int?)
      /// Out of a loop, if there were as many rounds.
      case leave(min: Int)
    }

    var kind: Kind
    var target: Int
    /// Where the loop leads, for `next`.
    var exit = 0
  }

  /// A state.
  struct State {
    var edges: [Edge] = []
    var moves: [Move] = []
    /// The least number of rules within one another that leads from here to the end.
    var rank = Int.max
    /// Whether the end can be reached over nothing.
    var isNullable = false
    /// The bounds of the loop that the state is in.
    var bounds: UnitBounds?
    /// Whether the rule has unique lexemes.
    var isUnique = false
  }

  /// The end of every rule.
  static let end = 0

  var states: [State] = [State()]
  /// The first state of each rule; the last rule is the whole answer.
  var starts: [Int] = []
  /// Whether there are unique lexemes in a rule.
  var hasUnique: [Bool] = []
  /// The lexemes, and those that were made of several.
  var lexemes: [Grammar.Lexeme] = []

  /// The rule that is the whole answer.
  var root: Int { starts.count - 1 }

  /// The number of rules within one another that a rule needs at least, itself among them.
  func height(_ rule: Int) -> Int {
    let rank = states[starts[rule]].rank
    return rank == .max ? rank : rank + 1
  }

  /// Whether a rule has an expansion of no text.
  func isNullable(_ rule: Int) -> Bool { states[starts[rule]].isNullable }

  /// What taking an edge needs at least.
  func cost(_ edge: Edge) -> Int {
    if case .rule(let rule) = edge.symbol {
      return max(height(rule), states[edge.target].rank)
    }
    return states[edge.target].rank
  }

  /// Memory that the automata hold, about.
  var byteCount: Int {
    states.reduce(0) { $0 + 64 + 40 * $1.edges.count + 48 * $1.moves.count }
  }
}
