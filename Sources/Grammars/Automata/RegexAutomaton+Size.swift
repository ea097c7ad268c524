extension RegexAutomaton {
  /// The highest number of texts that is told.
  static let manyTexts = 1 << 20

  /// How many texts lead from a state to an end, `manyTexts` for that many and more.
  ///
  /// - Parameter known: What was found before.
  mutating func textCount(_ state: State, known: inout [State: Int]) -> Int {
    if let count = known[state] { return count }
    var (order, edges, position) = ([state], [State: [(State, Int)]](), 0)
    var entries: [State: Int] = [state: 0]
    while position < order.count {
      let current = order[position]
      position += 1
      guard order.count <= 20_000 else { return Self.manyTexts }
      for (index, byte) in classes.representatives.enumerated() {
        let next = step(current, byte)
        if next == Self.dead { continue }
        if next == current {
          known[state] = Self.manyTexts
          return Self.manyTexts
        }
        edges[current, default: []].append((next, classes.sizes[index]))
        if entries[next] == nil {
          entries[next] = 0
          order.append(next)
        }
        entries[next, default: 0] += 1
      }
    }
    var ready = order.filter { entries[$0] == 0 }
    position = 0
    while position < ready.count {
      for (next, _) in edges[ready[position]] ?? [] {
        entries[next, default: 0] -= 1
        if entries[next] == 0 { ready.append(next) }
      }
      position += 1
    }
    // What is on a cycle, or before one, has no end of texts.
    guard ready.count == order.count else {
      known[state] = Self.manyTexts
      return Self.manyTexts
    }
    for state in ready.reversed() {
      var count = accepts(state) ? 1 : 0
      for (next, bytes) in edges[state] ?? [] { count += bytes * (known[next] ?? 0) }
      known[state] = min(count, Self.manyTexts)
    }
    return known[state] ?? Self.manyTexts
  }
}

extension RegexAutomaton {
  /// Whether a text of at least one byte is in the language.
  mutating func hasText() -> Bool {
    for byte in classes.representatives where step(Self.start, byte) != Self.dead { return true }
    return false
  }
}
