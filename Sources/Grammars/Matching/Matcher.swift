/// Follows an answer and tells what may come next. A copy is a fork: both go on apart.
package struct Matcher: Sendable {
  private let grammar: CompiledGrammar
  private var store: MatchStore
  private var state: StateTable.State

  /// Begins an answer.
  package init(_ grammar: CompiledGrammar) {
    self.grammar = grammar
    store = grammar.store()
    state = store.root
  }

  /// Takes a token.
  ///
  /// - Returns: False, with nothing changed, where the token is not allowed.
  package mutating func accept(_ token: Int32) -> Bool {
    take(store.step(state, token: token))
  }

  /// Takes text that has no borders between tokens.
  ///
  /// - Returns: False, with nothing changed, where the text does not fit.
  package mutating func accept(bytes: some Sequence<UInt8>) -> Bool {
    take(store.step(state, bytes: bytes))
  }

  private mutating func take(_ next: StateTable.State) -> Bool {
    if next == StateTable.dead { return false }
    state = next
    guard store.isFull else { return true }
    let current = grammar.store()
    if current !== store {
      state = current.adopt(state, of: store)
      store = current
    }
    return true
  }

  /// Sets the bits of the tokens that may come next; token `t` is bit `t & 63` of word `t >> 6`.
  /// Tokens that end an answer are not among them, see `mayEnd`.
  package func allow(into words: UnsafeMutableBufferPointer<UInt64>) {
    store.allow(state, into: words)
  }

  /// Whether a token may come next.
  package func allows(_ token: Int32) -> Bool {
    store.step(state, token: token) != StateTable.dead
  }

  /// Whether the text so far is complete.
  package var mayEnd: Bool { store.ends(state).mayEnd }

  /// Whether the text so far is complete and nothing can follow.
  package var mustEnd: Bool {
    let ends = store.ends(state)
    return ends.mayEnd && !ends.mayGoOn
  }

  /// The bytes that must follow, as far as there is one way to go on, and no more than some.
  package func forcedBytes(atMost count: Int) -> [UInt8] {
    store.forcedBytes(state, atMost: count)
  }
}
