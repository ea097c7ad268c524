import JSON

extension SchemaWriter {
  /// The arrays of facts.
  mutating func array(
    _ facts: Facts, _ literals: [Literal]
  ) throws(SchemaFault) -> Grammar.Expression {
    let prefixLength = facts.items.map(\.prefix.count).max() ?? 0
    var (min, max) = facts.itemCount
    for index in 0...prefixLength
    where facts.element(index).contains(where: { $0.isNever(in: expansion.nodes) }) {
      max = Swift.min(max ?? index, index)
    }
    if let max, max < min { return .alternatives([]) }
    if min > 1_000_000 {
      throw SchemaFault(
        .tooComplex, at: .pointer(expansion.pointer(of: literals)),
        "wants \(min) elements; the limit is 1000000")
    }
    if max == 0 {
      let isRefused = facts.contains.contains { $0.min > 0 }
      return isRefused ? .alternatives([]) : draft.lexeme(marks.emptyArray)
    }
    if facts.isUnique, max != 1 {
      return try uniqueArray(facts, min: min, max: max, prefixLength: prefixLength)
    }
    let needed = facts.contains.filter { $0.min > 0 || $0.max != nil }
    if !needed.isEmpty {
      return try countingArray(facts, needed, min: min, max: max, prefixLength: prefixLength)
    }
    return plainArray(facts, min: min, max: max, prefixLength: prefixLength)
  }

  private mutating func brackets(
    _ inner: Grammar.Expression?, isEmptyAllowed: Bool
  ) -> Grammar.Expression {
    let empty = draft.lexeme(marks.emptyArray)
    guard let inner else { return isEmptyAllowed ? empty : .alternatives([]) }
    let full = Grammar.Expression.sequence([
      draft.lexeme(marks.openArray), inner, draft.lexeme(marks.closeArray),
    ])
    return isEmptyAllowed ? .alternatives([empty, full]) : full
  }

  private mutating func plainArray(
    _ facts: Facts, min: Int, max: Int?, prefixLength: Int
  ) -> Grammar.Expression {
    let comma = draft.lexeme(marks.comma)
    let end = Swift.min(prefixLength, max ?? prefixLength)
    var tail = Grammar.Expression.sequence([])
    if max != prefixLength, end == prefixLength {
      let rest = expression(for: facts.element(prefixLength))
      if prefixLength == 0 {
        let more = Grammar.Expression.repetition(
          .sequence([comma, rest]), min: Swift.max(0, min - 1), max: max.map { $0 - 1 })
        return brackets(.sequence([rest, more]), isEmptyAllowed: min == 0)
      }
      tail = .repetition(
        .sequence([comma, rest]), min: Swift.max(0, min - prefixLength),
        max: max.map { $0 - prefixLength })
    }
    for index in (1..<Swift.max(end, 1)).reversed() {
      let next = Grammar.Expression.sequence([
        comma, expression(for: facts.element(index)), tail,
      ])
      tail = index < min ? next : next.optional
      // Rules in between keep the nesting of expressions flat.
      if index % 16 == 0 {
        let rule = draft.rule(named: "elements")
        draft.define(rule, as: tail)
        tail = .rule(rule)
      }
    }
    return brackets(
      .sequence([expression(for: facts.element(0)), tail]), isEmptyAllowed: min == 0)
  }

  // MARK: Arrays that contain a number of certain elements

  private mutating func countingArray(
    _ facts: Facts, _ needed: [Facts.Contains], min: Int, max: Int?, prefixLength: Int
  ) throws(SchemaFault) -> Grammar.Expression {
    let contains = needed[0]
    let items = Swift.max(max ?? min, prefixLength)
    let found = contains.max ?? contains.min
    guard needed.count == 1 else {
      throw SchemaFault(
        .unsupported, at: .pointer(needed[1].pointer), "is beside another contains")
    }
    if let most = contains.max, most < contains.min { return .alternatives([]) }
    guard items <= 1_000, found <= 1_000, (items + 1) * (found + 1) <= 4_000 else {
      throw SchemaFault(
        .tooComplex, at: .pointer(contains.pointer), "counts too many elements")
    }
    let comma = draft.lexeme(marks.comma)
    var rules: [[Int]] = []
    for _ in 0...items {
      rules.append((0...found).map { _ in draft.rule(named: "elements") })
    }
    for (index, row) in rules.enumerated() {
      let element = facts.element(index)
      let with = expression(for: element + [contains.value])
      let without =
        contains.max == nil
        ? expression(for: element) : expression(for: element + [contains.value.negated])
      let last = index == items
      for (count, rule) in row.enumerated() {
        var parts: [Grammar.Expression] = []
        if index >= min, count >= contains.min { parts.append(.sequence([])) }
        let start: [Grammar.Expression] = index == 0 ? [] : [comma]
        let below = last ? index : index + 1
        // The last row stands for all further ones where their number has no bound.
        if !last || max == nil {
          // Of an unbounded first row the comma is missing once only.
          if items == 0 {
            parts += unbounded(rules[0], count, contains, with, without)
          } else {
            parts.append(.sequence(start + [without, .rule(rules[below][count])]))
            let more = contains.max == nil ? Swift.min(count + 1, found) : count + 1
            if more <= found {
              parts.append(.sequence(start + [with, .rule(rules[below][more])]))
            }
          }
        }
        draft.define(rule, as: .anyOf(parts))
      }
    }
    return brackets(
      items == 0 ? firstElement(rules[0], contains, facts) : nonempty(rules, facts, contains),
      isEmptyAllowed: min == 0 && contains.min == 0)
  }

  /// What follows an element of which any number comes.
  private mutating func unbounded(
    _ row: [Int], _ count: Int, _ contains: Facts.Contains, _ with: Grammar.Expression,
    _ without: Grammar.Expression
  ) -> [Grammar.Expression] {
    let comma = draft.lexeme(marks.comma)
    var parts: [Grammar.Expression] = [.sequence([comma, without, .rule(row[count])])]
    let more = contains.max == nil ? Swift.min(count + 1, row.count - 1) : count + 1
    if more < row.count { parts.append(.sequence([comma, with, .rule(row[more])])) }
    return parts
  }

  private mutating func firstElement(
    _ row: [Int], _ contains: Facts.Contains, _ facts: Facts
  ) -> Grammar.Expression {
    first(facts, contains, next: row)
  }

  private mutating func nonempty(
    _ rules: [[Int]], _ facts: Facts, _ contains: Facts.Contains
  ) -> Grammar.Expression {
    first(facts, contains, next: rules[1])
  }

  private mutating func first(
    _ facts: Facts, _ contains: Facts.Contains, next: [Int]
  ) -> Grammar.Expression {
    let element = facts.element(0)
    let with = expression(for: element + [contains.value])
    let without =
      contains.max == nil
      ? expression(for: element) : expression(for: element + [contains.value.negated])
    var parts: [Grammar.Expression] = [.sequence([without, .rule(next[0])])]
    let more = contains.max == nil ? Swift.min(1, next.count - 1) : 1
    if more < next.count { parts.append(.sequence([with, .rule(next[more])])) }
    return .anyOf(parts)
  }
}

extension Facts {
  /// What the element at an index must be.
  func element(_ index: Int) -> [Literal] {
    items.compactMap { index < $0.prefix.count ? $0.prefix[index] : $0.rest }
  }
}
