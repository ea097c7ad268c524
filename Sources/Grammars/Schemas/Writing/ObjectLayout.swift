/// Puts the members of objects in their order, with commas between them.
struct ObjectLayout {
  /// The structural lexemes.
  let marks: JSONMarks
  /// The members that have a name of their own, in their order.
  let members: [SchemaWriter.Member]
  /// Another member; nil where there is none.
  let others: Grammar.Expression?

  private static let blockLength = 32
  private static let longLength = 256
  private static let stateLimit = 4_000

  private func braces(
    _ draft: inout GrammarBuilder, _ inner: Grammar.Expression, isEmptyAllowed: Bool
  ) -> Grammar.Expression {
    let full = Grammar.Expression.sequence([
      draft.lexeme(marks.openObject), inner, draft.lexeme(marks.closeObject),
    ])
    return isEmptyAllowed ? .alternatives([draft.lexeme(marks.emptyObject), full]) : full
  }

  /// Any number of other members after a first one.
  private func more(
    _ draft: inout GrammarBuilder, min: Int = 0, max: Int? = nil
  ) -> Grammar.Expression {
    guard let others else { return .sequence([]) }
    return .repetition(
      .sequence([draft.lexeme(marks.comma), others]), min: min, max: max)
  }

  /// Objects without a bound on the number of members.
  func free(_ draft: inout GrammarBuilder) -> Grammar.Expression {
    let comma = draft.lexeme(marks.comma)
    if let anchor = members.firstIndex(where: \.isRequired) {
      var parts: [Grammar.Expression] = []
      for (index, member) in members.enumerated() {
        if index < anchor {
          parts.append(.sequence([member.text, comma]).optional)
        } else if index == anchor {
          parts.append(member.text)
        } else {
          let next = Grammar.Expression.sequence([comma, member.text])
          parts.append(member.isRequired ? next : next.optional)
        }
      }
      parts.append(more(&draft))
      return braces(&draft, .sequence(parts), isEmptyAllowed: false)
    }
    var firsts: [Grammar.Expression] = []
    let tails = self.tails(&draft)
    for (index, member) in members.enumerated() {
      firsts.append(.sequence([member.text, tails[index]]))
    }
    if let others { firsts.append(.sequence([others, more(&draft)])) }
    if firsts.isEmpty { return draft.lexeme(marks.emptyObject) }
    return braces(&draft, .anyOf(firsts), isEmptyAllowed: true)
  }

  /// What may follow each member where all are optional.
  ///
  /// Rules hold a block of members each, so that neither the rules nor their nesting grow too much.
  private func tails(_ draft: inout GrammarBuilder) -> [Grammar.Expression] {
    let comma = draft.lexeme(marks.comma)
    var result = Array(repeating: Grammar.Expression.sequence([]), count: members.count)
    guard !members.isEmpty else { return result }
    let last = draft.rule(named: "members")
    draft.define(last, as: more(&draft))
    var blockTail = Grammar.Expression.rule(last)
    var parts: [Grammar.Expression] = []
    let isLong = members.count > Self.longLength
    for index in members.indices.reversed() {
      let rule = draft.rule(named: "members")
      draft.define(rule, as: .sequence(parts + [blockTail]))
      result[index] = .rule(rule)
      var next = Grammar.Expression.sequence([comma, members[index].text]).optional
      if isLong {
        let single = draft.rule(named: "members")
        draft.define(single, as: next)
        next = .rule(single)
      }
      parts.insert(next, at: 0)
      if parts.count == (isLong ? Self.blockLength / 4 : Self.blockLength) {
        let block = draft.rule(named: "members")
        draft.define(block, as: .sequence(parts + [blockTail]))
        blockTail = .rule(block)
        parts = []
      }
    }
    return result
  }

  /// Objects whose named members are all required, with a bounded number of others.
  func counted(_ draft: inout GrammarBuilder, min: Int, max: Int?) -> Grammar.Expression {
    let comma = draft.lexeme(marks.comma)
    let count = members.count
    let least = Swift.max(0, min - count)
    let most = max.map { $0 - count }
    if members.isEmpty {
      guard let others, most != 0 else { return draft.lexeme(marks.emptyObject) }
      let rest = more(&draft, min: Swift.max(0, least - 1), max: most.map { $0 - 1 })
      return braces(&draft, .sequence([others, rest]), isEmptyAllowed: least == 0)
    }
    var parts: [Grammar.Expression] = []
    for (index, member) in members.enumerated() {
      parts.append(index == 0 ? member.text : .sequence([comma, member.text]))
    }
    parts.append(more(&draft, min: least, max: most))
    return braces(&draft, .sequence(parts), isEmptyAllowed: false)
  }

  /// Objects with a bounded number of members, some of them optional; nil where rules get too many.
  func tracked(_ draft: inout GrammarBuilder, min: Int, max: Int?) -> Grammar.Expression? {
    let comma = draft.lexeme(marks.comma)
    let cap = max ?? min
    guard cap < Self.stateLimit, (cap + 1) * (members.count + 1) <= Self.stateLimit else {
      return nil
    }
    // next[c]: what may follow when c members were written and the first `index` were decided.
    var next: [Grammar.Expression] = []
    for count in 0...cap {
      let least = Swift.max(0, min - count)
      let most = max.map { $0 - count }
      guard let others else {
        next.append(least == 0 ? .sequence([]) : .alternatives([]))
        continue
      }
      let tail = draft.rule(named: "members")
      if count > 0 {
        draft.define(tail, as: more(&draft, min: least, max: most))
      } else if most == 0 {
        draft.define(tail, as: .sequence([]))
      } else {
        let rest = more(&draft, min: Swift.max(0, least - 1), max: most.map { $0 - 1 })
        let some = Grammar.Expression.sequence([others, rest])
        draft.define(tail, as: least == 0 ? some.optional : some)
      }
      next.append(.rule(tail))
    }
    for member in members.reversed() {
      var current: [Grammar.Expression] = []
      for count in 0...cap {
        var parts: [Grammar.Expression] = []
        let following = max == nil ? Swift.min(count + 1, cap) : count + 1
        if following <= cap {
          let text = count == 0 ? [member.text] : [comma, member.text]
          parts.append(.sequence(text + [next[following]]))
        }
        if !member.isRequired { parts.append(next[count]) }
        let rule = draft.rule(named: "members")
        draft.define(rule, as: .anyOf(parts))
        current.append(.rule(rule))
      }
      next = current
    }
    return braces(&draft, next[0], isEmptyAllowed: false)
  }
}
