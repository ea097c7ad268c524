import Grammars

/// The plain twin of the matcher: Earley's algorithm byte by byte, with derivatives for lexemes.
///
/// It takes what the rules say word by word. An item is a place in the body of one expansion of a rule.
struct PlainMatcher {
  /// What is known of a text.
  enum Verdict: Equatable {
    /// No text of the grammar begins with the bytes up to this one, counted from 0.
    case refused(at: Int)
    /// Texts begin like this, but it is none.
    case prefix
    /// It is a text of the grammar.
    case complete
  }

  private struct Item: Hashable {
    var rule: Int
    /// What is still to come in the expansion, the next last.
    var rest: [Step]
    var origin: Int
    /// The texts of unique lexemes in this expansion.
    var seen: [[UInt8]] = []
    var scan: Scan?

    func adding(_ step: Step) -> Item {
      var copy = self
      copy.rest.append(step)
      return copy
    }
  }

  private struct Scan: Hashable {
    var lexeme: Int
    var residual: Int
    var text: [UInt8] = []
  }

  private enum Step: Hashable {
    case part(Int)
    case loop(Int, count: Int, startedAt: Int)
  }

  /// An expression with the numbers of its parts.
  private enum Part {
    case lexeme(Int)
    case rule(Int)
    case token(Int32)
    case sequence([Int])
    case alternatives([Int])
    case repetition(Int, min: Int, max: Int?)
  }

  private struct Column {
    var items: Set<Item> = []
    var waiting: [Int: [Item]] = [:]
    var emptied: Set<Int> = []
    var scanning: [Item] = []
    var tokens: [(Int32, Item)] = []
    var isComplete = false
  }

  private let grammar: Grammar
  private let regexes = PlainRegex()
  private var lexemes: [Int] = []
  private var parts: [Part] = []
  private var bodies: [Int] = []
  private var productive: Set<Int> = []
  private var columns: [Column] = []

  /// Begins a text.
  init(_ grammar: Grammar) {
    self.grammar = grammar
    lexemes = grammar.lexemes.map(regexes.node)
    for rule in grammar.rules { bodies.append(part(of: rule.body)) }
    findProductive()
    columns = [Column()]
    if productive.contains(grammar.start) {
      run([Item(rule: grammar.start, rest: [.part(bodies[grammar.start])], origin: 0)])
    }
  }

  /// Says what bytes are to a grammar.
  static func verdict(_ grammar: Grammar, _ bytes: some Sequence<UInt8>) -> Verdict {
    var matcher = PlainMatcher(grammar)
    return matcher.verdict(bytes)
  }

  /// Goes on with bytes and says what the text is now.
  mutating func verdict(_ bytes: some Sequence<UInt8>) -> Verdict {
    guard isAlive else { return .refused(at: 0) }
    for (index, byte) in bytes.enumerated() where !accept(byte) { return .refused(at: index) }
    return mayEnd ? .complete : .prefix
  }

  /// Whether the text so far is complete.
  var mayEnd: Bool { columns[columns.count - 1].isComplete }

  /// Whether something can follow the text.
  var canContinue: Bool {
    let column = columns[columns.count - 1]
    return !column.scanning.isEmpty || !column.tokens.isEmpty
  }

  private var isAlive: Bool { mayEnd || canContinue }

  /// Takes a byte, or leaves the text as it is where no text of the grammar goes on with it.
  mutating func accept(_ byte: UInt8) -> Bool {
    let last = columns[columns.count - 1]
    columns.append(Column())
    var work: [Item] = []
    for item in last.scanning {
      guard let scan = item.scan else { continue }
      let residual = regexes.derivative(scan.residual, byte)
      guard regexes.isLive(residual) else { continue }
      let isUnique = grammar.lexemes[scan.lexeme].isUnique
      let text = isUnique ? scan.text + [byte] : []
      work += scanned(
        item, Scan(lexeme: scan.lexeme, residual: residual, text: text), isUnique: isUnique)
    }
    return finish(work)
  }

  /// Takes a control token, or leaves the text as it is.
  mutating func accept(token: Int32) -> Bool {
    let work = columns[columns.count - 1].tokens.filter { $0.0 == token }.map(\.1)
    columns.append(Column())
    return finish(work)
  }

  private mutating func finish(_ work: [Item]) -> Bool {
    run(work)
    if isAlive { return true }
    columns.removeLast()
    return false
  }

  /// An item within a lexeme: it goes on, or ends here, or both.
  private func scanned(_ item: Item, _ scan: Scan, isUnique: Bool) -> [Item] {
    var result: [Item] = []
    if regexes.canContinue(scan.residual) {
      var item = item
      item.scan = scan
      result.append(item)
    }
    if regexes.isNullable(scan.residual), !isUnique || !item.seen.contains(scan.text) {
      var item = item
      item.scan = nil
      if isUnique { item.seen.append(scan.text) }
      result.append(item)
    }
    return result
  }

  private mutating func run(_ start: [Item]) {
    var work = start
    while let item = work.popLast() {
      guard columns[columns.count - 1].items.insert(item).inserted else { continue }
      if item.scan != nil {
        columns[columns.count - 1].scanning.append(item)
      } else {
        work += successors(of: item)
      }
    }
  }

  private mutating func successors(of item: Item) -> [Item] {
    let position = columns.count - 1
    var item = item
    guard let step = item.rest.popLast() else { return complete(item) }
    switch step {
    case .loop(let number, let count, let startedAt):
      return iterate(item, number, count: count, startedAt: startedAt)
    case .part(let number):
      guard isProductive(number) else { return [] }
      switch parts[number] {
      case .sequence(let inner):
        item.rest += inner.reversed().map(Step.part)
        return [item]
      case .alternatives(let inner): return inner.map { item.adding(.part($0)) }
      case .repetition: return [item.adding(.loop(number, count: 0, startedAt: -1))]
      case .token(let token):
        columns[position].tokens.append((token, item))
        return []
      case .lexeme(let index):
        guard regexes.isLive(lexemes[index]) else { return [] }
        return scanned(
          item, Scan(lexeme: index, residual: lexemes[index]),
          isUnique: grammar.lexemes[index].isUnique)
      case .rule(let rule):
        guard productive.contains(rule) else { return [] }
        columns[position].waiting[rule, default: []].append(item)
        let begun = Item(rule: rule, rest: [.part(bodies[rule])], origin: position)
        return columns[position].emptied.contains(rule) ? [begun, item] : [begun]
      }
    }
  }

  private mutating func complete(_ item: Item) -> [Item] {
    let position = columns.count - 1
    if item.rule == grammar.start, item.origin == 0 { columns[position].isComplete = true }
    if item.origin == position { columns[position].emptied.insert(item.rule) }
    return columns[item.origin].waiting[item.rule] ?? []
  }

  private func iterate(_ item: Item, _ number: Int, count: Int, startedAt: Int) -> [Item] {
    guard case .repetition(let inner, let min, let max) = parts[number] else { return [] }
    let position = columns.count - 1
    // An empty round may stand for all that are still owed.
    if startedAt == position { return [item] }
    var result = count >= min ? [item] : []
    if max.map({ count < $0 }) ?? true {
      let next = max == nil ? Swift.min(count + 1, min) : count + 1
      result.append(
        item.adding(.loop(number, count: next, startedAt: position)).adding(.part(inner)))
    }
    return result
  }

  private mutating func part(of expression: Grammar.Expression) -> Int {
    let result: Part =
      switch expression {
      case .lexeme(let index): .lexeme(index)
      case .rule(let rule): .rule(rule)
      case .token(let token): .token(token)
      case .sequence(let inner): .sequence(inner.map { part(of: $0) })
      case .alternatives(let inner): .alternatives(inner.map { part(of: $0) })
      case .repetition(let inner, let min, let max):
        .repetition(part(of: inner), min: min, max: max)
      }
    parts.append(result)
    return parts.count - 1
  }

  private mutating func findProductive() {
    var before = -1
    while productive.count != before {
      before = productive.count
      for rule in bodies.indices where isProductive(bodies[rule]) { productive.insert(rule) }
    }
  }

  private func isProductive(_ number: Int) -> Bool {
    switch parts[number] {
    case .lexeme(let index): regexes.isLive(lexemes[index])
    case .rule(let rule): productive.contains(rule)
    case .token: true
    case .sequence(let inner): inner.allSatisfy(isProductive)
    case .alternatives(let inner): inner.contains(where: isProductive)
    case .repetition(let inner, let min, _): min == 0 || isProductive(inner)
    }
  }
}
