/// Makes automata of the rules of a grammar.
struct RuleCompiler {
  private let grammar: Grammar
  private let limits: GrammarLimits
  private(set) var automata = RuleAutomata()
  /// Right sides that wait: those of the grammar, and bodies of loops that became rules.
  private var bodies: [Grammar.Expression]
  private var auxiliary: [Grammar.Expression: Int] = [:]
  private var merged: [[Int]: Int] = [:]
  /// Whether the empty text is one of a lexeme.
  private var isNullable: [Bool]
  private var items = 0

  /// Compiles all rules of a grammar whose lexemes were checked.
  init(_ grammar: Grammar, limits: GrammarLimits) throws(GrammarError) {
    self.grammar = grammar
    self.limits = limits
    isNullable = grammar.lexemes.map(\.acceptsEmpty)
    automata.lexemes = grammar.lexemes
    bodies = grammar.rules.map(\.body)
    guard grammar.rules.indices.contains(grammar.start) else {
      throw GrammarError(.invalid, "has no rule to begin with")
    }
    var rule = 0
    while rule < bodies.count {
      try add(bodies[rule])
      rule += 1
    }
    try add(.rule(grammar.start))
    keepUsedLexemes()
  }

  /// Leaves out lexemes that are in no rule, such as those that became one.
  private mutating func keepUsedLexemes() {
    var (names, used) = ([Int: Int](), [Grammar.Lexeme]())
    for state in automata.states.indices {
      for edge in automata.states[state].edges.indices {
        guard case .lexeme(let index) = automata.states[state].edges[edge].symbol else { continue }
        let name = names[index] ?? used.count
        if name == used.count {
          names[index] = name
          used.append(automata.lexemes[index])
        }
        automata.states[state].edges[edge].symbol = .lexeme(name)
      }
    }
    automata.lexemes = used
  }

  private mutating func add(_ body: Grammar.Expression) throws(GrammarError) {
    try check(body, 0)
    let start = try newState()
    automata.starts.append(start)
    automata.hasUnique.append(hasUnique(body))
    try compile(body, start, RuleAutomata.end, isCounted: false)
    if automata.hasUnique.last == true {
      for state in start..<automata.states.count { automata.states[state].isUnique = true }
    }
  }

  private func check(_ body: Grammar.Expression, _ depth: Int) throws(GrammarError) {
    guard depth <= limits.depth else {
      throw GrammarError(.tooComplex, "nests more than \(limits.depth) expressions")
    }
    switch body {
    case .lexeme(let index):
      guard grammar.lexemes.indices.contains(index) else {
        throw GrammarError(.invalid, "names lexeme \(index), which is not there")
      }
    case .rule(let index):
      guard grammar.rules.indices.contains(index) || index < bodies.count && index >= 0 else {
        throw GrammarError(.invalid, "names rule \(index), which is not there")
      }
    case .token: break
    case .sequence(let parts), .alternatives(let parts):
      for part in parts { try check(part, depth + 1) }
    case .repetition(let part, let min, _):
      guard min >= 0 else { throw GrammarError(.invalid, "has a count of \(min)") }
      try check(part, depth + 1)
    }
  }

  private mutating func newState() throws(GrammarError) -> Int {
    try count()
    automata.states.append(RuleAutomata.State())
    return automata.states.count - 1
  }

  private mutating func count() throws(GrammarError) {
    items += 1
    guard items <= limits.grammarItems else {
      throw GrammarError(.tooComplex, "has more than \(limits.grammarItems) items")
    }
  }

  private mutating func move(
    _ kind: RuleAutomata.Move.Kind, _ from: Int, _ to: Int, exit: Int = 0
  ) throws(GrammarError) {
    try count()
    automata.states[from].moves.append(.init(kind: kind, target: to, exit: exit))
  }

  private mutating func edge(
    _ symbol: RuleAutomata.Symbol, _ from: Int, _ to: Int, skipsEmpty: Bool = true
  ) throws(GrammarError) {
    try count()
    automata.states[from].edges.append(
      .init(symbol: symbol, target: to, skipsEmpty: skipsEmpty))
  }

  private mutating func compile(
    _ body: Grammar.Expression, _ from: Int, _ to: Int, isCounted: Bool
  ) throws(GrammarError) {
    switch body {
    case .lexeme(let index):
      try edge(.lexeme(index), from, to)
      if isNullable[index] { try move(.plain, from, to) }
    case .rule(let rule): try edge(.rule(rule), from, to)
    case .token(let token): try edge(.token(token), from, to)
    case .sequence(let parts):
      guard let last = parts.last else { return try move(.plain, from, to) }
      var current = from
      for part in parts.dropLast() {
        let next = try newState()
        try compile(part, current, next, isCounted: isCounted)
        current = next
      }
      try compile(last, current, to, isCounted: isCounted)
    case .alternatives(let parts):
      for part in try merging(parts) { try compile(part, from, to, isCounted: isCounted) }
    case .repetition(let part, let min, let max):
      try loop(part, min, max, from: from, to: to, isCounted: isCounted)
    }
  }

  /// Alternatives with those that are plain texts as one lexeme.
  private mutating func merging(
    _ parts: [Grammar.Expression]
  ) throws(GrammarError) -> [Grammar.Expression] {
    var (texts, others): ([Int], [Grammar.Expression]) = ([], [])
    for part in parts {
      if case .lexeme(let index) = part, case .literal = grammar.lexemes[index].language,
        grammar.lexemes[index].count == nil, !grammar.lexemes[index].isUnique
      {
        texts.append(index)
      } else {
        others.append(part)
      }
    }
    guard texts.count > 1 else { return parts }
    texts.sort()
    if let known = merged[texts] { return others + [.lexeme(known)] }
    let lexeme = Grammar.Lexeme(.alternatives(texts.map { grammar.lexemes[$0].language }))
    var check = RegexCheck(limits)
    try check.check(lexeme.language)
    merged[texts] = automata.lexemes.count
    automata.lexemes.append(lexeme)
    isNullable.append(texts.contains { isNullable[$0] })
    return others + [.lexeme(automata.lexemes.count - 1)]
  }

  private mutating func loop(
    _ part: Grammar.Expression, _ min: Int, _ max: Int?, from: Int, to: Int, isCounted: Bool
  ) throws(GrammarError) {
    if let max, max < min { return }
    guard max != 0 else { return try move(.plain, from, to) }
    switch (min, max) {
    case (1, 1): try compile(part, from, to, isCounted: isCounted)
    case (0, 1):
      try move(.plain, from, to)
      try compile(part, from, to, isCounted: isCounted)
    case (0, nil):
      let state = try newState()
      try move(.plain, from, state)
      try compile(part, state, state, isCounted: isCounted)
      try move(.plain, state, to)
    case (1, nil):
      let (first, last) = (try newState(), try newState())
      try move(.plain, from, first)
      try compile(part, first, last, isCounted: isCounted)
      try move(.plain, last, first)
      try move(.plain, last, to)
    default:
      try countedLoop(part, min, max, from: from, to: to, isCounted: isCounted)
    }
  }

  private mutating func countedLoop(
    _ part: Grammar.Expression, _ min: Int, _ max: Int?, from: Int, to: Int, isCounted: Bool
  ) throws(GrammarError) {
    let isUnique = hasUnique(part)
    guard !isCounted else {
      guard !isUnique else {
        throw GrammarError(.unsupported, "has a unique lexeme within counts within counts")
      }
      return try edge(.rule(rule(for: .repetition(part, min: min, max: max))), from, to)
    }
    guard min <= Int32.max, max ?? 0 <= Int32.max else {
      throw GrammarError(.tooComplex, "has a count above \(Int32.max)")
    }
    let (start, body, end) = (try newState(), try newState(), try newState())
    try move(.plain, from, start)
    try move(.round(max: max), start, body)
    try move(.next(min: min, max: max), end, start, exit: to)
    try move(.leave(min: min), start, to)
    switch part {
    case _ where isUnique: try compile(part, body, end, isCounted: true)
    case .lexeme(let index) where !isNullable[index]: try edge(.lexeme(index), body, end)
    case .token(let token): try edge(.token(token), body, end)
    default: try edge(.rule(rule(for: part)), body, end, skipsEmpty: false)
    }
    let bounds = UnitBounds(min: Int32(min), max: max.map { Int32($0) })
    for state in start..<automata.states.count { automata.states[state].bounds = bounds }
  }

  /// The rule whose right side an expression is.
  private mutating func rule(for body: Grammar.Expression) -> Int {
    if case .rule(let rule) = body { return rule }
    if let known = auxiliary[body] { return known }
    bodies.append(body)
    auxiliary[body] = bodies.count - 1
    return bodies.count - 1
  }

  private func hasUnique(_ body: Grammar.Expression) -> Bool {
    switch body {
    case .lexeme(let index): grammar.lexemes[index].isUnique
    case .rule, .token: false
    case .sequence(let parts), .alternatives(let parts): parts.contains { hasUnique($0) }
    case .repetition(let part, _, _): hasUnique(part)
    }
  }
}
