/// A walk through the trie that finds the mask of a lexeme, a piece at a time; between pieces the
/// automaton may grow.
protocol LexemeWalk {
  /// Walks over some nodes, and fewer where the automaton has to work for them.
  ///
  /// - Returns: Whether the walk is over.
  mutating func advance(_ automaton: inout CountedAutomaton, nodes: Int) -> Bool

  /// What was found.
  func mask(_ trie: TokenTrie) -> LexemeMask
}

extension LexemeWalk {
  /// The cost of an automaton at which a piece of so many nodes is over.
  fileprivate func stepLimit(_ cost: Int, _ nodes: Int) -> Int {
    nodes > .max - cost ? .max : cost + nodes
  }
}

/// Where units are not counted.
struct PlainWalk: LexemeWalk {
  private let trie: TokenTrie
  private var ranges: [Range<Int>] = []
  private var exits: [Int] = []
  private var states: [RegexAutomaton.State]
  private var node = 1

  /// Nodes below which a subtree is walked without asking whether it need be.
  private static let smallSubtree = 8

  /// Begins at a state.
  init(_ state: RegexAutomaton.State, _ trie: TokenTrie) {
    self.trie = trie
    states = Array(repeating: state, count: trie.longest + 1)
  }

  mutating func advance(_ automaton: inout CountedAutomaton, nodes: Int) -> Bool {
    automaton.withLanguage { advance(&$0, nodes) }
  }

  private mutating func advance(_ automaton: inout RegexAutomaton, _ limit: Int) -> Bool {
    let (nodes, count) = (trie.nodes, trie.nodeCount)
    let end = node + Swift.min(limit, count)
    let stepLimit = stepLimit(automaton.stepCount, limit)
    var node = node
    defer { self.node = node }
    while node < count {
      if node >= end || automaton.stepCount > stepLimit { return false }
      let place = nodes[node]
      let next = automaton.step(states[Int(place.depth) - 1], place.byte)
      if next == RegexAutomaton.dead {
        node = Int(place.end)
        continue
      }
      states[Int(place.depth)] = next
      if Int(place.end) > node + Self.smallSubtree,
        ByteGroups.content.isSuperset(of: place.groups),
        automaton.freedom(next).isSuperset(of: place.groups)
      {
        // Whatever is below may follow.
        Self.append(trie.tokens(below: node), to: &ranges)
        node = Int(place.end)
        continue
      }
      Self.append(Int(place.firstToken)..<Int(nodes[node + 1].firstToken), to: &ranges)
      if automaton.accepts(next), Int(place.end) > node + 1 { exits.append(node) }
      node += 1
    }
    return true
  }

  func mask(_ trie: TokenTrie) -> LexemeMask {
    let count = ranges.reduce(0) { $0 + $1.count }
    return LexemeMask(TokenSet(ranges, count: count, trie), exits: neededExits)
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
  private var neededExits: [Int] {
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
}

/// Where units are counted and the bounds are far, or have no say.
struct UnboundedWalk: LexemeWalk {
  private let trie: TokenTrie
  private let tellsUnits: Bool
  private var steps: UnboundedSteps
  private var open: [[Int32]] = [[]]
  private var closings: [LexemeMask.Closing] = []
  private var exits: [LexemeMask.Exit] = []
  private var states: [Int32]
  private var counts: [Int32]
  private var node = 1

  /// Begins at a state.
  ///
  /// - Parameter tellsUnits: Whether the mask tells the units of each token.
  init(
    _ state: LexemeState, _ automaton: CountedAutomaton, tellsUnits: Bool, _ trie: TokenTrie
  ) {
    self.trie = trie
    self.tellsUnits = tellsUnits
    steps = UnboundedSteps(state, automaton)
    states = Array(repeating: 0, count: trie.longest + 1)
    counts = Array(repeating: 0, count: trie.longest + 1)
  }

  mutating func advance(_ automaton: inout CountedAutomaton, nodes limit: Int) -> Bool {
    let nodes = trie.nodes
    let end = node + Swift.min(limit, trie.nodeCount)
    let stepLimit = stepLimit(automaton.stepCount, limit)
    while node < trie.nodeCount {
      if node >= end || automaton.stepCount > stepLimit { return false }
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
        exits.append(LexemeMask.Exit(node: Int32(node), units: units))
      }
      node += 1
    }
    return true
  }

  private mutating func add(_ token: Int32, _ units: Int32, isClosing: Bool) {
    if isClosing {
      closings.append(LexemeMask.Closing(token: token, units: units))
    } else {
      while open.count <= units { open.append([]) }
      open[Int(units)].append(token)
    }
  }

  func mask(_ trie: TokenTrie) -> LexemeMask {
    LexemeMask(
      open: open, closings: closings, exits: exits, tellsUnits: tellsUnits,
      vocabularySize: trie.vocabularySize)
  }
}

/// Where units are counted and each must be held against the bounds.
struct BoundedWalk: LexemeWalk {
  private let trie: TokenTrie
  private let bounds: UnitBounds
  private var tokens: [Int32] = []
  private var exits: [LexemeMask.Exit] = []
  private var states: [LexemeState]
  private var node = 1

  /// Begins at a state.
  init(_ state: LexemeState, _ bounds: UnitBounds, _ trie: TokenTrie) {
    self.trie = trie
    self.bounds = bounds
    states = Array(repeating: state, count: trie.longest + 1)
  }

  mutating func advance(_ automaton: inout CountedAutomaton, nodes limit: Int) -> Bool {
    let end = node + Swift.min(limit, trie.nodeCount)
    let stepLimit = stepLimit(automaton.stepCount, limit)
    while node < trie.nodeCount {
      if node >= end || automaton.stepCount > stepLimit { return false }
      let place = trie.nodes[node]
      guard let next = automaton.step(states[Int(place.depth) - 1], place.byte, bounds) else {
        node = Int(place.end)
        continue
      }
      states[Int(place.depth)] = next
      tokens += trie.order[Int(place.firstToken)..<Int(trie.nodes[node + 1].firstToken)]
      if automaton.accepts(next, bounds), Int(place.end) > node + 1 {
        exits.append(LexemeMask.Exit(node: Int32(node), units: 0))
      }
      node += 1
    }
    return true
  }

  func mask(_ trie: TokenTrie) -> LexemeMask {
    LexemeMask(
      open: [tokens], closings: [], exits: exits, tellsUnits: false,
      vocabularySize: trie.vocabularySize)
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
