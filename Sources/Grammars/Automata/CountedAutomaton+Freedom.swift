extension CountedAutomaton {
  /// Groups of bytes of ASCII of which any text may follow a state where bounds have no say, whatever the
  /// order, up to some length, and each of which is a unit.
  mutating func boundedFreedom(_ state: LexemeState) -> [RegexAutomaton.Freedom] {
    if let known = boundedFreedoms[state] { return known }
    guard let counter, counter.place(state.phase) == .between, !counter.suffix.acceptsEmpty else {
      return []
    }
    let between = counter.phase(.between)
    let found = BoundedFreedom.find(state) { moves($0, between) }
    boundedFreedoms[state] = found
    return found
  }

  private mutating func moves(
    _ state: LexemeState, _ between: Int32
  ) -> [GroupMove<LexemeState>] {
    if let known = groupMoves[state] { return known }
    var moves = GroupMoves<LexemeState>()
    for (index, byte) in letters.enumerated() {
      let bytes = letterGroups[index].intersection(.content)
      if bytes.isEmpty { continue }
      var next = step(state, byte, .free)
      if next?.phase != between || next?.count != 1 { next = nil }
      next?.count = 0
      moves.add(bytes, to: next)
    }
    groupMoves[state] = moves.open
    return moves.open
  }

  /// Groups of bytes of which any text may follow a state, whatever the order, and each of whose
  /// characters is a unit.
  ///
  /// What is found is not all. There is none where the language has a say in the number of units,
  /// or where a text may end between units.
  mutating func freedom(_ state: LexemeState) -> ByteGroups {
    guard let counter, counter.place(state.phase) == .between, !counter.suffix.acceptsEmpty,
      isFree(state)
    else {
      return []
    }
    return withLanguage { $0.freedom(state.language) }.intersection(singles())
  }
}

extension UnitCounter {
  /// Groups of bytes of which each character is a unit.
  mutating func singles() -> ByteGroups {
    var groups = ByteGroups.content
    for (index, byte) in unit.classes.representatives.enumerated() {
      let bytes = unit.classGroups[index]
      if bytes.isDisjoint(with: groups) { continue }
      if !unit.accepts(unit.step(RegexAutomaton.start, byte)) { groups.subtract(bytes) }
    }
    if groups.contains(.wide), !areWideCharactersUnits() { groups.remove(.wide) }
    return groups
  }

  private mutating func areWideCharactersUnits() -> Bool {
    var queue = [(state: RegexAutomaton.start, character: CharacterState.boundary)]
    var position = 0
    while position < queue.count {
      let place = queue[position]
      position += 1
      for byte in unit.wideLetters {
        let character = place.character.after(byte)
        if character == .malformed { continue }
        let next = unit.step(place.state, byte)
        let isWhole = character == .boundary
        if next == RegexAutomaton.dead || unit.accepts(next) != isWhole || queue.count > 64 {
          return false
        }
        if !isWhole, !queue.contains(where: { $0 == (next, character) }) {
          queue.append((next, character))
        }
      }
    }
    return true
  }
}
