/// Finds out what each state of the rules needs to come to an end, and takes away what never does.
struct RuleAnalysis {
  private(set) var automata: RuleAutomata
  /// The states from which an edge or a move over nothing but text leads to a state.
  private var before: [[Int]]
  /// The edges over a rule that lead to a state: where they begin, and the rule.
  private var callers: [[(state: Int, rule: Int)]]
  /// The edges over each rule: where they begin and end.
  private var calls: [[(state: Int, target: Int)]]
  private var ruleOf: [Int: Int] = [:]

  /// Analyses automata.
  ///
  /// - Parameter hasText: Whether a lexeme has a text other than the empty one.
  init(_ automata: RuleAutomata, hasText: [Bool]) {
    self.automata = automata
    before = Array(repeating: [], count: automata.states.count)
    callers = Array(repeating: [], count: automata.states.count)
    calls = Array(repeating: [], count: automata.starts.count)
    for (rule, start) in automata.starts.enumerated() { ruleOf[start] = rule }
    removeEdges { edge in
      if case .lexeme(let index) = edge.symbol { return !hasText[index] }
      return false
    }
    followLonelyMoves()
    findNullable()
    loosenLoops()
    findRanks()
    let ranks = self.automata
    removeEdges { ranks.cost($0) == .max }
    for state in self.automata.states.indices {
      self.automata.states[state].moves.removeAll { ranks.states[$0.target].rank == .max }
    }
  }

  private mutating func removeEdges(where test: (RuleAutomata.Edge) -> Bool) {
    for state in automata.states.indices { automata.states[state].edges.removeAll(where: test) }
  }

  /// Replaces targets that only lead on to another state.
  private mutating func followLonelyMoves() {
    for state in automata.states.indices {
      for index in automata.states[state].edges.indices {
        let target = automata.states[state].edges[index].target
        automata.states[state].edges[index].target = followed(target)
      }
      for index in automata.states[state].moves.indices {
        let target = automata.states[state].moves[index].target
        automata.states[state].moves[index].target = followed(target)
      }
    }
  }

  private func followed(_ state: Int) -> Int {
    var state = state
    for _ in 0..<16 {
      let candidate = automata.states[state]
      guard candidate.edges.isEmpty, candidate.moves.count == 1,
        candidate.moves[0].kind == .plain
      else { return state }
      state = candidate.moves[0].target
    }
    return state
  }

  /// Links each state with those before it.
  private mutating func link(_ passes: (RuleAutomata.Edge) -> Bool) {
    for state in automata.states.indices {
      before[state] = []
      callers[state] = []
    }
    for rule in calls.indices { calls[rule] = [] }
    for (state, value) in automata.states.enumerated() {
      for move in value.moves {
        switch move.kind {
        case .plain, .round: before[move.target].append(state)
        case .next: before[move.exit].append(state)
        case .leave(let min): if min == 0 { before[move.target].append(state) }
        }
      }
      for edge in value.edges where passes(edge) {
        if case .rule(let rule) = edge.symbol {
          callers[edge.target].append((state, rule))
          calls[rule].append((state, edge.target))
        } else {
          before[edge.target].append(state)
        }
      }
    }
  }

  private mutating func findNullable() {
    link { edge in
      if case .rule = edge.symbol { true } else { false }
    }
    var queue = [RuleAutomata.end]
    automata.states[RuleAutomata.end].isNullable = true
    func add(_ state: Int, _ automata: inout RuleAutomata) {
      if automata.states[state].isNullable { return }
      automata.states[state].isNullable = true
      queue.append(state)
    }
    while let state = queue.popLast() {
      for previous in before[state] { add(previous, &automata) }
      for (previous, rule) in callers[state] where automata.isNullable(rule) {
        add(previous, &automata)
      }
      guard let rule = ruleOf[state] else { continue }
      for (previous, target) in calls[rule] where automata.states[target].isNullable {
        add(previous, &automata)
      }
    }
  }

  /// A loop whose body may be empty needs no round: an empty one is as good as none.
  private mutating func loosenLoops() {
    for state in automata.states.indices {
      for move in automata.states[state].moves {
        guard case .round = move.kind, let edge = automata.states[move.target].edges.first,
          automata.states[move.target].edges.count == 1, !edge.skipsEmpty,
          case .rule(let rule) = edge.symbol, automata.isNullable(rule)
        else { continue }
        for other in automata.states[state].moves.indices {
          if case .leave = automata.states[state].moves[other].kind {
            automata.states[state].moves[other].kind = .leave(min: 0)
          }
        }
      }
    }
  }

  /// Finds ranks in ascending order (Knuth's generalisation of Dijkstra's algorithm, 1977).
  private mutating func findRanks() {
    link { _ in true }
    var levels: [[Int]] = [[RuleAutomata.end]]
    var level = 0
    while level < levels.count {
      var queue = levels[level]
      while let state = queue.popLast() {
        guard automata.states[state].rank == .max else { continue }
        automata.states[state].rank = level
        for previous in before[state] { queue.append(previous) }
        for (previous, rule) in callers[state] {
          let height = automata.height(rule)
          if height <= level {
            queue.append(previous)
          } else if height != .max {
            Self.add(previous, height, &levels)
          }
        }
        guard let rule = ruleOf[state] else { continue }
        for (previous, target) in calls[rule] where automata.states[target].rank != .max {
          Self.add(previous, level + 1, &levels)
        }
      }
      level += 1
    }
  }

  private static func add(_ state: Int, _ level: Int, _ levels: inout [[Int]]) {
    while levels.count <= level { levels.append([]) }
    levels[level].append(state)
  }
}
