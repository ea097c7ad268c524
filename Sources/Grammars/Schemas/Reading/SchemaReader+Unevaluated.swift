import JSON

/// What a subschema has looked at of a value, if some other subschemas match it.
private struct Evaluated {
  /// The subschemas that match.
  var conditions: [Literal] = []
  var names: [MemberRules.Named] = []
  var patterns: [MemberRules.Matched] = []
  var allMembers = false
  /// How many elements at the beginning.
  var prefix = 0
  var allItems = false
  /// What further elements match.
  var contained: [Literal] = []

  var isNothing: Bool {
    names.isEmpty && patterns.isEmpty && !allMembers && prefix == 0 && !allItems
      && contained.isEmpty
  }

  mutating func add(_ assertion: Assertion) {
    switch assertion {
    case .members(let rules):
      for member in rules.named where !names.contains(where: { $0.name.isSame(as: member.name) }) {
        names.append(.init(name: member.name, value: .anything))
      }
      for rule in rules.matched where !patterns.contains(where: { $0.names == rule.names }) {
        patterns.append(.init(names: rule.names, value: .anything, pointer: rule.pointer))
      }
      if rules.additional != nil { allMembers = true }
    case .items(let elements, let rest):
      prefix = max(prefix, elements.count)
      if rest != nil { allItems = true }
    case .contains(let value, _, _): contained.append(value)
    default: break
    }
  }

  func merged(with other: Evaluated) -> Evaluated {
    var result = self
    result.conditions += other.conditions.filter { !conditions.contains($0) }
    result.add(
      .members(
        MemberRules(
          named: other.names, matched: other.patterns,
          additional: other.allMembers ? .anything : nil)))
    result.prefix = max(prefix, other.prefix)
    result.allItems = allItems || other.allItems
    result.contained += other.contained
    return result
  }
}

extension SchemaReader {
  private static let wayLimit = 256

  /// Writes `unevaluatedProperties` and `unevaluatedItems` as choices between the ways in which the
  /// other keywords may have looked at a value.
  ///
  /// That a subschema matches shows more of the value, and is never needed to show less. So the
  /// ways need not say what does not match.
  mutating func expandUnevaluated() {
    var additions: [(node: Int, assertion: Assertion, pointer: String)] = []
    for node in nodes.indices {
      let rules = nodes[node].unevaluated
      guard rules.members != nil || rules.items != nil else { continue }
      let place = nodes[node].pointer
      guard let ways = ways(of: node, withOwn: false) else {
        fault(.tooComplex, place, "has too many ways for values to be unevaluated")
        continue
      }
      if let rest = rules.members, !nodes[rest.node].assertions.isEmpty {
        let pointer = SchemaPointer.child(place, "unevaluatedProperties")
        additions.append((node, members(ways, rest, pointer), pointer))
      }
      if let rest = rules.items, !nodes[rest.node].assertions.isEmpty {
        let pointer = SchemaPointer.child(place, "unevaluatedItems")
        additions.append((node, items(ways, rest, pointer), pointer))
      }
    }
    for one in additions { append(one.assertion, at: one.pointer, to: one.node) }
  }

  private mutating func members(
    _ ways: [Evaluated], _ rest: Literal, _ pointer: String
  ) -> Assertion {
    var choices: [Literal] = []
    for way in ways {
      var assertions: [Assertion] = way.conditions.isEmpty ? [] : [.all(way.conditions)]
      if !way.allMembers {
        assertions.append(
          .members(MemberRules(named: way.names, matched: way.patterns, additional: rest)))
      }
      choices.append(add(assertions, at: pointer))
    }
    return .any(choices)
  }

  private mutating func items(
    _ ways: [Evaluated], _ rest: Literal, _ pointer: String
  ) -> Assertion {
    var choices: [Literal] = []
    for way in ways {
      var assertions: [Assertion] = way.conditions.isEmpty ? [] : [.all(way.conditions)]
      if !way.allItems {
        let others =
          way.contained.isEmpty ? rest : add([.any([rest] + way.contained)], at: pointer)
        let prefix = Array(repeating: Literal.anything, count: way.prefix)
        assertions.append(.items(prefix: prefix, rest: others))
      }
      choices.append(add(assertions, at: pointer))
    }
    return .any(choices)
  }

  /// The ways in which a subschema may have looked at a value; nil where they are too many.
  private func ways(of node: Int, withOwn: Bool) -> [Evaluated]? {
    var ways = [Evaluated()]
    for placed in nodes[node].assertions {
      switch placed.assertion {
      case .all(let parts):
        for part in parts where !part.isNegative {
          guard let inner = self.ways(of: part.node, withOwn: true) else { return nil }
          ways = Self.product(ways, inner)
        }
      case .any(let parts):
        for part in parts {
          guard let options = options(part) else { return nil }
          ways = Self.product(ways, [Evaluated()] + options)
          if ways.count > Self.wayLimit { return nil }
        }
      case .one(let parts):
        var all = [Evaluated()]
        for part in parts {
          guard let options = options(part) else { return nil }
          all += options
        }
        ways = Self.product(ways, all)
      default:
        for index in ways.indices { ways[index].add(placed.assertion) }
      }
      if ways.count > Self.wayLimit { return nil }
    }
    guard withOwn else { return ways }
    for index in ways.indices {
      if nodes[node].unevaluated.members != nil { ways[index].allMembers = true }
      if nodes[node].unevaluated.items != nil { ways[index].allItems = true }
    }
    return ways
  }

  /// The ways of a subschema that need not match.
  private func options(_ part: Literal) -> [Evaluated]? {
    if part.isNegative { return [] }
    guard var inner = ways(of: part.node, withOwn: true) else { return nil }
    inner.removeAll(where: \.isNothing)
    for index in inner.indices where !inner[index].conditions.contains(part) {
      inner[index].conditions.insert(part, at: 0)
    }
    return inner
  }

  private static func product(_ one: [Evaluated], _ two: [Evaluated]) -> [Evaluated] {
    one.flatMap { first in two.map { first.merged(with: $0) } }
  }
}
