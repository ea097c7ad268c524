/// Looks through the rules of a notation before they are compiled, and puts them in order.
struct RuleChecker {
  /// The rules by name.
  private(set) var indices: [String: Int] = [:]
  /// The rules that are in no cycle, each after all that it mentions.
  private(set) var order: [Int] = []
  /// The faults found, at most 8.
  private(set) var faults: [GrammarError] = []

  private let rules: [NotationRule]
  private var mentioned: [[Int]] = []
  private var mentioning: [[Int]]

  /// Checks rules.
  ///
  /// - Parameter start: The name of the rule that answers are expansions of.
  /// - Parameter allowsUnused: Whether a rule, as a terminal always, may be mentioned by nothing that the start needs.
  init(_ rules: [NotationRule], start: String, allowsUnused: Bool) {
    self.rules = rules
    mentioning = Array(repeating: [], count: rules.count)
    for (index, rule) in rules.enumerated() {
      if indices.updateValue(index, forKey: rule.name) != nil {
        fault(.invalid, rule.line, "defines \(rule.name) a second time")
      }
    }
    guard let first = indices[start] else {
      fault(.invalid, 1, "has no rule \(start)")
      return
    }
    resolve()
    guard faults.isEmpty else { return }
    sort()
    findUnproductive()
    if !allowsUnused { findUnused(from: first) }
  }

  private mutating func fault(_ kind: GrammarError.Kind, _ line: Int, _ message: String) {
    if faults.count < 8 { faults.append(GrammarError(kind, at: .line(line), message)) }
  }

  private mutating func resolve() {
    for (index, rule) in rules.enumerated() {
      var known: Set<Int> = []
      for (name, line) in rule.body.references {
        guard let target = indices[name] else {
          fault(.invalid, line, "mentions \(name), which is not defined")
          continue
        }
        if known.insert(target).inserted { mentioning[target].append(index) }
      }
      mentioned.append(known.sorted())
    }
  }

  private mutating func sort() {
    var missing = mentioned.map(\.count)
    order = rules.indices.filter { missing[$0] == 0 }
    var next = 0
    while next < order.count {
      for index in mentioning[order[next]] {
        missing[index] -= 1
        if missing[index] == 0 { order.append(index) }
      }
      next += 1
    }
  }

  private mutating func findUnproductive() {
    var isProductive = Array(repeating: false, count: rules.count)
    var work = Array(rules.indices)
    while let index = work.popLast() {
      guard !isProductive[index], ends(rules[index].body, isProductive) else { continue }
      isProductive[index] = true
      work += mentioning[index]
    }
    for (index, rule) in rules.enumerated() where !isProductive[index] {
      fault(.unsatisfiable, rule.line, "defines \(rule.name), which never ends")
    }
  }

  /// Whether an expression has a finite text if rules have one.
  private func ends(_ expression: NotationRule.Expression, _ isProductive: [Bool]) -> Bool {
    switch expression {
    case .regular(let language): language != .nothing
    case .token, .compiled, .exclusion: true
    case .intersection(let parts): parts.allSatisfy { ends($0, isProductive) }
    case .shortest(let body): ends(body, isProductive)
    case .reference(let name, _): indices[name].map { isProductive[$0] } ?? false
    case .sequence(let parts): parts.allSatisfy { ends($0, isProductive) }
    case .alternatives(let branches): branches.contains { ends($0, isProductive) }
    case .repetition(let body, let min, _): min == 0 || ends(body, isProductive)
    }
  }

  private mutating func findUnused(from first: Int) {
    var isUsed = Array(repeating: false, count: rules.count)
    isUsed[first] = true
    var work = [first]
    while let index = work.popLast() {
      for target in mentioned[index] where !isUsed[target] {
        isUsed[target] = true
        work.append(target)
      }
    }
    for (index, rule) in rules.enumerated() where !isUsed[index] && !rule.isTerminal {
      fault(.invalid, rule.line, "defines \(rule.name), which nothing uses")
    }
  }
}
