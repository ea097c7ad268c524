import JSON

extension SchemaWriter {
  /// Arrays whose elements differ from one another.
  mutating func uniqueArray(
    _ facts: Facts, min: Int, max: Int?, prefixLength: Int
  ) throws(SchemaFault) -> Grammar.Expression {
    let pointer = facts.pointers["unique"] ?? ""
    let fault = SchemaFault(
      .unsupported, at: .pointer(pointer), "cannot be enforced for these elements")
    guard prefixLength == 0, facts.contains.isEmpty else { throw fault }
    let element = facts.element(0)
    let alternatives = try expansion.alternatives(element).filter { $0.contradiction == nil }
    if let values = try finiteValues(alternatives, element) {
      guard values.count <= 8 else { throw fault }
      return permutations(values, min: min, max: max)
    }
    guard alternatives.count == 1, let item = try uniqueLexeme(alternatives[0], fault) else {
      throw fault
    }
    let lexeme = draft.lexeme(item)
    let more = Grammar.Expression.repetition(
      .sequence([draft.lexeme(marks.comma), lexeme]), min: Swift.max(0, min - 1),
      max: max.map { $0 - 1 })
    let full = Grammar.Expression.sequence([
      draft.lexeme(marks.openArray), lexeme, more, draft.lexeme(marks.closeArray),
    ])
    return min == 0 ? .alternatives([draft.lexeme(marks.emptyArray), full]) : full
  }

  /// All values of alternatives, each once; nil where they are not listed.
  private mutating func finiteValues(
    _ alternatives: [Facts], _ literals: [Literal]
  ) throws(SchemaFault) -> [JSONValue]? {
    var result: [JSONValue] = []
    for facts in alternatives {
      var values = facts.values ?? []
      if facts.values == nil {
        let words: TypeSet = [.null, .boolean]
        guard words.isSuperset(of: facts.types) else { return nil }
        values = [.null, .bool(true), .bool(false)]
      }
      for value in values {
        do {
          if try evaluator.accepts(value, literals) { result.append(value) }
        } catch {
          throw tooComplex(literals)
        }
      }
    }
    return ValueList(result).values
  }

  /// Each order of some of the values: a rule for each set of those that are left.
  private mutating func permutations(
    _ values: [JSONValue], min: Int, max: Int?
  ) -> Grammar.Expression {
    let comma = draft.lexeme(marks.comma)
    let texts = values.map { draft.lexeme(marks.constant($0)) }
    let all = (1 << values.count) - 1
    let rules = (0...all).map { _ in draft.rule(named: "elements") }
    for left in 0...all {
      let written = values.count - left.nonzeroBitCount
      var parts: [Grammar.Expression] = written >= min ? [.sequence([])] : []
      if max.map({ written < $0 }) ?? true {
        for (index, text) in texts.enumerated() where left >> index & 1 == 1 {
          parts.append(.sequence([comma, text, .rule(rules[left & ~(1 << index)])]))
        }
      }
      draft.define(rules[left], as: .anyOf(parts))
    }
    var firsts: [Grammar.Expression] = []
    for (index, text) in texts.enumerated() {
      firsts.append(.sequence([text, .rule(rules[all & ~(1 << index)])]))
    }
    let full = Grammar.Expression.sequence([
      draft.lexeme(marks.openArray), .anyOf(firsts), draft.lexeme(marks.closeArray),
    ])
    return min == 0 ? .alternatives([draft.lexeme(marks.emptyArray), full]) : full
  }

  /// A lexeme of endlessly many values of which no two texts mean the same.
  private mutating func uniqueLexeme(
    _ facts: Facts, _ fault: SchemaFault
  ) throws(SchemaFault) -> Grammar.Lexeme? {
    if facts.types == .string {
      var item = try string(facts, isCanonical: true)
      if item.count != nil {
        // Lengths are for canonical strings too.
        guard facts.length.max == nil else { return nil }
        item.language = StringLanguages.canonical
        item.count = StringLanguages.canonicalCount(min: facts.length.min)
      } else if content(facts, withLength: false) != nil {
        do {
          guard try languages.alwaysHasAnotherEnd(item.language) else { return nil }
        } catch {
          throw fault
        }
      }
      item.isUnique = true
      return item
    }
    guard TypeSet.number.isSuperset(of: facts.types), !facts.types.isEmpty,
      facts.multiples.isEmpty, facts.notMultiples.isEmpty
    else { return nil }
    // Whole numbers between two bounds would run out.
    if !facts.types.contains(.fraction), facts.lowest != nil, facts.highest != nil { return nil }
    return Grammar.Lexeme(numbers(facts, isCanonical: true), isUnique: true)
  }
}
