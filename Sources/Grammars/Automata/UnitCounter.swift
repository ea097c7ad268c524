/// Follows a text through `prefix unit* suffix` and counts the units.
struct UnitCounter {
  /// Where a text is.
  enum Place: Equatable {
    case prefix(Int)
    case unit(RegexAutomaton.State)
    case suffix(RegexAutomaton.State)

    /// Before a unit or the suffix.
    static let between = Place.unit(RegexAutomaton.start)
  }

  let prefix: [UInt8]
  var unit: RegexAutomaton
  var suffix: RegexAutomaton

  /// Creates a counter of a bound whose expressions `RegexCheck` has passed.
  init(_ count: Grammar.Count, limits: GrammarLimits) {
    prefix = count.prefix
    unit = RegexAutomaton(count.unit, limits: limits)
    suffix = RegexAutomaton(count.suffix, limits: limits)
  }

  /// Where texts begin.
  var start: Int32 { prefix.isEmpty ? phase(.between) : phase(.prefix(0)) }

  /// Memory that the counter holds, about.
  var byteCount: Int { prefix.count + unit.byteCount + suffix.byteCount }

  /// A place as a number.
  func phase(_ place: Place) -> Int32 {
    switch place {
    case .prefix(let position): Int32(position) << 2
    case .unit(let state): state << 2 | 1
    case .suffix(let state): state << 2 | 2
    }
  }

  /// The place that a number stands for.
  @inline(__always)
  func place(_ phase: Int32) -> Place {
    switch phase & 3 {
    case 0: .prefix(Int(phase >> 2))
    case 1: .unit(phase >> 2)
    default: .suffix(phase >> 2)
    }
  }

  /// Takes a byte, if it fits the bounds.
  mutating func step(
    _ phase: Int32, _ count: Int32, _ byte: UInt8, _ bounds: UnitBounds
  ) -> (phase: Int32, count: Int32)? {
    switch place(phase) {
    case .prefix(let position):
      guard prefix[position] == byte else { return nil }
      let isLast = position + 1 == prefix.count
      return (self.phase(isLast ? .between : .prefix(position + 1)), count)
    case .unit(let state):
      let next = unit.step(state, byte)
      if next != RegexAutomaton.dead {
        if state == RegexAutomaton.start, let max = bounds.max, count >= max { return nil }
        guard unit.accepts(next) else { return (self.phase(.unit(next)), count) }
        return (self.phase(.between), bounds.clipped(count + 1))
      }
      guard state == RegexAutomaton.start, count >= bounds.min else { return nil }
      let end = suffix.step(state, byte)
      return end == RegexAutomaton.dead ? nil : (self.phase(.suffix(end)), count)
    case .suffix(let state):
      let next = suffix.step(state, byte)
      return next == RegexAutomaton.dead ? nil : (self.phase(.suffix(next)), count)
    }
  }

  /// Whether a text may end at a place.
  func accepts(_ phase: Int32, _ count: Int32, _ bounds: UnitBounds) -> Bool {
    switch place(phase) {
    case .prefix: false
    case .unit(let state):
      state == RegexAutomaton.start && count >= bounds.min && suffix.acceptsEmpty
    case .suffix(let state): suffix.accepts(state)
    }
  }

  /// Whether a place is in the suffix, where the count has no meaning any more.
  func isSuffix(_ phase: Int32) -> Bool { phase & 3 == 2 }

  /// Units that are begun: the complete ones and the one that the place is in.
  func begun(_ phase: Int32, _ count: Int32) -> Int32 {
    phase & 3 == 1 && phase >> 2 != RegexAutomaton.start ? count + 1 : count
  }

  /// The place here of a place of another counter of the same bound.
  mutating func adopt(_ phase: Int32, of other: UnitCounter) -> Int32 {
    switch other.place(phase) {
    case .prefix: phase
    case .unit(let state): self.phase(.unit(unit.adopt(state, of: other.unit)))
    case .suffix(let state): self.phase(.suffix(suffix.adopt(state, of: other.suffix)))
    }
  }
}
