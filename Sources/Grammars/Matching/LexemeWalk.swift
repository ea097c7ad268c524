/// A walk through the trie that finds the mask of a lexeme, a piece at a time; between pieces the
/// automaton may grow.
protocol LexemeWalk {
  /// Walks over some nodes, and fewer where the automaton has to work for them.
  ///
  /// - Returns: Whether the walk is over.
  mutating func advance(_ automaton: inout CountedAutomaton, nodes: Int) -> Bool

  /// What was found.
  func mask(_ trie: TokenTrie) -> LexemeMask

  /// Nodes that were looked at.
  var visits: Int { get }
}

extension LexemeWalk {
  /// Adds neighbours to others that are before them.
  func append(_ range: Range<Int>, to ranges: inout [Range<Int>]) {
    if range.isEmpty { return }
    if let last = ranges.last, last.upperBound == range.lowerBound {
      ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
    } else {
      ranges.append(range)
    }
  }

  /// The cost of an automaton at which a piece of so many nodes is over.
  func stepLimit(_ cost: Int, _ nodes: Int) -> Int {
    nodes > .max - cost ? .max : cost + nodes
  }
}

/// Where units are counted and the bounds are far, or have no say.
struct UnboundedWalk: LexemeWalk {
  private let trie: TokenTrie
  private let tellsUnits: Bool
  private var steps: UnboundedSteps
  /// The tokens within the lexeme.
  private var ranges: [Range<Int>] = []
  private var tokens = TokensByUnits()
  private var closings: [LexemeMask.Closing] = []
  private var exits: ExitTable
  private var states: [Int32]
  private var counts: [Int32]
  /// How many characters begin on the way to each node of the path.
  private var characters: [Int32]
  private var node = 1
  private(set) var visits = 0

  /// Nodes below which a subtree is walked without asking whether it need be.
  private static let smallSubtree = 8

  /// Begins at a state.
  ///
  /// - Parameter tellsUnits: Whether the mask tells the units of each token.
  init(
    _ state: LexemeState, _ automaton: CountedAutomaton, tellsUnits: Bool, _ trie: TokenTrie
  ) {
    self.trie = trie
    self.tellsUnits = tellsUnits
    exits = ExitTable(trie)
    steps = UnboundedSteps(state, automaton)
    states = Array(repeating: 0, count: trie.longest + 1)
    counts = Array(repeating: 0, count: trie.longest + 1)
    characters = counts
  }

  mutating func advance(_ automaton: inout CountedAutomaton, nodes limit: Int) -> Bool {
    let nodes = trie.nodes
    let end = node + Swift.min(limit, trie.nodeCount)
    let stepLimit = stepLimit(automaton.stepCount, limit)
    let skipped = automaton.language.isPlainString ? trie.wideNodes : 0..<0
    while node < trie.nodeCount {
      if node >= end || automaton.stepCount > stepLimit { return false }
      if node == skipped.lowerBound {
        node = skipped.upperBound
        continue
      }
      visits += 1
      let place = nodes[node]
      let depth = Int(place.depth)
      guard let (next, isNew) = steps.step(states[depth - 1], place.byte, &automaton) else {
        node = Int(place.end)
        continue
      }
      states[depth] = next
      counts[depth] = counts[depth - 1] + (isNew ? 1 : 0)
      characters[depth] = characters[depth - 1] + (place.byte & 0xC0 == 0x80 ? 0 : 1)
      if Int(place.end) > node + Self.smallSubtree,
        ByteGroups.content.isSuperset(of: place.groups),
        steps.isFree(next, place.groups, length: Int(place.height), &automaton)
      {
        addSubtree(place)
        node = Int(place.end)
        continue
      }
      add(place, steps.kinds[Int(next)])
      node += 1
    }
    return true
  }

  /// Adds all tokens below a node, each of whose characters is a unit, and those of the node.
  private mutating func addSubtree(_ place: TokenTrie.Node) {
    let depth = Int(place.depth)
    let span = TokensByUnits.Span(
      places: trie.tokens(below: node), shift: Int(counts[depth]) - Int(characters[depth]))
    append(span.places, to: &ranges)
    if tellsUnits { tokens.add(span, most: Int(counts[depth]) + Int(place.height)) }
  }

  private mutating func add(_ place: TokenTrie.Node, _ kind: UnboundedSteps.Kind) {
    let depth = Int(place.depth)
    let units = tellsUnits ? counts[depth] + (kind.isWithinUnit ? 1 : 0) : 0
    let places = Int(place.firstToken)..<Int(trie.nodes[node + 1].firstToken)
    if tellsUnits, kind.isSuffix {
      for place in places {
        closings.append(LexemeMask.Closing(token: trie.order[place], units: units))
      }
    } else if !places.isEmpty {
      append(places, to: &ranges)
      if tellsUnits { for place in places { tokens.add(trie.order[place], units: Int(units)) } }
    }
    if kind.accepts, Int(place.end) > node + 1 { exits.add(node, units: units) }
  }

  func mask(_ trie: TokenTrie) -> LexemeMask {
    LexemeMask(
      inner: TokenSet(ranges, trie), tokens: tellsUnits ? tokens : nil, closings: closings,
      exits: exits.exits)
  }
}

/// Where units are counted and each must be held against the bounds.
struct BoundedWalk: LexemeWalk {
  private let trie: TokenTrie
  private let bounds: UnitBounds
  private var ranges: [Range<Int>] = []
  private var exits: ExitTable
  private var states: [LexemeState]
  private var node = 1
  private(set) var visits = 0

  /// Begins at a state.
  init(_ state: LexemeState, _ bounds: UnitBounds, _ trie: TokenTrie) {
    self.trie = trie
    self.bounds = bounds
    exits = ExitTable(trie)
    states = Array(repeating: state, count: trie.longest + 1)
  }

  mutating func advance(_ automaton: inout CountedAutomaton, nodes limit: Int) -> Bool {
    let end = node + Swift.min(limit, trie.nodeCount)
    let stepLimit = stepLimit(automaton.stepCount, limit)
    while node < trie.nodeCount {
      if node >= end || automaton.stepCount > stepLimit { return false }
      visits += 1
      let place = trie.nodes[node]
      guard let next = automaton.step(states[Int(place.depth) - 1], place.byte, bounds) else {
        node = Int(place.end)
        continue
      }
      states[Int(place.depth)] = next
      append(Int(place.firstToken)..<Int(trie.nodes[node + 1].firstToken), to: &ranges)
      if automaton.accepts(next, bounds), Int(place.end) > node + 1 { exits.add(node) }
      node += 1
    }
    return true
  }

  func mask(_ trie: TokenTrie) -> LexemeMask {
    LexemeMask(
      inner: TokenSet(ranges, trie), tokens: nil, closings: [], exits: exits.exits)
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
  /// What may follow each state in any order, each character a unit; nil where it is not known yet.
  private var freedoms: [ByteGroups?] = [nil]
  /// The same up to some length.
  private var bounded: [[RegexAutomaton.Freedom]?] = [nil]
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

  /// Whether any text of some groups and of at most so many bytes may follow a state, of as many units
  /// as characters; where it is not seen easily, no.
  @inline(__always)
  mutating func isFree(
    _ state: Int32, _ groups: ByteGroups, length: Int, _ automaton: inout CountedAutomaton
  ) -> Bool {
    let freedom = freedoms[Int(state)] ?? findFreedom(state, &automaton)
    if freedom.isSuperset(of: groups) { return true }
    if groups.contains(.wide) || length > BoundedFreedom.longest { return false }
    let bounded = bounded[Int(state)] ?? findBounded(state, &automaton)
    return bounded.contains { $0.allows(groups, length) }
  }

  private mutating func findFreedom(
    _ state: Int32, _ automaton: inout CountedAutomaton
  ) -> ByteGroups {
    let found = automaton.freedom(states[Int(state)])
    freedoms[Int(state)] = found
    return found
  }

  private mutating func findBounded(
    _ state: Int32, _ automaton: inout CountedAutomaton
  ) -> [RegexAutomaton.Freedom] {
    let found = automaton.boundedFreedom(states[Int(state)])
    bounded[Int(state)] = found
    return found
  }

  private mutating func number(
    _ state: LexemeState, _ automaton: inout CountedAutomaton
  ) -> Int32 {
    if let known = numbers[state] { return known }
    let number = Int32(states.count)
    numbers[state] = number
    states.append(state)
    next += repeatElement(-2, count: 256)
    freedoms.append(nil)
    bounded.append(nil)
    kinds.append(Self.kind(state, automaton))
    return number
  }
}
