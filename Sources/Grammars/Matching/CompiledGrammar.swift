import Synchronization

/// A grammar that is ready to tell which tokens of a vocabulary may come next.
///
/// What matchers find out is kept in it, so that it is found once for all answers of the grammar.
package final class CompiledGrammar: Sendable {
  private let rules: RuleAutomata
  private let trie: TokenTrie
  private let limits: GrammarLimits
  private let classes: ByteClasses
  private let uniqueSizes: [Bool]
  private let current: Mutex<MatchStore>

  /// Compiles a grammar.
  ///
  /// - Throws: `.unsatisfiable` where no text fits, `.tooComplex` where a limit is passed, `.invalid`
  ///   where the grammar names what it does not have.
  package init(
    _ grammar: Grammar, trie: TokenTrie, limits: GrammarLimits = GrammarLimits()
  ) throws(GrammarError) {
    for lexeme in grammar.lexemes { try Self.check(lexeme, limits) }
    let compiler = try RuleCompiler(grammar, limits: limits)
    let lexemes = compiler.automata.lexemes.map { lexeme in
      (shared: trie.lexemes.automaton(lexeme, limits: limits), bounds: lexeme.bounds)
    }
    var hasText: [Bool] = []
    for lexeme in lexemes {
      guard let answer = lexeme.shared.hasText(lexeme.bounds) else {
        throw GrammarError(.tooComplex, "has a language whose texts take too long to find")
      }
      hasText.append(answer)
    }
    let rules = RuleAnalysis(compiler.automata, hasText: hasText).automata
    guard rules.height(rules.root) != .max else {
      throw GrammarError(.unsatisfiable, "has no finite text that fits")
    }
    var classes = ByteClasses()
    for lexeme in lexemes { classes.refine(by: lexeme.shared.classes) }
    self.rules = rules
    self.trie = trie
    self.limits = limits
    self.classes = classes
    uniqueSizes = zip(rules.lexemes, lexemes).map { lexeme, compiled in
      lexeme.isUnique
        && compiled.shared.textCount(compiled.shared.start) < RegexAutomaton.manyTexts
    }
    current = Mutex(
      Self.store(rules, lexemes.map(\.shared), uniqueSizes, classes, trie, limits))
  }

  /// Memory that the grammar holds, about, with what was found out.
  package var byteCount: Int { rules.byteCount + current.withLock { $0 }.byteCount }

  /// Nodes of the vocabulary's trie that masks have looked at so far: what they cost, told without a clock.
  package var walkedNodes: Int { current.withLock { $0 }.walkedNodes }

  /// What matchers share; a new store where the old one is full.
  func store() -> MatchStore {
    let store = current.withLock { $0 }
    guard store.isFull else { return store }
    let lexemes = rules.lexemes.map { trie.lexemes.automaton($0, limits: limits) }
    let fresh = Self.store(rules, lexemes, uniqueSizes, classes, trie, limits)
    return current.withLock { current in
      if current === store { current = fresh }
      return current
    }
  }

  private static func store(
    _ rules: RuleAutomata, _ lexemes: [SharedLexeme], _ isFinite: [Bool], _ classes: ByteClasses,
    _ trie: TokenTrie, _ limits: GrammarLimits
  ) -> MatchStore {
    var compiled: [CompiledLexeme] = []
    for (index, lexeme) in rules.lexemes.enumerated() {
      compiled.append(
        CompiledLexeme(
          shared: lexemes[index], bounds: lexeme.bounds, isUnique: lexeme.isUnique,
          isFinite: isFinite[index], start: lexemes[index].start))
    }
    let rows = RowTable(rules, limits: limits, window: trie.longest)
    let states = StateTable(rows, lexemes: compiled, classes: classes, window: trie.longest)
    return MatchStore(states, trie: trie, limits: limits)
  }

  private static func check(
    _ lexeme: Grammar.Lexeme, _ limits: GrammarLimits
  ) throws(GrammarError) {
    var check = RegexCheck(limits)
    try check.check(lexeme.language)
    if lexeme.isUnique, lexeme.acceptsEmpty {
      throw GrammarError(.unsupported, "has a unique lexeme with an empty text")
    }
    guard let count = lexeme.count else { return }
    try check.check(.literal(count.prefix))
    try check.check(count.unit)
    try check.check(count.suffix)
    guard count.min >= 0 else { throw GrammarError(.invalid, "has a count of \(count.min)") }
    guard Swift.max(count.min, count.max ?? 0) < Int32.max / 2 else {
      throw GrammarError(.tooComplex, "has a count above \(Int32.max / 2)")
    }
  }
}

extension Grammar.Lexeme {
  /// How many units a text may hold.
  var bounds: UnitBounds {
    guard let count else { return UnitBounds(min: 0, max: nil) }
    return UnitBounds(min: Int32(count.min), max: count.max.map { Int32($0) })
  }
}
