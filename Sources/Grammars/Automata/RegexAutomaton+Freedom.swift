extension RegexAutomaton {
  /// States between characters that are looked at to tell what may follow in any order.
  private static let freedomLimit = 12

  /// Groups of bytes of which any text may follow a state, whatever the order; characters above ASCII
  /// byte by byte.
  ///
  /// What is found is not all, but enough for strings with and without a pattern to search for.
  mutating func freedom(_ state: State) -> ByteGroups {
    if let known = freedoms[state] { return known }
    var search = FreedomSearch(state)
    while let next = search.next() {
      search.followASCII(next, &self)
      if search.groups.contains(.wide) { search.followCharacters(next, &self) }
      if search.states.count > Self.freedomLimit { search.groups = [] }
    }
    freedoms[state] = search.groups
    return search.groups
  }
}

/// Finds out which bytes may follow a state, and any state that they lead to.
private struct FreedomSearch {
  /// What may follow as far as is known; what strings hold as it is.
  var groups = ByteGroups.content
  private(set) var states: [RegexAutomaton.State]
  private var position = 0

  init(_ state: RegexAutomaton.State) { states = [state] }

  mutating func next() -> RegexAutomaton.State? {
    guard position < states.count, !groups.isEmpty else { return nil }
    position += 1
    return states[position - 1]
  }

  mutating func followASCII(
    _ state: RegexAutomaton.State, _ automaton: inout RegexAutomaton
  ) {
    var targets: [(bytes: ByteGroups, state: RegexAutomaton.State)] = []
    for (index, byte) in automaton.classes.representatives.enumerated() {
      let bytes = automaton.classGroups[index]
      if bytes.isDisjoint(with: groups) { continue }
      let next = automaton.step(state, byte)
      if next == RegexAutomaton.dead {
        groups.subtract(bytes)
      } else {
        targets.append((bytes, next))
      }
    }
    for (bytes, next) in targets where !bytes.isDisjoint(with: groups) { add(next) }
  }

  /// Follows all characters above ASCII.
  mutating func followCharacters(
    _ state: RegexAutomaton.State, _ automaton: inout RegexAutomaton
  ) {
    var queue = [(state: state, character: CharacterState.boundary)]
    var position = 0
    while position < queue.count {
      let place = queue[position]
      position += 1
      for byte in automaton.wideLetters {
        let character = place.character.after(byte)
        if character == .malformed { continue }
        let next = automaton.step(place.state, byte)
        if next == RegexAutomaton.dead || queue.count > 64 {
          groups.remove(.wide)
          return
        }
        if character == .boundary {
          add(next)
        } else if !queue.contains(where: { $0 == (next, character) }) {
          queue.append((next, character))
        }
      }
    }
  }

  private mutating func add(_ state: RegexAutomaton.State) {
    if !states.contains(state) { states.append(state) }
  }
}
