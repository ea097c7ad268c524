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

  /// What leads back to a state that most bytes lead back to.
  private static let letter = UInt8(ascii: "e")
  /// Nodes below which a subtree is walked without asking whether it need be.
  private static let smallSubtree = 8
  /// Numbers of units for which there is a set.
  private static let setCount = 16

  /// Tokens that lie within the lexeme when so many units may follow, as a set and more.
  func inner(units: Int) -> (set: TokenSet, rest: [Int32]) {
    if units >= open.count || sets.count == 1 { return (sets[sets.count - 1], []) }
    if units < Self.setCount { return (sets[units], []) }
    return (sets[Self.setCount - 1], open[Self.setCount...units].flatMap { $0 })
  }

  /// Finds what tokens do where units are not counted.
  init(_ automaton: inout RegexAutomaton, _ state: RegexAutomaton.State, _ trie: TokenTrie) {
    let nodes = trie.nodes
    var ranges: [Range<Int>] = []
    var exits: [Int] = []
    var loops: [RegexAutomaton.State: ByteGroups] = [:]
    var states = [RegexAutomaton.State](repeating: state, count: trie.longest + 1)
    var (node, count) = (1, trie.nodeCount)
    while node < count {
      let place = nodes[node]
      let next = automaton.step(states[Int(place.depth) - 1], place.byte)
      if next == RegexAutomaton.dead {
        node = Int(place.end)
        continue
      }
      states[Int(place.depth)] = next
      if Int(place.end) > node + Self.smallSubtree, automaton.step(next, Self.letter) == next {
        let groups = loops[next] ?? automaton.loops(next)
        loops[next] = groups
        if groups.isSuperset(of: place.groups) {
          // Whatever is below leads back to the state.
          Self.append(trie.tokens(below: node), to: &ranges)
          node = Int(place.end)
          continue
        }
      }
      Self.append(Int(place.firstToken)..<Int(nodes[node + 1].firstToken), to: &ranges)
      if automaton.accepts(next), Int(place.end) > node + 1 { exits.append(node) }
      node += 1
    }
    count = ranges.reduce(0) { $0 + $1.count }
    sets = [TokenSet(ranges, count: count, trie)]
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

  /// Finds what tokens do where units are counted and the bounds are far, or have no say.
  ///
  /// - Parameter tellsUnits: Whether the mask tells the units of each token.
  init(
    _ automaton: inout CountedAutomaton, unbounded state: LexemeState, tellsUnits: Bool,
    _ trie: TokenTrie
  ) {
    var steps = UnboundedSteps(state, automaton)
    let nodes = trie.nodes
    open = [[]]
    var states = [Int32](repeating: 0, count: trie.longest + 1)
    var counts = [Int32](repeating: 0, count: trie.longest + 1)
    var node = 1
    while node < trie.nodeCount {
      let place = nodes[node]
      let depth = Int(place.depth)
      guard let (next, isNew) = steps.step(states[depth - 1], place.byte, &automaton) else {
        node = Int(place.end)
        continue
      }
      states[depth] = next
      counts[depth] = counts[depth - 1] + (isNew ? 1 : 0)
      let kind = steps.kinds[Int(next)]
      let units = tellsUnits ? counts[depth] + (kind.isWithinUnit ? 1 : 0) : 0
      for index in Int(place.firstToken)..<Int(nodes[node + 1].firstToken) {
        add(trie.order[index], units, isClosing: tellsUnits && kind.isSuffix)
      }
      if kind.accepts, Int(place.end) > node + 1 {
        exits.append(Exit(node: Int32(node), units: units))
      }
      node += 1
    }
    fillSets(trie)
    if !tellsUnits { open = [] }
  }

  /// Finds what tokens do where units are counted and each must be held against the bounds.
  init(
    _ automaton: inout CountedAutomaton, _ state: LexemeState, _ bounds: UnitBounds,
    _ trie: TokenTrie
  ) {
    open = [[]]
    var states = [LexemeState](repeating: state, count: trie.longest + 1)
    var node = 1
    while node < trie.nodeCount {
      let place = trie.nodes[node]
      guard let next = automaton.step(states[Int(place.depth) - 1], place.byte, bounds) else {
        node = Int(place.end)
        continue
      }
      states[Int(place.depth)] = next
      for index in Int(place.firstToken)..<Int(trie.nodes[node + 1].firstToken) {
        add(trie.order[index], 0, isClosing: false)
      }
      if automaton.accepts(next, bounds), Int(place.end) > node + 1 {
        exits.append(Exit(node: Int32(node), units: 0))
      }
      node += 1
    }
    fillSets(trie)
    open = []
  }

  private mutating func add(_ token: Int32, _ units: Int32, isClosing: Bool) {
    if isClosing {
      closings.append(Closing(token: token, units: units))
    } else {
      while open.count <= units { open.append([]) }
      open[Int(units)].append(token)
    }
  }

  private mutating func fillSets(_ trie: TokenTrie) {
    var tokens: [Int32] = []
    for (units, more) in open.enumerated() {
      tokens += more
      guard units < Self.setCount || units == open.count - 1 else { continue }
      sets.append(TokenSet(tokens, vocabularySize: trie.vocabularySize))
    }
  }
}

/// The steps of a lexeme whose bounds are far, by states without counts.
private struct UnboundedSteps {
  struct Kind {
    var isWithinUnit: Bool
    var isSuffix: Bool
    var accepts: Bool
  }

  private var states: [LexemeState]
  private var numbers: [LexemeState: Int32]
  private(set) var kinds: [Kind]
  /// Twice the number of the next state, plus one where a unit is complete; -1 for none and -2 for
  /// what is not known yet `[state, 256]`.
  private var next = [Int32](repeating: -2, count: 256)

  init(_ start: LexemeState, _ automaton: CountedAutomaton) {
    var start = start
    start.count = 0
    states = [start]
    numbers = [start: 0]
    kinds = [Self.kind(start, automaton)]
  }

  private static func kind(_ state: LexemeState, _ automaton: CountedAutomaton) -> Kind {
    let counter = automaton.counter
    return Kind(
      isWithinUnit: counter?.begun(state.phase, 0) == 1,
      isSuffix: counter?.isSuffix(state.phase) == true, accepts: automaton.accepts(state, .free))
  }

  @inline(__always)
  mutating func step(
    _ state: Int32, _ byte: UInt8, _ automaton: inout CountedAutomaton
  ) -> (state: Int32, isNew: Bool)? {
    var known = next[Int(state) << 8 | Int(byte)]
    if known == -2 { known = find(state, byte, &automaton) }
    return known < 0 ? nil : (known >> 1, known & 1 == 1)
  }

  @inline(never)
  private mutating func find(
    _ state: Int32, _ byte: UInt8, _ automaton: inout CountedAutomaton
  ) -> Int32 {
    var result: Int32 = -1
    if var after = automaton.step(states[Int(state)], byte, .free) {
      let unit = after.count
      after.count = 0
      result = number(after, &automaton) << 1 | unit
    }
    next[Int(state) << 8 | Int(byte)] = result
    return result
  }

  private mutating func number(
    _ state: LexemeState, _ automaton: inout CountedAutomaton
  ) -> Int32 {
    if let known = numbers[state] { return known }
    let number = Int32(states.count)
    numbers[state] = number
    states.append(state)
    next += repeatElement(-2, count: 256)
    kinds.append(Self.kind(state, automaton))
    return number
  }
}
