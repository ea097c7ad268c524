extension RegexAutomaton.Freedom {
  /// Whether any text of some groups and of at most so many bytes may follow.
  func allows(_ groups: ByteGroups, _ length: Int) -> Bool {
    reach >= length && self.groups.isSuperset(of: groups)
  }
}

extension RegexAutomaton {
  /// Groups of bytes of which any text may follow a state, and of how many bytes at most.
  struct Freedom {
    var groups: ByteGroups
    var reach: Int
  }

  /// States between characters that are looked at to tell what may follow in any order.
  private static let freedomLimit = 12

  /// Whether any text of some groups of bytes and of at most so many bytes may follow a state; where
  /// it is not seen easily, no.
  @inline(__always)
  mutating func isFree(_ state: State, _ groups: ByteGroups, length: Int) -> Bool {
    if freedom(state).isSuperset(of: groups) { return true }
    if groups.contains(.wide) || length > BoundedFreedom.longest { return false }
    return boundedFreedoms(state).contains {
      $0.reach >= length && $0.groups.isSuperset(of: groups)
    }
  }

  /// Groups of bytes of which any text may follow a state, whatever the order; characters above ASCII
  /// byte by byte.
  ///
  /// What is found is not all, but enough for strings with and without a pattern to search for.
  mutating func freedom(_ state: State) -> ByteGroups {
    if Int(state) < freedoms.count, let known = freedoms[Int(state)] { return known }
    var search = FreedomSearch(state)
    while let next = search.next() {
      search.followASCII(next, &self)
      if search.groups.contains(.wide) { search.followCharacters(next, &self) }
      if search.states.count > Self.freedomLimit { search.groups = [] }
    }
    if freedoms.count <= state {
      freedoms += repeatElement(nil, count: stateCount - freedoms.count)
    }
    freedoms[Int(state)] = search.groups
    return search.groups
  }

  /// Groups of bytes of ASCII that may follow a state in any order up to some length, as in a label of a
  /// host name, whose characters are counted by its states.
  private mutating func boundedFreedoms(_ state: State) -> [Freedom] {
    if let known = boundedFreedoms[state] { return known }
    let found = BoundedFreedom.find(state) { moves($0) }
    boundedFreedoms[state] = found
    return found
  }

  /// Where the groups of ASCII lead from a state, as far as all bytes of a group lead somewhere.
  private mutating func moves(_ state: State) -> [GroupMove<State>] {
    if let known = groupMoves[state] { return known }
    var moves = GroupMoves<State>()
    for (index, byte) in classes.representatives.enumerated() {
      let bytes = classGroups[index].intersection(.content)
      if bytes.isEmpty { continue }
      let next = step(state, byte)
      moves.add(bytes, to: next == Self.dead ? nil : next)
    }
    groupMoves[state] = moves.open
    return moves.open
  }
}

/// Where groups of bytes lead.
struct GroupMove<State: Hashable> {
  var groups: ByteGroups
  var state: State
}

/// Where groups of bytes lead from a state.
struct GroupMoves<State: Hashable> {
  private var moves: [GroupMove<State>] = []
  private var blocked = ByteGroups()

  /// Begins without a move.
  init() {}

  /// Adds where bytes of some groups lead; nil for nowhere.
  mutating func add(_ groups: ByteGroups, to state: State?) {
    guard let state else {
      blocked.formUnion(groups)
      return
    }
    if let place = moves.firstIndex(where: { $0.state == state }) {
      moves[place].groups.formUnion(groups)
    } else {
      moves.append(GroupMove(groups: groups, state: state))
    }
  }

  /// The moves of the groups all of whose bytes lead somewhere.
  var open: [GroupMove<State>] {
    moves.compactMap { move in
      let groups = move.groups.subtracting(blocked)
      return groups.isEmpty ? nil : GroupMove(groups: groups, state: move.state)
    }
  }
}

/// Finds out which groups of bytes may follow a state in any order, up to which length.
enum BoundedFreedom {
  /// The longest text that is looked at.
  static let longest = 24
  private static let width = 6

  /// Groups and how far they reach; fewer groups reach further.
  static func find<State: Hashable>(
    _ start: State, _ moves: (State) -> [GroupMove<State>]
  ) -> [RegexAutomaton.Freedom] {
    var result: [RegexAutomaton.Freedom] = []
    var groups = ByteGroups.content.subtracting(.wide)
    while !groups.isEmpty {
      let (reach, left) = reach(start, groups, moves)
      if reach > result.last?.reach ?? 1 {
        result.append(RegexAutomaton.Freedom(groups: groups, reach: reach))
      }
      if left == groups { break }
      groups = left
    }
    return result
  }

  /// How many bytes of some groups may follow, and which of the groups may go further.
  private static func reach<State: Hashable>(
    _ start: State, _ groups: ByteGroups, _ moves: (State) -> [GroupMove<State>]
  ) -> (reach: Int, left: ByteGroups) {
    var states = [start]
    for length in 0..<longest {
      var (next, left) = ([State](), groups)
      for state in states {
        var open = ByteGroups()
        for move in moves(state) where !move.groups.isDisjoint(with: groups) {
          open.formUnion(move.groups)
          if !next.contains(move.state) { next.append(move.state) }
        }
        left.formIntersection(open)
      }
      if left != groups { return (length, left) }
      if next.count > width { return (length, []) }
      states = next
    }
    return (longest, groups)
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
