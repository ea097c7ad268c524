/// Copies of a grammar what can be written to an end, and leaves out the rest.
struct DraftCleaner {
  private let draft: Grammar
  private var productive: [Bool]
  private var lexemes: [Int: Bool] = [:]

  /// Begins with a grammar.
  init(_ draft: Grammar) {
    self.draft = draft
    productive = Array(repeating: false, count: draft.rules.count)
  }

  /// Finds the rules that have a finite text.
  mutating func findProductive(
    _ languages: inout LanguageTable
  ) throws(LanguageTable.Exhausted) {
    var users: [Int: [Int]] = [:]
    for (index, rule) in draft.rules.enumerated() {
      rule.body.forEachRule { users[$0, default: []].append(index) }
    }
    var work = Array(draft.rules.indices)
    while let rule = work.popLast() {
      guard !productive[rule] else { continue }
      guard try isProductive(draft.rules[rule].body, &languages) else { continue }
      productive[rule] = true
      work += users[rule] ?? []
    }
  }

  /// Whether an expression has a finite text.
  mutating func isProductive(
    _ expression: Grammar.Expression, _ languages: inout LanguageTable
  ) throws(LanguageTable.Exhausted) -> Bool {
    switch expression {
    case .token: return true
    case .rule(let rule): return productive.indices.contains(rule) && productive[rule]
    case .lexeme(let index):
      if let known = lexemes[index] { return known }
      let isLive = try !languages.isEmpty(draft.lexemes[index].checkedLanguage)
      lexemes[index] = isLive
      return isLive
    case .sequence(let parts):
      // All parts are looked at, so that what is copied later is known.
      var result = true
      for part in parts where try !isProductive(part, &languages) { result = false }
      return result
    case .alternatives(let parts):
      var result = false
      for part in parts where try isProductive(part, &languages) { result = true }
      return result
    case .repetition(let part, let min, _):
      let inner = try isProductive(part, &languages)
      return inner || min == 0
    }
  }

  /// Copies an expression that has a text, and the rules that it needs.
  func copy(
    _ start: Grammar.Expression, into builder: inout GrammarBuilder
  ) -> Grammar.Expression {
    var numbers: [Int: Int] = [:]
    var work: [Int] = []
    let result = copied(start, &builder, &numbers, &work)
    while let rule = work.popLast() {
      let body = copied(draft.rules[rule].body, &builder, &numbers, &work)
      if let number = numbers[rule] { builder.define(number, as: body ?? .alternatives([])) }
    }
    return result ?? .alternatives([])
  }

  /// The copy; nil where the expression has no text.
  private func copied(
    _ expression: Grammar.Expression, _ builder: inout GrammarBuilder, _ numbers: inout [Int: Int],
    _ work: inout [Int]
  ) -> Grammar.Expression? {
    switch expression {
    case .token: return expression
    case .lexeme(let index):
      return lexemes[index] == true ? builder.lexeme(draft.lexemes[index]) : nil
    case .rule(let rule):
      guard productive[rule] else { return nil }
      if let number = numbers[rule] { return .rule(number) }
      let number = builder.rule(named: draft.rules[rule].name)
      numbers[rule] = number
      work.append(rule)
      return .rule(number)
    case .sequence(let parts):
      guard parts.allSatisfy(isLive) else { return nil }
      let copies = parts.compactMap { copied($0, &builder, &numbers, &work) }
        .filter { $0 != .sequence([]) }
      return copies.count == 1 ? copies[0] : .sequence(copies)
    case .alternatives(let parts):
      let copies = parts.compactMap { copied($0, &builder, &numbers, &work) }
      return copies.isEmpty ? nil : .anyOf(copies)
    case .repetition(let part, let min, let max):
      guard max != 0, let inner = copied(part, &builder, &numbers, &work) else {
        return min == 0 ? .sequence([]) : nil
      }
      return min == 1 && max == 1 ? inner : .repetition(inner, min: min, max: max)
    }
  }

  private func isLive(_ expression: Grammar.Expression) -> Bool {
    switch expression {
    case .token: true
    case .lexeme(let index): lexemes[index] == true
    case .rule(let rule): productive[rule]
    case .sequence(let parts): parts.allSatisfy(isLive)
    case .alternatives(let parts): parts.contains(where: isLive)
    case .repetition(let part, let min, _): min == 0 || isLive(part)
    }
  }
}

extension Grammar.Expression {
  /// Names each rule that the expression mentions.
  func forEachRule(_ body: (Int) -> Void) {
    switch self {
    case .lexeme, .token: break
    case .rule(let rule): body(rule)
    case .sequence(let parts), .alternatives(let parts):
      for part in parts { part.forEachRule(body) }
    case .repetition(let part, _, _): part.forEachRule(body)
    }
  }
}

extension Grammar.Lexeme {
  /// The language with the bounds of its units, where these are small enough to be spelled out; larger
  /// ones are looked at when the grammar is compiled.
  fileprivate var checkedLanguage: Regex {
    guard let count, language != StringLanguages.units, count.min <= 256, count.max ?? 0 <= 256
    else { return language }
    let units = Regex.repetition(count.unit, min: count.min, max: count.max)
    return .intersection([language, .sequence([.literal(count.prefix), units, count.suffix])])
  }
}
