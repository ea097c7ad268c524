import JSON

extension SchemaWriter {
  /// A member that has a name of its own.
  struct Member {
    /// The name.
    var name: String
    /// The value.
    var value: Grammar.Expression
    /// Whether it must be there.
    var isRequired: Bool

    /// The name, the colon and the value.
    var text: Grammar.Expression
  }

  /// The objects of facts.
  mutating func object(
    _ facts: Facts, _ literals: [Literal]
  ) throws(SchemaFault) -> Grammar.Expression {
    var names = MemberNames(facts)
    var members: [Member] = []
    var classes: [NameClass] = []
    do {
      let isNamed = try names.restrict(by: self)
      for name in names.declared {
        let value = try names.value(of: name, &languages)
        let isRequired = facts.isRequired(name)
        let isNever =
          try !isNamed(name, &evaluator)
          || value.contains { $0.isNever(in: expansion.nodes) }
        if isNever, isRequired { return .alternatives([]) }
        if !isNever { members.append(member(name, value, isRequired: isRequired)) }
      }
      classes = try names.classes(&languages, expansion)
      try enumerate(&classes, &members, facts, literals)
    } catch let fault as SchemaFault {
      throw fault
    } catch {
      throw tooComplex(literals)
    }
    var others: [Grammar.Expression] = []
    for one in classes {
      let name = draft.lexeme(Grammar.Lexeme(one.written, isUnique: one.isUnique))
      others.append(.sequence([name, draft.lexeme(marks.colon), expression(for: one.value)]))
    }
    return try objects(
      members, others.isEmpty ? nil : .anyOf(others), facts, literals)
  }

  private mutating func member(
    _ name: String, _ value: [Literal], isRequired: Bool
  ) -> Member {
    let value = expression(for: value)
    return Member(
      name: name, value: value, isRequired: isRequired,
      text: .sequence([draft.lexeme(marks.name(name)), value]))
  }

  /// Makes members of names of which there are few, so that each is written at most once.
  private mutating func enumerate(
    _ classes: inout [NameClass], _ members: inout [Member], _ facts: Facts, _ literals: [Literal]
  ) throws {
    var left: [NameClass] = []
    for var one in classes {
      if !one.isWide, let few = try languages.texts(one.names, atMost: 64) {
        for bytes in few.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
          members.append(
            member(String(decoding: bytes, as: UTF8.self), one.value, isRequired: false))
        }
        continue
      }
      if !one.isWide, try !languages.alwaysHasAnotherEnd(one.written) {
        if facts.memberCount.min > 0 || facts.memberCount.max != nil {
          throw SchemaFault(
            .unsupported, at: .pointer(one.pointer ?? expansion.pointer(of: literals)),
            "allows too few names for a number of members to be enforced")
        }
        // A name that comes twice does no harm to what a reader makes of the object.
        one.isUnique = false
      }
      left.append(one)
    }
    classes = left
  }

  private mutating func objects(
    _ members: [Member], _ others: Grammar.Expression?, _ facts: Facts, _ literals: [Literal]
  ) throws(SchemaFault) -> Grammar.Expression {
    let required = members.count { $0.isRequired }
    var (min, max) = facts.memberCount
    if min <= required { min = 0 }
    if others == nil, let most = max, members.count <= most { max = nil }
    if let max, max < required { return .alternatives([]) }
    if others == nil, min > members.count { return .alternatives([]) }
    let layout = ObjectLayout(marks: marks, members: members, others: others)
    if min == 0, max == nil { return layout.free(&draft) }
    if required == members.count { return layout.counted(&draft, min: min, max: max) }
    guard let result = layout.tracked(&draft, min: min, max: max) else {
      throw SchemaFault(
        .tooComplex, at: .pointer(facts.pointers["count"] ?? expansion.pointer(of: literals)),
        "bounds the number of members among too many optional ones")
    }
    return result
  }
}

/// Names that undeclared members may have, with what their values are.
struct NameClass {
  /// The names, unescaped.
  var names: Regex
  /// Whether the names are all but a few.
  var isWide: Bool
  /// What the value is.
  var value: [Literal]
  /// Whether a name may come once only.
  var isUnique = true
  /// The keyword that gives the names.
  var pointer: String?

  /// The names as they are written, with quotation marks.
  var written: Regex {
    StringLanguages.quoted(StringLanguages.spell(names, isCanonical: true))
  }
}

/// What facts say of the names of members.
struct MemberNames {
  /// The names with a value of their own, in the order of the document.
  private(set) var declared: [String] = []
  private let facts: Facts
  private var patterns: [MemberRules.Matched] = []
  private var allowed: Regex?
  private var pointer: String?

  /// Collects the names of facts.
  init(_ facts: Facts) {
    self.facts = facts
    var seen: Set<[UInt8]> = []
    for rules in facts.members {
      for member in rules.named where seen.insert(Array(member.name.utf8)).inserted {
        declared.append(member.name)
      }
      for rule in rules.matched where !patterns.contains(where: { $0.names == rule.names }) {
        patterns.append(rule)
      }
    }
    for required in facts.required where seen.insert(Array(required.name.utf8)).inserted {
      declared.append(required.name)
    }
  }

  /// Takes over what `propertyNames` says, and gives a check of single names.
  mutating func restrict(
    by writer: SchemaWriter
  ) throws(SchemaFault) -> (
    (String, inout SchemaEvaluator) throws(LanguageTable.Exhausted) -> Bool
  ) {
    let literals = facts.names
    guard !literals.isEmpty else { return { _, _ in true } }
    var writer = writer
    var parts: [Regex] = []
    for one in try writer.expansion.alternatives(literals)
    where one.contradiction == nil && one.types.contains(.string) {
      if let values = one.values {
        let texts = values.compactMap { value -> Regex? in
          if case .string(let text) = value { Regex(text) } else { nil }
        }
        parts.append(.alternatives(texts))
      } else {
        parts.append(writer.content(one, withLength: true) ?? .everything)
      }
    }
    allowed = .intersection([StringLanguages.unicode, .alternatives(parts)])
    pointer = writer.expansion.pointer(of: literals)
    return { name, evaluator throws(LanguageTable.Exhausted) in
      try evaluator.accepts(.string(name), literals)
    }
  }

  /// What the value of a declared member must be.
  func value(
    of name: String, _ languages: inout LanguageTable
  ) throws(LanguageTable.Exhausted) -> [Literal] {
    var unmatched: Set<Regex> = []
    var matching: Set<Regex> = []
    for pattern in patterns {
      if try languages.contains(pattern.names, name.utf8) {
        matching.insert(pattern.names)
      } else {
        unmatched.insert(pattern.names)
      }
    }
    return facts.meet(of: name, without: unmatched)
      + facts.members.flatMap { rules in
        rules.matched.filter { matching.contains($0.names) }.map(\.value)
      }
  }

  /// The names that are not declared, by the patterns that they match.
  func classes(
    _ languages: inout LanguageTable, _ expansion: Expansion
  ) throws -> [NameClass] {
    var rest: [Regex] = []
    if let allowed { rest.append(allowed) }
    if !declared.isEmpty {
      rest.append(.complement(TextTrie.language(of: declared.map { Array($0.utf8) })))
    }
    var groups: [(names: [Regex], matching: Set<Regex>)] = [(rest, [])]
    for pattern in patterns {
      var next: [(names: [Regex], matching: Set<Regex>)] = []
      for group in groups {
        for isIn in [true, false] {
          let names = group.names + [isIn ? pattern.names : .complement(pattern.names)]
          if try languages.isEmpty(.intersection(names + [StringLanguages.unicode])) { continue }
          next.append((names, isIn ? group.matching.union([pattern.names]) : group.matching))
        }
      }
      if next.count > 64 {
        throw SchemaFault(
          .tooComplex, at: .pointer(pattern.pointer), "overlaps too many other patterns")
      }
      groups = next
    }
    var result: [NameClass] = []
    for group in groups {
      let value = values(matching: group.matching)
      if value.contains(where: { $0.isNever(in: expansion.nodes) }) { continue }
      let names = Regex.intersection(group.names + [StringLanguages.unicode])
      let isWide = allowed == nil && group.matching.isEmpty && patterns.isEmpty
      let source = patterns.first { group.matching.contains($0.names) }?.pointer ?? pointer
      result.append(NameClass(names: names, isWide: isWide, value: value, pointer: source))
    }
    return result
  }

  private func values(matching: Set<Regex>) -> [Literal] {
    var result: [Literal] = []
    for rules in facts.members {
      let matched = rules.matched.filter { matching.contains($0.names) }.map(\.value)
      if matched.isEmpty, let additional = rules.additional {
        result.append(additional)
      } else {
        result += matched
      }
    }
    return result
  }
}
