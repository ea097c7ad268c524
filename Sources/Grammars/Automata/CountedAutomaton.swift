/// The automaton of a lexeme: a language, and a counter of units beside it.
///
/// From every state that `step` gives an end can be reached within the bounds.
struct CountedAutomaton {
  private(set) var language: RegexAutomaton
  private(set) var counter: UnitCounter?
  private let searchLimit: Int
  /// Whether a search was too long, so that something counts as without an end that may have one.
  private var isOverrun = false
  /// States of the language after one more unit, by the state before.
  private var successors: [Pair: [RegexAutomaton.State]] = [:]
  private var finishes: [Pair: Bool] = [:]
  /// Whether the language leaves the number of units free from a state on, by the state.
  private var free: [Bool?] = []
  private var freeUnits: [Pair: Bool] = [:]
  /// The least number of units that leads to an end, by the state between units.
  private var shortest: [Int32?] = []
  private var slack: Int32??
  private var knownSingles: ByteGroups?
  /// What may follow a state in any order, as texts of bounded length, and where groups of bytes lead.
  var boundedFreedoms: [LexemeState: [RegexAutomaton.Freedom]] = [:]
  var groupMoves: [LexemeState: [GroupMove<LexemeState>]] = [:]
  /// One byte of each class that neither language nor units tell apart.
  let letters: [UInt8]
  /// The groups of the bytes of ASCII in each of these classes.
  let letterGroups: [ByteGroups]

  /// A state of the language and one of the unit or the suffix.
  private struct Pair: Hashable {
    var language: RegexAutomaton.State
    var other: RegexAutomaton.State
  }

  /// Creates the automaton of a lexeme that was checked; its bounds come with each call.
  init(_ lexeme: Grammar.Lexeme, limits: GrammarLimits) {
    language = RegexAutomaton(lexeme.language, limits: limits)
    counter = lexeme.count.map { UnitCounter($0, limits: limits) }
    var classes = language.classes
    if let counter {
      classes.refine(by: counter.unit.classes)
      classes.refine(by: counter.suffix.classes)
    }
    letters = classes.representatives
    letterGroups = classes.groups
    searchLimit = limits.searchSteps
  }

  /// The beginning of every text.
  var start: LexemeState {
    LexemeState(language: RegexAutomaton.start, phase: counter?.start ?? 0)
  }

  /// Memory that the automaton holds, about.
  var byteCount: Int {
    language.byteCount + (counter?.byteCount ?? 0)
      + 64 * (successors.count + finishes.count + freeUnits.count) + free.count
      + 8 * shortest.count + 96 * (boundedFreedoms.count + groupMoves.count)
  }

  /// The state after a byte; nil where no text goes on with it.
  @inline(__always)
  mutating func step(_ state: LexemeState, _ byte: UInt8, _ bounds: UnitBounds) -> LexemeState? {
    let next = language.step(state.language, byte)
    if next == RegexAutomaton.dead { return nil }
    if counter == nil { return LexemeState(language: next) }
    return countedStep(state, next, byte, bounds)
  }

  private mutating func countedStep(
    _ state: LexemeState, _ next: RegexAutomaton.State, _ byte: UInt8, _ bounds: UnitBounds
  ) -> LexemeState? {
    guard let (phase, count) = counter?.step(state.phase, state.count, byte, bounds) else {
      return nil
    }
    let result = LexemeState(language: next, phase: phase, count: count)
    return isLive(result, bounds) ? result : nil
  }

  /// Whether a text may end in a state. The beginning accepts nothing: the empty text is no text of
  /// a lexeme.
  func accepts(_ state: LexemeState, _ bounds: UnitBounds) -> Bool {
    guard language.accepts(state.language) else { return false }
    return counter?.accepts(state.phase, state.count, bounds) ?? true
  }

  /// Whether it can be told, by looking at so many states, if the language has a text.
  mutating func hasLanguage(searching states: Int) -> Bool {
    let limit = language.searchLimit
    language.searchLimit = Swift.min(limit, states)
    defer { language.searchLimit = limit }
    return language.hasText() || !language.isExhausted
  }

  /// Whether a text of at least one byte is one of the language and the bounds.
  mutating func hasText(_ bounds: UnitBounds) -> Bool {
    guard language.hasText() else { return false }
    guard counter != nil else { return true }
    for byte in UInt8.min...UInt8.max where step(start, byte, bounds) != nil { return true }
    return false
  }

  /// Groups of bytes of which each character is a unit.
  mutating func singles() -> ByteGroups {
    if let knownSingles { return knownSingles }
    let found = counter?.singles() ?? []
    knownSingles = found
    return found
  }

  /// Gives the automaton of the language to a closure.
  mutating func withLanguage<Result>(_ body: (inout RegexAutomaton) -> Result) -> Result {
    body(&language)
  }

  /// Whether something may count as dead that is not.
  var isExhausted: Bool {
    isOverrun || language.isExhausted || counter?.unit.isExhausted == true
      || counter?.suffix.isExhausted == true
  }

  /// What the automata have cost so far.
  var stepCount: Int {
    language.stepCount + (counter.map { $0.unit.stepCount + $0.suffix.stepCount } ?? 0)
  }

  /// How many texts of the language lead from a state to an end.
  mutating func textCount(_ state: LexemeState, known: inout [RegexAutomaton.State: Int]) -> Int {
    language.textCount(state.language, known: &known)
  }

  /// The state here of a state of another automaton of the same lexeme.
  mutating func adopt(_ state: LexemeState, of other: CountedAutomaton) -> LexemeState {
    var copy = state
    copy.language = language.adopt(state.language, of: other.language)
    if let counter = other.counter {
      copy.phase = self.counter?.adopt(state.phase, of: counter) ?? 0
    }
    return copy
  }

  /// Whether from a state on the language leaves the number of units free: it may end after each
  /// unit, and each may be followed by another.
  mutating func isFree(_ state: LexemeState) -> Bool {
    guard let counter else { return true }
    switch counter.place(state.phase) {
    case .suffix: return true
    case .prefix(let position):
      let boundary = afterPrefix(state.language, position)
      return boundary != RegexAutomaton.dead && isFree(boundary: boundary)
    case .unit(RegexAutomaton.start): return isFree(boundary: state.language)
    case .unit(let unit):
      let key = Pair(language: state.language, other: unit)
      if let known = freeUnits[key] { return known }
      let boundaries = boundaries(after: state.language, unit)
      var isFree = !boundaries.isEmpty
      for boundary in boundaries where isFree { isFree = self.isFree(boundary: boundary) }
      freeUnits[key] = isFree
      return isFree
    }
  }

  private mutating func isFree(boundary: RegexAutomaton.State) -> Bool {
    if Int(boundary) < free.count, let known = free[Int(boundary)] { return known }
    var (queue, position, isFree) = ([boundary], 0, true)
    while position < queue.count, isFree {
      let next = boundaries(after: queue[position], RegexAutomaton.start)
      isFree = !next.isEmpty && queue.count <= 16 && finishes(queue[position])
      for state in next where !queue.contains(state) { queue.append(state) }
      position += 1
    }
    Self.set(isFree, at: boundary, in: &free)
    return isFree
  }

  private static func set<Value>(
    _ value: Value, at state: RegexAutomaton.State, in values: inout [Value?]
  ) {
    while values.count <= state { values.append(nil) }
    values[Int(state)] = value
  }

  /// Whether so many more bytes cannot come near the upper bound, and the lower one is reached.
  mutating func isRoomy(_ count: Int32, _ bounds: UnitBounds, window: Int) -> Bool {
    guard count >= bounds.min else { return false }
    guard let max = bounds.max else { return true }
    guard let slack = longestWay() else { return false }
    return Int(max) - Int(count) > window + Int(slack)
  }

  /// The highest number of units that are needed from anywhere to an end; nil where there are too
  /// many states to tell.
  private mutating func longestWay() -> Int32? {
    if let slack { return slack }
    var (queue, position, result) = ([RegexAutomaton.State](), 0, Int32?.some(0))
    let prefix = counter?.prefix ?? []
    let first = afterPrefix(RegexAutomaton.start, 0)
    if first != RegexAutomaton.dead || prefix.isEmpty { queue.append(first) }
    var seen = Set(queue)
    while position < queue.count, let longest = result {
      let way = shortestWay(queue[position])
      if way < .max { result = Swift.max(longest, way) }
      for state in boundaries(after: queue[position], RegexAutomaton.start)
      where seen.insert(state).inserted { queue.append(state) }
      position += 1
      if queue.count > 1000 { result = nil }
    }
    slack = .some(result)
    return result
  }

  /// The least number of units that leads from a state between units to an end.
  private mutating func shortestWay(_ state: RegexAutomaton.State) -> Int32 {
    if Int(state) < shortest.count, let known = shortest[Int(state)] { return known }
    var (states, seen, count, result) = ([state], Set([state]), Int32(0), Int32.max)
    while !states.isEmpty, result == .max {
      if seen.count > searchLimit {
        isOverrun = true
        break
      }
      for state in states where finishes(state) { result = count }
      var next: [RegexAutomaton.State] = []
      for state in states where result == .max {
        for after in boundaries(after: state, RegexAutomaton.start)
        where seen.insert(after).inserted { next.append(after) }
      }
      states = next
      count += 1
    }
    Self.set(result, at: state, in: &shortest)
    return result
  }

  private mutating func afterPrefix(
    _ state: RegexAutomaton.State, _ position: Int
  ) -> RegexAutomaton.State {
    var state = state
    for byte in counter?.prefix.dropFirst(position) ?? [] { state = language.step(state, byte) }
    return state
  }

  private mutating func isLive(_ state: LexemeState, _ bounds: UnitBounds) -> Bool {
    guard let counter else { return true }
    if !counter.isSuffix(state.phase), isFree(state) { return true }
    switch counter.place(state.phase) {
    case .suffix(let end): return finishes(state.language, in: end)
    case .prefix(let position):
      let boundary = afterPrefix(state.language, position)
      return boundary != RegexAutomaton.dead && canEnd([boundary], state.count, bounds)
    case .unit(RegexAutomaton.start): return canEnd([state.language], state.count, bounds)
    case .unit(let unit):
      return canEnd(boundaries(after: state.language, unit), state.count + 1, bounds)
    }
  }

  /// Whether from one of some states between units a number of units within the bounds leads to an
  /// end. The sets of states after each further unit repeat at some time; a search that is too long
  /// before they do finds nothing.
  private mutating func canEnd(
    _ states: [RegexAutomaton.State], _ count: Int32, _ bounds: UnitBounds
  ) -> Bool {
    if count >= bounds.min {
      let left = bounds.max.map { $0 - count } ?? .max - 1
      for state in states where shortestWay(state) <= Swift.min(left, .max - 1) { return true }
      return false
    }
    var (states, count, steps) = (states, Int(count), 0)
    var seen: [[RegexAutomaton.State]: Int] = [:]
    while !states.isEmpty {
      if steps > searchLimit {
        isOverrun = true
        break
      }
      if let max = bounds.max, count > max { return false }
      if count >= bounds.min {
        for state in states where finishes(state) { return true }
      }
      if let earlier = seen[states] {
        if count >= bounds.min, earlier >= bounds.min { return false }
        let rounds = Swift.max(0, (Int(bounds.min) - count) / (count - earlier))
        count += rounds * (count - earlier)
        seen.removeAll()
        // The states are those of a count that was not looked at yet.
        if rounds > 0 { continue }
      }
      seen[states] = count
      var next = Set<RegexAutomaton.State>()
      for state in states { next.formUnion(boundaries(after: state, RegexAutomaton.start)) }
      steps += states.count
      states = next.sorted()
      count += 1
    }
    return false
  }

  /// The states of the language where a unit that is at a state ends.
  private mutating func boundaries(
    after state: RegexAutomaton.State, _ unit: RegexAutomaton.State
  ) -> [RegexAutomaton.State] {
    let key = Pair(language: state, other: unit)
    if let known = successors[key] { return known }
    guard var counter else { return [] }
    var (queue, seen, position) = ([key], Set([key]), 0)
    var result = Set<RegexAutomaton.State>()
    while position < queue.count {
      if position > searchLimit {
        isOverrun = true
        break
      }
      let pair = queue[position]
      position += 1
      for byte in letters {
        let other = counter.unit.step(pair.other, byte)
        if other == RegexAutomaton.dead { continue }
        let next = Pair(language: language.step(pair.language, byte), other: other)
        if next.language == RegexAutomaton.dead { continue }
        if counter.unit.accepts(other) {
          result.insert(next.language)
        } else if seen.insert(next).inserted {
          queue.append(next)
        }
      }
    }
    self.counter = counter
    successors[key] = result.sorted()
    return result.sorted()
  }

  /// Whether a text between units may end, with a suffix.
  private mutating func finishes(_ state: RegexAutomaton.State) -> Bool {
    if language.accepts(state), counter?.suffix.acceptsEmpty == true { return true }
    return finishes(state, in: RegexAutomaton.start)
  }

  /// Whether a text within the suffix may end.
  private mutating func finishes(
    _ state: RegexAutomaton.State, in suffix: RegexAutomaton.State
  ) -> Bool {
    let key = Pair(language: state, other: suffix)
    if let known = finishes[key] { return known }
    guard var counter else { return true }
    var (queue, seen, position, result) = ([key], Set([key]), 0, false)
    while position < queue.count, !result {
      if position > searchLimit {
        isOverrun = true
        break
      }
      let pair = queue[position]
      position += 1
      result = language.accepts(pair.language) && counter.suffix.accepts(pair.other)
      for byte in letters where !result {
        let other = counter.suffix.step(pair.other, byte)
        if other == RegexAutomaton.dead { continue }
        let next = Pair(language: language.step(pair.language, byte), other: other)
        if next.language != RegexAutomaton.dead, seen.insert(next).inserted { queue.append(next) }
      }
    }
    self.counter = counter
    finishes[key] = result
    return result
  }
}
