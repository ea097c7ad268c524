import JSON

extension Expansion {
  /// The ways in which an assertion may fail; each is a list of what holds then.
  func negation(of placed: PlacedAssertion) throws(SchemaFault) -> [[Piece]] {
    let pointer = placed.pointer
    func holds(_ assertions: Assertion...) -> [Piece] {
      assertions.map { .assertion(PlacedAssertion(assertion: $0, pointer: pointer)) }
    }
    switch placed.assertion {
    case .never: return [[]]
    case .types(let types): return [holds(.types(TypeSet.all.subtracting(types)))]
    case .values(let values): return [holds(.excluded(values))]
    case .excluded(let values): return [holds(.values(values))]
    case .lower(let bound, let isExclusive):
      return [holds(.types(.number), .upper(bound, isExclusive: !isExclusive))]
    case .upper(let bound, let isExclusive):
      return [holds(.types(.number), .lower(bound, isExclusive: !isExclusive))]
    case .multiple(let divisor): return [holds(.types(.number), .notMultiple(of: divisor))]
    case .notMultiple(let divisor): return [holds(.multiple(of: divisor))]
    case .length(let min, let max):
      return Self.outside(min, max).map {
        holds(.types(.string), .length(min: $0.min, max: $0.max))
      }
    case .text(let language): return [holds(.types(.string), .text(.complement(language)))]
    case .memberCount(let min, let max):
      return Self.outside(min, max).map {
        holds(.types(.object), .memberCount(min: $0.min, max: $0.max))
      }
    case .itemCount(let min, let max):
      return Self.outside(min, max).map {
        holds(.types(.array), .itemCount(min: $0.min, max: $0.max))
      }
    case .required(let names):
      return names.map { holds(.types(.object), .members(absent($0))) }
    case .members, .items, .contains, .names, .unique:
      return try containerNegation(of: placed)
    case .all(let parts): return parts.map { [.literal($0.negated)] }
    case .any(let parts): return [parts.map { .literal($0.negated) }]
    case .one(let parts): return Self.notOne(parts)
    }
  }

  private func absent(_ name: String) -> MemberRules {
    MemberRules(named: [.init(name: name, value: .never)])
  }

  private static func outside(_ min: Int, _ max: Int?) -> [(min: Int, max: Int?)] {
    var result: [(min: Int, max: Int?)] = []
    if min > 0 { result.append((0, min - 1)) }
    if let max { result.append((max + 1, nil)) }
    return result
  }

  private static func notOne(_ parts: [Literal]) -> [[Piece]] {
    var result: [[Piece]] = [parts.map { .literal($0.negated) }]
    for (index, one) in parts.enumerated() {
      for two in parts[(index + 1)...] { result.append([.literal(one), .literal(two)]) }
    }
    return result
  }

  private func containerNegation(of placed: PlacedAssertion) throws(SchemaFault) -> [[Piece]] {
    let pointer = placed.pointer
    func holds(_ assertions: Assertion...) -> [Piece] {
      assertions.map { .assertion(PlacedAssertion(assertion: $0, pointer: pointer)) }
    }
    let unsupported = SchemaFault(
      .unsupported, at: .pointer(pointer), "is negated, which cannot be enforced")
    switch placed.assertion {
    case .members(let rules):
      let isOpen = rules.additional.map(isTrue) ?? true
      guard isOpen, rules.matched.allSatisfy({ isTrue($0.value) }) else { throw unsupported }
      return rules.named.filter { !isTrue($0.value) }.map { member in
        let rule = MemberRules(named: [.init(name: member.name, value: member.value.negated)])
        return holds(.types(.object), .required([member.name]), .members(rule))
      }
    case .items(let prefix, let rest):
      var result: [[Piece]] = []
      for (index, part) in prefix.enumerated() where !isTrue(part) {
        let before = Array(repeating: Literal.anything, count: index)
        result.append(
          holds(
            .types(.array), .itemCount(min: index + 1, max: nil),
            .items(prefix: before + [part.negated], rest: nil)))
      }
      guard let rest, !isTrue(rest) else { return result }
      if rest.isNever(in: nodes) {
        return result + [holds(.types(.array), .itemCount(min: prefix.count + 1, max: nil))]
      }
      guard prefix.isEmpty else { throw unsupported }
      return [holds(.types(.array), .contains(rest.negated, min: 1, max: nil))]
    case .contains(let value, let min, let max):
      if min == 1, max == nil {
        return [holds(.types(.array), .items(prefix: [], rest: value.negated))]
      }
      return Self.outside(min, max).map {
        holds(.types(.array), .contains(value, min: $0.min, max: $0.max))
      }
    default: throw unsupported
    }
  }
}

extension Literal {
  /// Whether the subschema is `false`.
  func isNever(in nodes: [SchemaNode]) -> Bool {
    isNegative ? nodes[node].assertions.isEmpty : nodes[node].assertions.first?.assertion == .never
  }
}
