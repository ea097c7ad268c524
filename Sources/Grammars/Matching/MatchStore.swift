import Synchronization

/// What was found out about a compiled grammar: rows, states, masks.
///
/// `@unchecked Sendable`: `lock` is held wherever the variables are used.
final class MatchStore: @unchecked Sendable {
  private let lock = Mutex(())
  private var states: StateTable
  private let trie: TokenTrie
  private var masks: [StateTable.State: StateMask] = [:]
  private var maskBytes = 0
  private var walked = 0
  private let limits: GrammarLimits
  private var isOverfull = false
  private var nextMeasure = 256

  /// Creates a store for a grammar.
  init(_ states: StateTable, trie: TokenTrie, limits: GrammarLimits) {
    self.states = states
    self.trie = trie
    self.limits = limits
  }

  /// Memory that the store and its lexemes hold, about.
  var byteCount: Int {
    lock.withLock { _ in
      states.lexemes.reduce(states.byteCount + maskBytes) { $0 + $1.shared.byteCount }
    }
  }

  /// Nodes of the trie that masks have looked at, those of lexemes among them.
  var walkedNodes: Int {
    lock.withLock { _ in
      var seen = Set<ObjectIdentifier>()
      return states.lexemes.reduce(walked) { sum, lexeme in
        seen.insert(ObjectIdentifier(lexeme.shared)).inserted
          ? sum + lexeme.shared.walkedNodes : sum
      }
    }
  }

  /// Whether there is so much that beginning anew is better.
  var isFull: Bool { lock.withLock { _ in isOverfull } }

  /// Looks at the size of the states, and once in so many of them at that of the lexemes.
  private func measure() {
    if states.states.count > limits.states || states.byteCount + maskBytes > limits.byteCount {
      isOverfull = true
    }
    guard states.states.count >= nextMeasure, !isOverfull else { return }
    nextMeasure = states.states.count + 256
    isOverfull = states.lexemes.contains {
      $0.shared.stateCount > limits.states || $0.shared.byteCount > limits.byteCount
    }
  }

  /// The state before any text.
  var root: StateTable.State { lock.withLock { _ in states.root } }

  /// The state after some bytes.
  func step(_ state: StateTable.State, bytes: some Sequence<UInt8>) -> StateTable.State {
    lock.withLock { _ in advance(state, bytes) }
  }

  private func advance(_ state: StateTable.State, _ bytes: some Sequence<UInt8>)
    -> StateTable.State
  {
    var state = state
    for byte in bytes {
      state = states.step(state, byte)
      if state == StateTable.dead { break }
    }
    measure()
    return state
  }

  /// The state after a token.
  func step(_ state: StateTable.State, token: Int32) -> StateTable.State {
    guard trie.texts.indices.contains(Int(token)) else { return StateTable.dead }
    guard let text = trie.texts[Int(token)] else {
      return lock.withLock { _ in states.step(state, token: token) }
    }
    return lock.withLock { _ in advance(state, text) }
  }

  /// Whether a text may end in a state, and whether it may go on.
  func ends(_ state: StateTable.State) -> (mayEnd: Bool, mayGoOn: Bool) {
    lock.withLock { _ in
      (states.states[Int(state)].mayEnd, states.states[Int(state)].mayGoOn)
    }
  }

  /// The bytes that must follow a state.
  func forcedBytes(_ state: StateTable.State, atMost count: Int) -> [UInt8] {
    lock.withLock { _ in
      var (state, bytes) = (state, [UInt8]())
      while bytes.count < count, let byte = states.forcedByte(state) {
        bytes.append(byte)
        state = states.step(state, byte)
      }
      return bytes
    }
  }

  /// Sets the bits of the tokens that a state allows.
  func allow(_ state: StateTable.State, into words: UnsafeMutableBufferPointer<UInt64>) {
    let (shape, known) = lock.withLock { _ in
      let shape = states.states[Int(state)].shape
      return (shape, masks[shape])
    }
    let mask = known ?? makeMask(shape)
    if shape == state { return mask.merge(into: words) }
    lock.withLock { _ in
      var tried: [Int32] = []
      for token in candidates(state, mask) where !Self.isSet(token, words) { tried.append(token) }
      mask.merge(into: words)
      for token in tried where Self.isSet(token, words) {
        let text = trie.texts[Int(token)] ?? []
        if advance(state, text) == StateTable.dead {
          words[Int(token >> 6)] &= ~(1 << UInt64(token & 63))
        }
      }
    }
  }

  /// Finds the tokens of a state, and gives way to other answers of the grammar now and then.
  private func makeMask(_ state: StateTable.State) -> StateMask {
    var (walk, stateLimit) = lock.withLock { _ in
      (StateMaskWalk(states, state, trie), states.stateCount + limits.maskStates)
    }
    while let (lexeme, state) = walk.nextLexeme {
      let goesOn = walk.take(lexeme.shared.mask(state, lexeme.bounds, trie))
      if goesOn { lock.withLock { _ in walk.enter(&states) } }
      while !walk.isThrough {
        let isSpent = lock.withLock { _ in
          walk.advance(&states, nodes: Self.pieceLength)
          return states.stateCount > stateLimit
        }
        if isSpent, !walk.isThrough {
          // More states would fill the store for one mask: they are found on a copy.
          var copy = lock.withLock { _ in states }
          walk.advance(&copy, nodes: .max)
        }
      }
    }
    let mask = walk.mask
    return lock.withLock { _ in
      if let known = masks[state] { return known }
      walked += walk.visits
      maskBytes += mask.byteCount
      masks[state] = mask
      return mask
    }
  }

  /// Nodes of the trie that are walked without giving way.
  private static let pieceLength = 4096

  private static func isSet(_ token: Int32, _ words: UnsafeMutableBufferPointer<UInt64>) -> Bool {
    Int(token >> 6) < words.count && words[Int(token >> 6)] & 1 << UInt64(token & 63) != 0
  }

  /// The tokens that the state's shape may allow and the state itself may not: those that end a
  /// lexeme with a text that was seen.
  private func candidates(_ state: StateTable.State, _ mask: StateMask) -> [Int32] {
    var result = mask.doubtful
    for thread in states.states[Int(state)].threads {
      for rest in states.seenRests(thread) {
        for node in trie.nodes(of: rest) { result += trie.order[trie.tokens(below: node)] }
      }
    }
    return result
  }

  /// The state here of a state of another store of the same grammar.
  func adopt(_ state: StateTable.State, of other: MatchStore) -> StateTable.State {
    let source = other.lock.withLock { _ in other.states }
    return lock.withLock { _ in states.adopt(state, of: source) }
  }
}
