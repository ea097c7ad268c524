extension RegexArena {
  /// What may follow a byte in the texts of an expression (Brzozowski, 1964).
  mutating func derivative(_ node: Node, _ byte: UInt8) -> Node {
    switch kind(node) {
    case .nothing, .empty: return Self.nothing
    case .everything: return node
    case .byte: return sets[part(node, 0)].contains(byte) ? Self.empty : Self.nothing
    case .literals: return literalDerivative(node, byte)
    default:
      // Parts of expressions are met again in many others.
      if let known = derivatives[node << 8 | Int(byte)] { return Int(known) }
      let result = newDerivative(node, byte)
      derivatives[node << 8 | Int(byte)] = Int32(result)
      return result
    }
  }

  private mutating func newDerivative(_ node: Node, _ byte: UInt8) -> Node {
    switch kind(node) {
    case .nothing, .empty, .everything, .byte, .literals: return derivative(node, byte)
    case .sequence: return sequenceDerivative(node, byte)
    case .alternatives:
      var results: [Node] = []
      for part in parts(node) { results.append(derivative(part, byte)) }
      return alternatives(results)
    case .intersection:
      var results: [Node] = []
      for part in parts(node) {
        let result = derivative(part, byte)
        if result == Self.nothing { return result }
        results.append(result)
      }
      return intersection(results)
    case .complement:
      let result = derivative(part(node, 0), byte)
      return complement(result)
    case .repetition:
      let (body, min, bound) = (part(node, 0), part(node, 1), part(node, 2))
      let first = derivative(body, byte)
      if first == Self.nothing { return first }
      let rest = repetition(body, Swift.max(0, min - 1), bound == 0 ? nil : bound - 2)
      return sequence(first, rest)
    }
  }

  private mutating func sequenceDerivative(_ node: Node, _ byte: UInt8) -> Node {
    var results: [Node] = []
    var rest = node
    // A loop, because a sequence may be long.
    while kind(rest) == .sequence {
      let (head, tail) = (part(rest, 0), part(rest, 1))
      let first = derivative(head, byte)
      results.append(sequence(first, tail))
      guard isNullable(head) else { return alternatives(results) }
      rest = tail
    }
    results.append(derivative(rest, byte))
    return alternatives(results)
  }

  private mutating func literalDerivative(_ node: Node, _ byte: UInt8) -> Node {
    let (list, depth) = (part(node, 0), part(node, 3))
    let first = isNullable(node) ? part(node, 1) + 1 : part(node, 1)
    let lower = bound(list, first..<part(node, 2), depth) { $0 >= byte }
    let upper = bound(list, lower..<part(node, 2), depth) { $0 > byte }
    return literals(list, lower..<upper, after: depth + 1)
  }

  /// The first of the texts whose byte at a depth passes a test that all later ones pass.
  private func bound(
    _ list: Int, _ range: Range<Int>, _ depth: Int, _ test: (UInt8) -> Bool
  ) -> Int {
    var (lower, upper) = (range.lowerBound, range.upperBound)
    while lower < upper {
      let middle = (lower + upper) / 2
      if test(lists[list][middle][depth]) { upper = middle } else { lower = middle + 1 }
    }
    return lower
  }

  /// Names for classes of bytes that are equal where an expression does not tell the classes apart.
  func alike(_ node: Node, _ classes: ByteClasses) -> [UInt8] {
    var (sets, letters) = (Set<ByteSet>(), ByteSet())
    collectHeads(node, &sets, &letters)
    var names = [UInt8](repeating: 0, count: classes.count)
    var count = 1
    for (index, byte) in classes.representatives.enumerated() where letters.contains(byte) {
      names[index] = UInt8(truncatingIfNeeded: count)
      count += 1
    }
    for set in sets {
      var inside = [Int](repeating: -1, count: count)
      var outside = [Bool](repeating: false, count: count)
      for (index, byte) in classes.representatives.enumerated() where !set.contains(byte) {
        outside[Int(names[index])] = true
      }
      for (index, byte) in classes.representatives.enumerated() where set.contains(byte) {
        let name = Int(names[index])
        guard outside[name] else { continue }
        if inside[name] < 0 {
          inside[name] = count
          count += 1
        }
        names[index] = UInt8(truncatingIfNeeded: inside[name])
      }
    }
    return names
  }

  /// The sets of bytes that texts begin with, and the first bytes of texts of lists.
  private func collectHeads(_ node: Node, _ sets: inout Set<ByteSet>, _ letters: inout ByteSet) {
    switch kind(node) {
    case .nothing, .empty, .everything: break
    case .byte: sets.insert(self.sets[part(node, 0)])
    case .literals:
      let (list, depth, end) = (part(node, 0), part(node, 3), part(node, 2))
      var first = isNullable(node) ? part(node, 1) + 1 : part(node, 1)
      while first < end {
        let letter = lists[list][first][depth]
        letters.insert(letter)
        first = bound(list, first..<end, depth) { $0 > letter }
      }
    case .sequence:
      var rest = node
      while kind(rest) == .sequence {
        collectHeads(part(rest, 0), &sets, &letters)
        guard isNullable(part(rest, 0)) else { return }
        rest = part(rest, 1)
      }
      collectHeads(rest, &sets, &letters)
    case .alternatives, .intersection:
      for part in parts(node) { collectHeads(part, &sets, &letters) }
    case .complement, .repetition: collectHeads(part(node, 0), &sets, &letters)
    }
  }
}
