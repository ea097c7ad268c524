/// What the tokens of a vocabulary do from one state of a lexeme on, whatever surrounds the lexeme.
struct LexemeMask: Sendable {
  /// A token that ends in the suffix, where the number of units must be enough.
  struct Closing: Sendable {
    var token: Int32
    var units: Int32
  }

  /// A node of the trie at which the lexeme may end while tokens below it go on.
  struct Exit: Sendable {
    var node: Int32
    var units: Int32
  }

  /// Tokens that lie within the lexeme; where units are counted, those that begin at most `n` units
  /// are in set `n`, and all in the last.
  private var sets: [TokenSet] = []
  /// Where units are counted, the tokens that begin `n` units.
  private var open: [[Int32]] = []
  private(set) var closings: [Closing] = []
  private(set) var exits: [Exit] = []

  /// Memory that the mask holds, about.
  var byteCount: Int {
    sets.reduce(0) { $0 + $1.byteCount } + 8 * (closings.count + exits.count)
      + open.reduce(0) { $0 + 4 * $1.count }
  }

  /// Numbers of units for which there is a set.
  private static let setCount = 16

  /// Tokens that lie within the lexeme when so many units may follow, as a set and more.
  func inner(units: Int) -> (set: TokenSet, rest: [Int32]) {
    if units >= open.count || sets.count == 1 { return (sets[sets.count - 1], []) }
    if units < Self.setCount { return (sets[units], []) }
    return (sets[Self.setCount - 1], open[Self.setCount...units].flatMap { $0 })
  }

  /// Creates the mask of a lexeme whose units are not counted.
  init(_ set: TokenSet, exits: [Int]) {
    sets = [set]
    self.exits = exits.map { Exit(node: Int32($0), units: 0) }
  }

  /// Creates a mask of the tokens that begin `n` units, for each `n`.
  ///
  /// - Parameter tellsUnits: Whether the units of a token matter.
  init(
    open: [[Int32]], closings: [Closing], exits: [Exit], tellsUnits: Bool, vocabularySize: Int
  ) {
    var tokens: [Int32] = []
    for (units, more) in open.enumerated() {
      tokens += more
      guard units < Self.setCount || units == open.count - 1 else { continue }
      sets.append(TokenSet(tokens, vocabularySize: vocabularySize))
    }
    self.open = tellsUnits ? open : []
    self.closings = closings
    self.exits = exits
  }
}
