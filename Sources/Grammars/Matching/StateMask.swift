/// The tokens that a state of the matcher allows.
struct StateMask: Sendable {
  /// Large sets, which states share.
  private(set) var sets: [TokenSet] = []
  /// Further tokens.
  private(set) var rest = TokenSet([], vocabularySize: 0)
  /// Tokens that reach the end of a lexeme whose texts must differ, begun after the state: for a
  /// state that stands for others, these are tried one by one.
  private(set) var doubtful: [Int32] = []

  /// Memory that the mask holds, about, without the shared sets.
  var byteCount: Int { rest.byteCount + 4 * doubtful.count + 32 * sets.count + 64 }

  /// Sets the bits of the tokens.
  func merge(into target: UnsafeMutableBufferPointer<UInt64>) {
    for set in sets { set.merge(into: target) }
    rest.merge(into: target)
  }

  /// Finds the tokens of a state.
  init(_ states: inout StateTable, _ state: StateTable.State, _ trie: TokenTrie) {
    var walk = Walk(trie)
    walk.tokens = states.tokens(after: state)
    for group in states.groups(state) { add(group, &states, &walk) }
    rest = TokenSet(walk.tokens, vocabularySize: trie.vocabularySize)
    doubtful = walk.doubtful
  }

  /// Adds the tokens of threads that are equally far in a lexeme.
  private mutating func add(_ group: [Thread], _ states: inout StateTable, _ walk: inout Walk) {
    let thread = group[0]
    let lexeme = states.lexemes[Int(thread.lexeme)]
    let (mask, units) = lexeme.shared.mask(thread.state, lexeme.bounds, walk.trie)
    let (inner, more) = mask.inner(units: units.upperBound)
    if inner.words.isEmpty { walk.tokens += inner.list } else { sets.append(inner) }
    walk.tokens += more
    for closing in mask.closings where units.contains(Int(closing.units)) {
      walk.tokens.append(closing.token)
    }
    walk.isDoubtful = lexeme.isUnique && lexeme.isFinite
    if walk.isDoubtful {
      // A lexeme of few texts has few tokens too.
      walk.doubtful += inner.list + more + mask.closings.map(\.token)
    }
    if mask.exits.isEmpty { return }
    let next = states.start(after: group)
    for exit in mask.exits where units.contains(Int(exit.units)) {
      walk.follow(below: Int(exit.node), from: next, &states)
    }
  }

  /// Follows the tokens below nodes of the trie.
  private struct Walk {
    let trie: TokenTrie
    var tokens: [Int32] = []
    var doubtful: [Int32] = []
    /// Whether all tokens are to be tried one by one.
    var isDoubtful = false
    private var path: [StateTable.State]
    /// Whether the tokens below each node of the path are doubtful.
    private var doubts: [Bool]

    init(_ trie: TokenTrie) {
      self.trie = trie
      path = Array(repeating: StateTable.dead, count: trie.longest + 1)
      doubts = Array(repeating: false, count: trie.longest + 1)
    }

    mutating func follow(
      below root: Int, from state: StateTable.State, _ states: inout StateTable
    ) {
      if state == StateTable.dead { return }
      let depth = Int(trie.nodes[root].depth)
      path[depth] = state
      doubts[depth] = isDoubtful || states.states[Int(state)].hasUnique
      var node = root + 1
      let end = Int(trie.nodes[root].end)
      while node < end {
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
        let found = trie.order[Int(place.firstToken)..<Int(trie.nodes[node + 1].firstToken)]
        tokens += found
        if doubts[depth - 1] || value.hasFiniteUnique { doubtful += found }
        node += 1
      }
    }
  }
}
