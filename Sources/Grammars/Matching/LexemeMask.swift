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

  /// Tokens that lie within the lexeme; where units are counted, those that begin at most
  /// `n` units are in set `n`.
  private(set) var inner: [TokenSet] = []
  private(set) var closings: [Closing] = []
  private(set) var exits: [Exit] = []

  /// Memory that the mask holds, about.
  var byteCount: Int {
    inner.reduce(0) { $0 + $1.byteCount } + 8 * (closings.count + exits.count)
  }

  /// Tokens that lie within the lexeme when so many units may follow.
  func inner(units: Int) -> TokenSet { inner[min(units, inner.count - 1)] }

  /// Finds what tokens do where units are not counted.
  init(_ automaton: inout RegexAutomaton, _ state: RegexAutomaton.State, _ trie: TokenTrie) {
    var ranges: [Range<Int>] = []
    var exits: [Int] = []
    var loops: [RegexAutomaton.State: UInt32] = [:]
    var states = [RegexAutomaton.State](repeating: state, count: trie.longest + 1)
    var (node, count, last) = (1, trie.nodeCount, RegexAutomaton.dead)
    var groups: UInt32 = 0
    while node < count {
      let place = trie.nodes[node]
      let before = states[Int(place.depth) - 1]
      if before != last {
        groups = loops[before] ?? TokenTrie.groups(within: automaton.selfLoop(before))
        loops[before] = groups
        last = before
      }
      if place.groups & ~groups == 0 {
        // Every byte below leads back to the state.
        Self.append(trie.tokens(below: node), to: &ranges)
        node = Int(place.end)
        continue
      }
      let next = automaton.step(before, place.byte)
      if next == RegexAutomaton.dead {
        node = Int(place.end)
        continue
      }
      states[Int(place.depth)] = next
      let first = Int(place.firstToken)
      Self.append(first..<Int(trie.nodes[node + 1].firstToken), to: &ranges)
      if automaton.accepts(next), Int(place.end) > node + 1 { exits.append(node) }
      node += 1
    }
    count = ranges.reduce(0) { $0 + $1.count }
    var tokens: [Int32] = []
    tokens.reserveCapacity(count)
    for range in ranges { tokens += trie.order[range] }
    inner = [TokenSet(tokens, vocabularySize: trie.vocabularySize)]
    self.exits = Self.needed(exits, ranges, trie).map { Exit(node: Int32($0), units: 0) }
  }

  private static func append(_ range: Range<Int>, to ranges: inout [Range<Int>]) {
    if range.isEmpty { return }
    if let last = ranges.last, last.upperBound == range.lowerBound {
      ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
    } else {
      ranges.append(range)
    }
  }

  /// The exits below which there are tokens outside the ranges, which are in order and apart.
  private static func needed(
    _ exits: [Int], _ ranges: [Range<Int>], _ trie: TokenTrie
  ) -> [Int] {
    var (result, place): ([Int], Int) = ([], 0)
    for node in exits {
      let below = Int(trie.nodes[node + 1].firstToken)..<trie.tokens(below: node).upperBound
      while place < ranges.count, ranges[place].upperBound <= below.lowerBound { place += 1 }
      let isInside =
        place < ranges.count && ranges[place].lowerBound <= below.lowerBound
        && ranges[place].upperBound >= below.upperBound
      if !isInside { result.append(node) }
    }
    return result
  }

  /// Finds what tokens do where units are counted and their number is free.
  ///
  /// - Parameter bounds: Those of one lexeme, or `free` to serve all bounds.
  init(
    _ automaton: inout CountedAutomaton, _ state: LexemeState, _ bounds: UnitBounds,
    _ trie: TokenTrie
  ) {
    let isFree = bounds == .free
    var open: [[Int32]] = [[]]
    var states = [LexemeState](repeating: state, count: trie.longest + 1)
    if isFree { states[0].count = 0 }
    var node = 1
    while node < trie.nodeCount {
      let place = trie.nodes[node]
      guard let next = automaton.step(states[Int(place.depth) - 1], place.byte, bounds) else {
        node = Int(place.end)
        continue
      }
      states[Int(place.depth)] = next
      let units = isFree ? automaton.counter?.begun(next.phase, next.count) ?? 0 : 0
      let isClosing = isFree && automaton.counter?.isSuffix(next.phase) == true
      for token in trie.order[Int(place.firstToken)..<Int(trie.nodes[node + 1].firstToken)] {
        if isClosing {
          closings.append(Closing(token: token, units: units))
        } else {
          while open.count <= units { open.append([]) }
          open[Int(units)].append(token)
        }
      }
      if automaton.accepts(next, bounds), Int(place.end) > node + 1 {
        exits.append(Exit(node: Int32(node), units: units))
      }
      node += 1
    }
    var tokens: [Int32] = []
    for more in open {
      tokens += more
      inner.append(TokenSet(tokens, vocabularySize: trie.vocabularySize))
    }
  }
}
