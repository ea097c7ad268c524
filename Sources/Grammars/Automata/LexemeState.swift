/// How far a text of a lexeme has come.
struct LexemeState: Hashable, Sendable {
  /// The state of the language's automaton.
  var language: RegexAutomaton.State
  /// Where the text is in `prefix unit* suffix`; zero where units are not counted.
  var phase: Int32
  /// Units that are complete.
  var count: Int32

  /// Creates a state.
  init(language: RegexAutomaton.State, phase: Int32 = 0, count: Int32 = 0) {
    self.language = language
    self.phase = phase
    self.count = count
  }
}

/// How many units a text may hold.
struct UnitBounds: Hashable, Sendable {
  /// At least.
  var min: Int32
  /// At most; nil for any number.
  var max: Int32?

  /// Any number, and each is counted.
  static let free = UnitBounds(min: 0, max: .max)

  /// A count that stands for this one and all that no bound tells apart.
  func clipped(_ count: Int32) -> Int32 { max == nil ? Swift.min(count, min) : count }
}
