/// The walk through the trie where units are not counted.
struct PlainWalk: LexemeWalk {
  private let trie: TokenTrie
  private var ranges: [Range<Int>] = []
  private var exits: [Int32] = []
  private var states: [RegexAutomaton.State]
  private var bytes: [UInt8]
  private var node = 1
  private(set) var visits = 0
  /// A state that other lexemes may come to as well, and that nothing is known about yet.
  private(set) var wanted: RegexAutomaton.State?
  /// What other lexemes had to say about states, where there is something.
  private var loops: [RegexAutomaton.State: LoopMask?] = [:]
  /// The one that said most.
  private var base: LoopMask?
  private var baseLength = 0
  /// The description of the state, where it may be one of other lexemes too.
  private let name: [UInt32]?
  /// What is known of the state from another lexeme.
  private let known: LoopMask?

  /// Nodes below which a subtree is walked without asking whether it need be.
  private static let smallSubtree = 8

  /// Begins at a state.
  init(_ state: RegexAutomaton.State, _ automaton: inout RegexAutomaton, _ trie: TokenTrie) {
    self.trie = trie
    states = Array(repeating: state, count: trie.longest + 1)
    bytes = Array(repeating: 0, count: trie.longest + 1)
    name = automaton.isLoop(state) ? automaton.description(of: state) : nil
    known = name.flatMap { trie.loops[$0] }
  }

  mutating func advance(_ automaton: inout CountedAutomaton, nodes: Int) -> Bool {
    known != nil || automaton.withLanguage { advance(&$0, nodes) }
  }

  private mutating func advance(_ automaton: inout RegexAutomaton, _ limit: Int) -> Bool {
    let (nodes, count) = (trie.nodes, trie.nodeCount)
    let end = node + Swift.min(limit, count)
    let stepLimit = stepLimit(automaton.stepCount, limit)
    // Their tokens neither lie within such a lexeme nor have an end of it.
    let skipped = automaton.isPlainString ? trie.wideNodes : 0..<0
    var node = node
    defer { self.node = node }
    while node < count {
      if node >= end || automaton.stepCount > stepLimit { return false }
      if node == skipped.lowerBound {
        node = skipped.upperBound
        continue
      }
      visits += 1
      let place = nodes[node]
      let next = automaton.step(states[Int(place.depth) - 1], place.byte)
      if next == RegexAutomaton.dead {
        node = Int(place.end)
        continue
      }
      states[Int(place.depth)] = next
      bytes[Int(place.depth)] = place.byte
      if Int(place.end) > node + Self.smallSubtree, skip(node, place, next, &automaton) {
        node = Int(place.end)
        continue
      }
      append(Int(place.firstToken)..<Int(nodes[node + 1].firstToken), to: &ranges)
      if automaton.accepts(next), Int(place.end) > node + 1 { exits.append(Int32(node)) }
      node += 1
    }
    return true
  }

  /// Adds what is below a node, and at it, where that is known without walking there.
  private mutating func skip(
    _ node: Int, _ place: TokenTrie.Node, _ state: RegexAutomaton.State,
    _ automaton: inout RegexAutomaton
  ) -> Bool {
    if ByteGroups.content.isSuperset(of: place.groups),
      automaton.isFree(state, place.groups, length: Int(place.height))
    {
      append(trie.tokens(below: node), to: &ranges)
      return true
    }
    guard automaton.isLoop(state), let loop = loop(state, automaton) else { return false }
    // What is known of the state holds from the first byte of a token on.
    var after = state
    for depth in 1...Int(place.depth) { after = automaton.step(after, bytes[depth]) }
    guard after == state else { return false }
    let places = trie.tokens(below: node)
    for range in loop.ranges(within: places) { append(range, to: &ranges) }
    exits += loop.exits(within: node..<Int(place.end))
    if places.count > baseLength { (base, baseLength) = (loop, places.count) }
    return true
  }

  private mutating func loop(
    _ state: RegexAutomaton.State, _ automaton: RegexAutomaton
  ) -> LoopMask? {
    if let known = loops[state] { return known }
    let name = automaton.description(of: state)
    let found = name.flatMap { trie.loops[$0] }
    if name != nil, found == nil, state != states[0] { wanted = wanted ?? state }
    loops[state] = .some(found)
    return found
  }

  func mask(_ trie: TokenTrie) -> LexemeMask {
    if let known { return known.mask }
    let needed = neededExits
    var groups = base?.mask.exits ?? []
    if needed != base?.exits {
      var table = ExitTable(trie)
      for node in needed { table.add(Int(node)) }
      groups = table.exits
    }
    let set = base.map { TokenSet.set(ranges, near: $0.ranges, $0.mask.inner, trie) }
    let mask = LexemeMask(
      inner: set ?? TokenSet(ranges, trie), tokens: nil, closings: [], exits: groups)
    if let name { trie.loops.insert(LoopMask(mask, ranges: ranges, exits: needed), for: name) }
    return mask
  }

  /// The exits below which there are tokens outside the ranges, which are in order and apart.
  private var neededExits: [Int32] {
    var (result, place): ([Int32], Int) = ([], 0)
    for node in exits {
      let below = trie.tokens(below: Int(node))
      let first = Int(trie.nodes[Int(node) + 1].firstToken)
      while place < ranges.count, ranges[place].upperBound <= first { place += 1 }
      let isInside =
        place < ranges.count && ranges[place].lowerBound <= first
        && ranges[place].upperBound >= below.upperBound
      if !isInside { result.append(node) }
    }
    return result
  }
}
