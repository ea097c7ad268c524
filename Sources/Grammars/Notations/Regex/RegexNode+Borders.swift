extension RegexNode {
  /// The most parts at a border of a sequence that may all be empty, where its texts are told apart by
  /// their first or last scalar.
  private static let optionalParts = 32

  /// Whether assertions on words are in the node.
  var asksForWords: Bool {
    switch self {
    case .set: false
    case .assertion(let assertion): assertion == .wordBoundary || assertion == .noWordBoundary
    case .sequence(let parts), .alternatives(let parts): parts.contains(where: \.asksForWords)
    case .repetition(let body, _, _): body.asksForWords
    }
  }

  /// Whether the node may match the empty text if its assertions hold.
  var mayBeEmpty: Bool {
    switch self {
    case .set: false
    case .assertion: true
    case .sequence(let parts): parts.allSatisfy(\.mayBeEmpty)
    case .alternatives(let branches): branches.contains(where: \.mayBeEmpty)
    case .repetition(let body, let min, _): min == 0 || body.mayBeEmpty
    }
  }

  /// Whether what the node matches depends on what is on its left.
  var asksLeft: Bool {
    switch self {
    case .set: return false
    case .assertion(let assertion): return assertion != .end
    case .alternatives(let branches): return branches.contains(where: \.asksLeft)
    case .repetition(let body, _, _): return body.asksLeft
    case .sequence(let parts):
      for part in parts {
        if part.asksLeft { return true }
        if !part.mayBeEmpty { return false }
      }
      return false
    }
  }

  /// Whether what the node matches depends on what is on its right.
  var asksRight: Bool {
    switch self {
    case .set: return false
    case .assertion(let assertion): return assertion != .start
    case .alternatives(let branches): return branches.contains(where: \.asksRight)
    case .repetition(let body, _, _): return body.asksRight
    case .sequence(let parts):
      for part in parts.reversed() {
        if part.asksRight { return true }
        if !part.mayBeEmpty { return false }
      }
      return false
    }
  }

  /// The parts of a sequence with neighbours that have no assertions made one.
  static func gathered(_ parts: [RegexNode]) -> [RegexNode] {
    var result: [RegexNode] = []
    var plain: [RegexNode] = []
    for part in parts {
      if !part.hasAssertions {
        plain.append(part)
        continue
      }
      if !plain.isEmpty { result.append(.joined(plain)) }
      plain = []
      if case .assertion = part, part == result.last { continue }
      result.append(part)
    }
    if !plain.isEmpty { result.append(.joined(plain)) }
    return result
  }

  /// The texts of a node without assertions that end in a scalar of a set.
  func nonempty(endingIn set: ScalarSet) throws(GrammarError) -> RegexNode {
    try nonempty(at: .end, set)
  }

  /// The texts of a node without assertions that begin with a scalar of a set.
  func nonempty(beginningWith set: ScalarSet) throws(GrammarError) -> RegexNode {
    try nonempty(at: .start, set)
  }

  private func nonempty(at border: Assertion, _ set: ScalarSet) throws(GrammarError) -> RegexNode {
    if set == .all, !isNullable { return self }
    switch self {
    case .assertion: return .nothing
    case .set(let mine):
      let both = mine.intersection(set)
      return both.isEmpty ? .nothing : .set(both)
    case .alternatives(let branches):
      var result: [RegexNode] = []
      for branch in branches { result.append(try branch.nonempty(at: border, set)) }
      return .any(result)
    case .repetition(let body, let min, let max):
      if max == 0 { return .nothing }
      let others = body.isNullable ? 0 : Swift.max(min - 1, 0)
      let rest = RegexNode.repetition(body, min: others, max: max.map { $0 - 1 })
      let outer = try body.nonempty(at: border, set)
      return .joined(border == .end ? [rest, outer] : [outer, rest])
    case .sequence(let parts): return try RegexNode.nonempty(parts, at: border, set)
    }
  }

  private static func nonempty(
    _ parts: [RegexNode], at border: Assertion, _ set: ScalarSet
  ) throws(GrammarError) -> RegexNode {
    let outward = border == .end ? Array(parts.reversed()) : parts
    var optional = 0
    while optional < outward.count, outward[optional].isNullable { optional += 1 }
    if optional > optionalParts {
      throw GrammarError(.tooComplex, "has an anchor beside too many optional parts")
    }
    let fixed = Array(outward.dropFirst(optional + 1))
    var branches: [RegexNode] = []
    for index in 0..<min(optional + 1, outward.count) {
      let rest = outward[(index + 1)..<min(optional + 1, outward.count)]
      let whole = [try outward[index].nonempty(at: border, set)] + rest
      branches.append(.joined(border == .end ? whole.reversed() : whole))
    }
    let ends = RegexNode.any(branches)
    return .joined(border == .end ? fixed.reversed() + [ends] : [ends] + fixed)
  }
}
