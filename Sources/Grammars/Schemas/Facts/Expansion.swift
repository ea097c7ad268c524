import JSON

/// A fault met while schemas are combined.
typealias SchemaFault = GrammarError

/// Turns conjunctions of subschemas into alternatives without choices.
struct Expansion {
  /// Something that must hold.
  enum Piece {
    /// A subschema, or its negation.
    case literal(Literal)
    /// What a keyword says.
    case assertion(PlacedAssertion)
  }

  /// One way to go, while it is worked out.
  private struct Path {
    var facts = Facts()
    var todo: [Piece]
    var seen: Set<Literal> = []
    var choices: [[[Piece]]] = []
  }

  /// How many alternatives may wait to be worked out.
  static let pathLimit = 2_000

  /// The subschemas.
  let nodes: [SchemaNode]
  private var known: [[Literal]: [Facts]] = [:]
  private var pathsLeft = 50_000

  /// Creates an expansion of subschemas.
  init(_ nodes: [SchemaNode]) { self.nodes = nodes }

  /// Whether a subschema accepts everything.
  func isTrue(_ literal: Literal) -> Bool {
    !literal.isNegative && nodes[literal.node].assertions.isEmpty
  }

  /// The alternatives of a conjunction, those that contradict themselves included.
  mutating func alternatives(_ literals: [Literal]) throws(SchemaFault) -> [Facts] {
    if let result = known[literals] { return result }
    var result: [Facts] = []
    var paths = [Path(todo: literals.reversed().map(Piece.literal))]
    while var path = paths.popLast() {
      try settle(&path)
      pathsLeft -= 1
      if paths.count > Self.pathLimit || pathsLeft < 0 {
        throw SchemaFault(
          .tooComplex, at: .pointer(pointer(of: literals)), "combines too many alternatives")
      }
      let isDone = path.facts.contradiction != nil || path.facts.values != nil
      guard !isDone, !path.choices.isEmpty else {
        result.append(path.facts)
        continue
      }
      for pieces in path.choices.removeFirst().reversed() {
        var next = path
        next.todo = pieces.reversed()
        paths.append(next)
      }
    }
    if result.count > 1 {
      let live = result.filter { $0.contradiction == nil }
      result = live.isEmpty ? [result[0]] : live
    }
    known[literals] = result
    return result
  }

  /// The pointer that errors of a conjunction name.
  func pointer(of literals: [Literal]) -> String {
    literals.first.map { nodes[$0.node].pointer } ?? ""
  }

  /// Works off what holds without choice.
  private mutating func settle(_ path: inout Path) throws(SchemaFault) {
    while path.facts.contradiction == nil, let piece = path.todo.popLast() {
      switch piece {
      case .assertion(let placed): try add(placed, to: &path)
      case .literal(let literal):
        guard path.seen.insert(literal).inserted else { continue }
        if path.seen.contains(literal.negated) {
          path.facts.contradiction = nodes[literal.node].pointer
          return
        }
        if path.seen.count > 4096 {
          throw SchemaFault(
            .tooComplex, at: .pointer(nodes[literal.node].pointer), "combines too many schemas")
        }
        let node = nodes[literal.node]
        if literal.isNegative {
          var choice: [[Piece]] = []
          for placed in node.assertions { choice += try negation(of: placed) }
          if choice.isEmpty { path.facts.add(.init(assertion: .never, pointer: node.pointer)) }
          if choice.count == 1 {
            path.todo += choice[0].reversed()
          } else {
            path.choices.append(choice)
          }
        } else {
          for placed in node.assertions.reversed() { path.todo.append(.assertion(placed)) }
        }
      }
    }
  }

  private mutating func add(_ placed: PlacedAssertion, to path: inout Path) throws(SchemaFault) {
    switch placed.assertion {
    case .all(let parts): path.todo += parts.reversed().map(Piece.literal)
    case .any(let parts):
      if parts.contains(where: isTrue) { return }
      if parts.count == 1 { return path.todo.append(.literal(parts[0])) }
      path.choices.append(parts.map { [.literal($0)] })
    case .one(let parts):
      if parts.count == 1 { return path.todo.append(.literal(parts[0])) }
      path.choices.append(try exclusive(parts, at: placed.pointer))
    default: path.facts.add(placed)
    }
  }

  /// Each of some schemas without the others, as far as they are not apart anyway.
  private mutating func exclusive(
    _ parts: [Literal], at pointer: String
  ) throws(SchemaFault) -> [[Piece]] {
    if parts.count > 200 {
      throw SchemaFault(.tooComplex, at: .pointer(pointer), "has more than 200 schemas")
    }
    var choice = parts.map { [Piece.literal($0)] }
    for (first, one) in parts.enumerated() {
      for (second, two) in parts.enumerated() where second > first {
        if try isPlainlyEmpty([one, two], depth: 3) { continue }
        choice[first].append(.literal(two.negated))
        choice[second].append(.literal(one.negated))
      }
    }
    return choice
  }

  /// Whether a look at types, constants and required members shows that nothing fits.
  mutating func isPlainlyEmpty(_ literals: [Literal], depth: Int) throws(SchemaFault) -> Bool {
    for facts in try alternatives(literals) where facts.contradiction == nil {
      if try !isPlainlyEmpty(facts, depth: depth) { return false }
    }
    return true
  }

  private mutating func isPlainlyEmpty(_ facts: Facts, depth: Int) throws(SchemaFault) -> Bool {
    if let values = facts.values {
      return values.allSatisfy { facts.types.isDisjoint(with: $0.types) }
    }
    if isCrossed(facts) { return true }
    guard facts.types == .object, depth > 0 else { return false }
    for required in facts.required {
      let value = facts.meet(of: required.name, without: [])
      if try isPlainlyEmpty(value, depth: depth - 1) { return true }
    }
    return false
  }

  /// Whether the bounds of numbers leave none, where there is nothing but numbers.
  private func isCrossed(_ facts: Facts) -> Bool {
    guard TypeSet.number.isSuperset(of: facts.types) else { return false }
    for lower in facts.lower {
      for upper in facts.upper {
        if upper.value < lower.value { return true }
        if upper.value == lower.value, upper.isExclusive || lower.isExclusive { return true }
      }
    }
    return false
  }
}

extension Facts {
  /// What the value of a declared member must be; patterns only as far as they are known to match.
  func meet(of name: String, without unmatched: Set<Regex>) -> [Literal] {
    var result: [Literal] = []
    for rules in members {
      if let value = rules.value(named: name) {
        result.append(value)
      } else if let additional = rules.additional,
        rules.matched.allSatisfy({ unmatched.contains($0.names) })
      {
        result.append(additional)
      }
    }
    return result
  }
}
