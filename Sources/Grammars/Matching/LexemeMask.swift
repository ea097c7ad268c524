/// What the tokens of a vocabulary do from one state of a lexeme on, whatever surrounds the lexeme.
struct LexemeMask: Sendable {
  /// A token that ends in the suffix, where the number of units must be enough.
  struct Closing: Sendable {
    var token: Int32
    var units: Int32
  }

  /// Nodes of the trie, of one name, at which the lexeme may end while tokens below them go on.
  struct Exit: Sendable {
    var kind: Int32
    var units: Int32
    var nodes: [Int32]
  }

  /// Tokens that lie within the lexeme, whatever the number of units that they begin.
  let inner: TokenSet
  /// The same by their units; nil where these do not matter.
  let tokens: TokensByUnits?
  let closings: [Closing]
  let exits: [Exit]

  /// Memory that the mask holds, about.
  var byteCount: Int {
    inner.byteCount + (tokens?.byteCount ?? 0) + 8 * closings.count
      + exits.reduce(0) { $0 + 48 + 4 * $1.nodes.count }
  }
}

/// Tokens by the units of a lexeme that they begin.
struct TokensByUnits: Sendable {
  /// Neighbours in the order of a vocabulary in which each character is a unit.
  struct Span: Sendable {
    var places: Range<Int>
    /// What the number of units is above that of characters.
    var shift: Int
  }

  private var lists: [[Int32]] = []
  private var spans: [Span] = []
  /// No token begins more units.
  private(set) var most = 0

  /// Creates a list without tokens.
  init() {}

  /// Memory that the tokens hold, about.
  var byteCount: Int { lists.reduce(32 * spans.count) { $0 + 4 * $1.count } }

  /// Adds a token.
  mutating func add(_ token: Int32, units: Int) {
    while lists.count <= units { lists.append([]) }
    lists[units].append(token)
    most = max(most, units)
  }

  /// Adds neighbours, of which none begins more units than some.
  mutating func add(_ span: Span, most: Int) {
    spans.append(span)
    self.most = max(self.most, most)
  }

  /// Tokens that begin as many units as a range says.
  func tokens(units: ClosedRange<Int>, _ trie: TokenTrie) -> [Int32] {
    var result: [Int32] = []
    for (number, list) in lists.enumerated() where units.contains(number) { result += list }
    trie.characters.withUnsafeBufferPointer { characters in
      for span in spans {
        let (least, most) = (units.lowerBound - span.shift, units.upperBound - span.shift)
        for place in span.places
        where Int(characters[place]) >= least && Int(characters[place]) <= most {
          result.append(trie.order[place])
        }
      }
    }
    return result
  }
}

extension TokensByUnits {
  /// The tokens that begin more units than some, by how many more; the first list is of one more.
  func long(above units: Int, _ trie: TokenTrie) -> [[Int32]] {
    var result = Array(lists.dropFirst(units + 1))
    for span in spans {
      for place in span.places where Int(trie.characters[place]) + span.shift > units {
        let index = Int(trie.characters[place]) + span.shift - units - 1
        while result.count <= index { result.append([]) }
        result[index].append(trie.order[place])
      }
    }
    return result
  }
}

/// Sets of the tokens that begin few units, as they were asked for.
struct UnitSets {
  /// Numbers of units for which there may be a set.
  private static let setCount = 16

  private var sets: [Int: TokenSet] = [:]
  /// The tokens of more units, by how many more.
  private var long: [[Int32]]?
  /// Memory that the sets hold, about.
  private(set) var byteCount = 0

  /// Creates no set.
  init() {}

  /// Tokens that begin at most so many units, as a set and more.
  mutating func inner(
    _ tokens: TokensByUnits, atMost units: Int, _ trie: TokenTrie
  ) -> (set: TokenSet, more: [Int32]) {
    let few = Swift.min(units, Self.setCount - 1)
    let set =
      sets[few]
      ?? TokenSet(
        tokens.tokens(units: 0...few, trie), vocabularySize: trie.vocabularySize)
    if sets.updateValue(set, forKey: few) == nil { byteCount += set.byteCount }
    if units == few { return (set, []) }
    let known = long ?? tokens.long(above: few, trie)
    if long == nil { byteCount += known.reduce(0) { $0 + 32 + 4 * $1.count } }
    long = known
    return (set, known.prefix(units - few).flatMap { $0 })
  }
}

/// Collects the nodes at which a lexeme may end, by what is below them.
struct ExitTable {
  private let kinds: [Int32]
  /// The place of the exits of a name and of no unit; -1 for none.
  private var places: [Int32] = []
  private var counted: [Key: Int] = [:]
  private(set) var exits: [LexemeMask.Exit] = []

  private struct Key: Hashable {
    var kind: Int32
    var units: Int32
  }

  /// Begins without exits.
  init(_ trie: TokenTrie) { kinds = trie.kinds }

  /// Adds a node.
  mutating func add(_ node: Int, units: Int32 = 0) {
    let kind = kinds[node]
    if let place = place(kind, units) {
      exits[place].nodes.append(Int32(node))
    } else {
      if units == 0 {
        places[Int(kind)] = Int32(exits.count)
      } else {
        counted[Key(kind: kind, units: units)] = exits.count
      }
      exits.append(LexemeMask.Exit(kind: kind, units: units, nodes: [Int32(node)]))
    }
  }

  private mutating func place(_ kind: Int32, _ units: Int32) -> Int? {
    guard units == 0 else { return counted[Key(kind: kind, units: units)] }
    if places.count <= kind { places += repeatElement(-1, count: Int(kind) + 1 - places.count) }
    return places[Int(kind)] < 0 ? nil : Int(places[Int(kind)])
  }
}
