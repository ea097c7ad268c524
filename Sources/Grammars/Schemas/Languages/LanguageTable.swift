/// Answers questions about regular languages while a schema is compiled, within a budget of steps.
///
/// A step is a derivative or a state of the language's automaton.
struct LanguageTable {
  /// The budget was spent.
  struct Exhausted: Error {}

  /// An automaton as a list of states that are all alive, the first one first.
  struct State {
    /// Whether a text may end here.
    var isFinal: Bool
    /// Where each byte leads.
    var edges: [(bytes: ByteSet, target: Int)] = []
  }

  private var automata: [Regex: (automaton: RegexAutomaton, classes: [ByteSet])] = [:]
  private var stepsLeft: Int
  private let limits: GrammarLimits

  /// Creates a table.
  init(steps: Int = 300_000) {
    stepsLeft = steps
    var limits = GrammarLimits()
    limits.searchStates = Swift.min(steps, limits.searchStates)
    self.limits = limits
  }

  /// Asks the automaton of a language.
  private mutating func ask<Answer>(
    _ regex: Regex, _ question: (inout Query) throws(Exhausted) -> Answer
  ) throws(Exhausted) -> Answer {
    var query: Query
    if let (automaton, classes) = automata.removeValue(forKey: regex) {
      query = Query(automaton: automaton, classes: classes, stepsLeft: stepsLeft)
    } else {
      let automaton = RegexAutomaton(regex, limits: limits)
      query = Query(
        automaton: automaton, classes: automaton.classes.sets, stepsLeft: stepsLeft)
      try query.spend(automaton.stepCount)
    }
    let answer = try question(&query)
    stepsLeft = query.stepsLeft
    automata[regex] = (query.automaton, query.classes)
    return answer
  }

  /// Whether a language has no text.
  mutating func isEmpty(_ regex: Regex) throws(Exhausted) -> Bool {
    if regex.hasTextPlainly { return false }
    return try ask(regex) { query throws(Exhausted) in
      if query.automaton.acceptsEmpty { return false }
      return try query.edges(RegexAutomaton.start).isEmpty
    }
  }

  /// Whether a text is in a language.
  mutating func contains(_ regex: Regex, _ text: some Sequence<UInt8>) throws(Exhausted) -> Bool {
    try ask(regex) { query throws(Exhausted) in
      var state = RegexAutomaton.start
      for byte in text {
        state = try query.step(state, byte)
        if state == RegexAutomaton.dead { return false }
      }
      return query.isFinal(state)
    }
  }

  /// The texts of a language; nil where they are more than a limit, or longer than 1,000 bytes.
  mutating func texts(_ regex: Regex, atMost limit: Int) throws(Exhausted) -> [[UInt8]]? {
    try ask(regex) { query throws(Exhausted) in
      var result: [[UInt8]] = []
      var stack: [(state: RegexAutomaton.State, text: [UInt8])] = [(RegexAutomaton.start, [])]
      while let (state, text) = stack.popLast() {
        if text.count > 1000 || result.count + stack.count > limit { return nil }
        if query.isFinal(state) { result.append(text) }
        for (bytes, next) in try query.edges(state) {
          if bytes.count > limit { return nil }
          for byte in UInt8.min...UInt8.max where bytes.contains(byte) {
            stack.append((next, text + [byte]))
          }
        }
      }
      return result.count > limit ? nil : result
    }
  }

  /// Whether a text that was begun can always be ended in endlessly many ways, or is ended.
  ///
  /// Where it can, no number of forbidden texts leaves a text without an end.
  mutating func alwaysHasAnotherEnd(_ regex: Regex) throws(Exhausted) -> Bool {
    guard let states = try automaton(regex, atMost: .max) else { return false }
    // A state has endlessly many texts if a cycle can be reached; take away what has none.
    var (before, left) = (Array(repeating: [Int](), count: states.count), [Int]())
    for (index, state) in states.enumerated() {
      left.append(state.edges.count)
      for edge in state.edges { before[edge.target].append(index) }
    }
    var finite = states.indices.filter { left[$0] == 0 }
    var isFinite = Array(repeating: false, count: states.count)
    while let state = finite.popLast() {
      isFinite[state] = true
      for previous in before[state] {
        left[previous] -= 1
        if left[previous] == 0 { finite.append(previous) }
      }
    }
    return states.indices.allSatisfy { !isFinite[$0] || states[$0].edges.isEmpty }
  }

  /// A language as an automaton whose states are all alive, the first one first; nil where it has
  /// more states than a limit.
  mutating func automaton(_ regex: Regex, atMost limit: Int) throws(Exhausted) -> [State]? {
    try ask(regex) { query throws(Exhausted) in
      var order = [RegexAutomaton.start]
      var numbers = [RegexAutomaton.start: 0]
      var states: [State] = []
      while states.count < order.count {
        var state = State(isFinal: query.isFinal(order[states.count]))
        for (bytes, next) in try query.edges(order[states.count]) {
          let target = numbers[next] ?? order.count
          if target == order.count {
            if target >= limit { return nil }
            order.append(next)
            numbers[next] = target
          }
          state.edges.append((bytes, target))
        }
        states.append(state)
      }
      return states
    }
  }
}

/// An automaton that is asked, and the steps that this may cost.
private struct Query {
  var automaton: RegexAutomaton
  let classes: [ByteSet]
  var stepsLeft: Int

  mutating func spend(_ steps: Int) throws(LanguageTable.Exhausted) {
    stepsLeft -= steps
    if stepsLeft < 0 || automaton.isExhausted { throw LanguageTable.Exhausted() }
  }

  /// Whether a text may end in a state; the beginning of an automaton accepts nothing itself.
  func isFinal(_ state: RegexAutomaton.State) -> Bool {
    state == RegexAutomaton.start ? automaton.acceptsEmpty : automaton.accepts(state)
  }

  mutating func step(
    _ state: RegexAutomaton.State, _ byte: UInt8
  ) throws(LanguageTable.Exhausted) -> RegexAutomaton.State {
    let before = automaton.stepCount
    let next = automaton.step(state, byte)
    try spend(1 + automaton.stepCount - before)
    return next
  }

  /// Where the bytes lead from a state; those that lead to no end are left out.
  mutating func edges(
    _ state: RegexAutomaton.State
  ) throws(LanguageTable.Exhausted) -> [(bytes: ByteSet, next: RegexAutomaton.State)] {
    var places: [RegexAutomaton.State: Int] = [:]
    var edges: [(bytes: ByteSet, next: RegexAutomaton.State)] = []
    for (index, byte) in automaton.classes.representatives.enumerated() {
      let next = try step(state, byte)
      if next == RegexAutomaton.dead { continue }
      if let place = places[next] {
        edges[place].bytes = edges[place].bytes.union(classes[index])
      } else {
        places[next] = edges.count
        edges.append((classes[index], next))
      }
    }
    return edges
  }
}

extension Regex {
  /// Whether the language has a text because no part of it takes any away.
  fileprivate var hasTextPlainly: Bool {
    switch self {
    case .nothing, .intersection, .complement: false
    case .empty, .literal: true
    case .byte(let set): !set.isEmpty
    case .sequence(let parts): parts.allSatisfy(\.hasTextPlainly)
    case .alternatives(let parts): parts.contains(where: \.hasTextPlainly)
    case .repetition(let part, let min, let max):
      max.map { min <= $0 } ?? true && (min == 0 || part.hasTextPlainly)
    }
  }
}
