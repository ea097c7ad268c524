/// The tokens that a state of the matcher allows.
struct StateMask: Sendable {
  /// Large sets, which states share.
  let sets: [TokenSet]
  /// Further tokens.
  let rest: TokenSet
  /// Tokens that reach the end of a lexeme whose texts must differ, begun after the state: for a
  /// state that stands for others, these are tried one by one.
  let doubtful: [Int32]

  /// Memory that the mask holds, about, without the shared sets.
  var byteCount: Int { rest.byteCount + 4 * doubtful.count + 32 * sets.count + 64 }

  /// Sets the bits of the tokens.
  func merge(into target: UnsafeMutableBufferPointer<UInt64>) {
    for set in sets { set.merge(into: target) }
    rest.merge(into: target)
  }

  /// Creates a mask of what was found.
  init(_ sets: [TokenSet], _ tokens: [Int32], doubtful: [Int32], vocabularySize: Int) {
    self.sets = sets
    self.doubtful = doubtful
    rest = TokenSet(tokens, vocabularySize: vocabularySize)
  }
}

/// Finds the tokens of a state, a piece at a time; between pieces the states may grow.
struct StateMaskWalk {
  private let trie: TokenTrie
  private let lexemes: [CompiledLexeme]
  /// Threads that are equally far in a lexeme.
  private let groups: [[Thread]]
  private var group = -1
  private var sets: [TokenSet] = []
  private var tokens: [Int32]
  private var doubtful: [Int32] = []
  /// Whether all tokens are to be tried one by one.
  private var isDoubtful = false
  /// Nodes at which the lexeme ends, by what is below them.
  private var exits: [LexemeMask.Exit] = []
  private var exit = 0
  private var node = 0
  private var end = 0
  /// Nodes that were looked at beyond lexemes.
  private(set) var visits = 0
  /// The state after the lexeme.
  private var next = StateTable.dead
  /// What is allowed below nodes of one name, by the distance from the node.
  private var known: [Int32: [Found]] = [:]
  private var found: [Found] = []
  private var path: [StateTable.State]
  /// Whether the tokens below each node of the path are doubtful.
  private var doubts: [Bool]

  /// A node at which tokens are allowed.
  private struct Found {
    var distance: Int32
    var isDoubtful: Bool
  }

  /// Begins at a state.
  init(_ states: StateTable, _ state: StateTable.State, _ trie: TokenTrie) {
    self.trie = trie
    lexemes = states.lexemes
    groups = states.groups(state)
    tokens = states.tokens(after: state)
    path = Array(repeating: StateTable.dead, count: trie.longest + 1)
    doubts = Array(repeating: false, count: trie.longest + 1)
  }

  /// The mask, after all lexemes.
  var mask: StateMask {
    StateMask(sets, tokens, doubtful: doubtful, vocabularySize: trie.vocabularySize)
  }

  /// The next lexeme, and how far it has come; nil after the last one.
  var nextLexeme: (lexeme: CompiledLexeme, state: LexemeState)? {
    mutating get {
      group += 1
      guard group < groups.count else { return nil }
      return (lexemes[Int(groups[group][0].lexeme)], groups[group][0].state)
    }
  }

  /// Adds what tokens do within the lexeme.
  ///
  /// - Returns: Whether there are tokens that go on after its end.
  mutating func take(_ answer: SharedLexeme.Answer) -> Bool {
    let (mask, inner, units) = (answer.mask, answer.inner, answer.units)
    let lexeme = lexemes[Int(groups[group][0].lexeme)]
    if inner.words.isEmpty { tokens += inner.list } else { sets.append(inner) }
    tokens += answer.more
    for closing in mask.closings where units.contains(Int(closing.units)) {
      tokens.append(closing.token)
    }
    isDoubtful = lexeme.isUnique && lexeme.isFinite
    if isDoubtful { doubtful += inner.tokens + answer.more + mask.closings.map(\.token) }
    exits = mask.exits
    if units != 0...Int.max { exits.removeAll { !units.contains(Int($0.units)) } }
    (exit, node, end) = (-1, 0, 0)
    return !exits.isEmpty
  }

  /// Finds the state after the lexeme.
  mutating func enter(_ states: inout StateTable) {
    known.removeAll(keepingCapacity: true)
    next = states.start(after: groups[group])
    if next == StateTable.dead { exits = [] }
  }

  /// Whether all tokens that go on after the lexeme were followed.
  var isThrough: Bool { node >= end && exit + 1 >= exits.count }

  /// Follows tokens beyond the lexeme, over some nodes of the trie.
  mutating func advance(_ states: inout StateTable, nodes: Int) {
    var left = nodes
    while left > 0, !isThrough {
      if node >= end {
        exit += 1
        if let below = known[exits[exit].kind] {
          for root in exits[exit].nodes { add(below, root) }
          left -= 1
          continue
        }
        let root = Int(exits[exit].nodes[0])
        found = []
        let depth = Int(trie.nodes[root].depth)
        path[depth] = next
        doubts[depth] = isDoubtful || states.states[Int(next)].hasUnique
        (node, end) = (root + 1, Int(trie.nodes[root].end))
      }
      follow(&states, &left)
      if node >= end {
        known[exits[exit].kind] = found
        for root in exits[exit].nodes.dropFirst() { add(found, root) }
      }
    }
  }

  /// Adds what is allowed below a node as it was below another one.
  private mutating func add(_ below: [Found], _ root: Int32) {
    for one in below {
      let node = Int(root + one.distance)
      let places = Int(trie.nodes[node].firstToken)..<Int(trie.nodes[node + 1].firstToken)
      for place in places {
        tokens.append(trie.order[place])
        if one.isDoubtful { doubtful.append(trie.order[place]) }
      }
    }
  }

  private mutating func follow(_ states: inout StateTable, _ left: inout Int) {
    while node < end, left > 0 {
      left -= 1
      visits += 1
      let place = trie.nodes[node]
      let depth = Int(place.depth)
      let next = states.step(path[depth - 1], place.byte)
      if next == StateTable.dead {
        node = Int(place.end)
        continue
      }
      path[depth] = next
      let value = states.states[Int(next)]
      doubts[depth] = doubts[depth - 1] || value.hasUnique
      let more = trie.order[Int(place.firstToken)..<Int(trie.nodes[node + 1].firstToken)]
      if !more.isEmpty {
        let isDoubtful = doubts[depth - 1] || value.hasFiniteUnique
        tokens += more
        if isDoubtful { doubtful += more }
        found.append(
          Found(distance: Int32(node) - exits[exit].nodes[0], isDoubtful: isDoubtful))
      }
      node += 1
    }
  }
}
