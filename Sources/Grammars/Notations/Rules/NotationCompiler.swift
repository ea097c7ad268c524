/// Turns the rules of a notation into those of a grammar; what is regular and small becomes few lexemes.
struct NotationCompiler {
  /// What an expression has become.
  private enum Built {
    /// A regular language, its size and its depth.
    case regular(Regex, size: Int, depth: Int)
    /// Anything else.
    case other(Grammar.Expression)

    /// A regular language.
    static func language(_ language: Regex) -> Built {
      .regular(language, size: language.size, depth: language.depth)
    }
  }

  /// The most expressions of a language that is written into what mentions it.
  private static let inlineSize = 500
  /// The deepest language that is written into what mentions it.
  private static let inlineDepth = 48
  /// The most expressions of a repeated language, times the repetitions, that stand in one lexeme.
  private static let repeatedSize = 10_000
  /// The most expressions that are written into what mentions them, all together.
  private static let budget = 1_000_000

  private let rules: [NotationRule]
  private let checker: RuleChecker
  /// What may follow each lexeme of a rule that is no terminal; nil for nothing.
  private let ignored: Regex?
  private var built: [Int: Built] = [:]
  private var numbers: [Int: Int] = [:]
  private var spent = 0

  private init(_ rules: [NotationRule], _ checker: RuleChecker, ignored: Regex?) {
    self.rules = rules
    self.checker = checker
    self.ignored = ignored
  }

  /// Adds rules to a grammar.
  ///
  /// - Parameter ignored: What may follow each lexeme of a rule that is no terminal; nil for nothing.
  /// - Returns: An expansion of the rule that the checker began at.
  static func compile(
    _ rules: [NotationRule], start: String, checker: RuleChecker, ignored: Regex? = nil,
    into builder: inout GrammarBuilder
  ) throws(GrammarErrors) -> Grammar.Expression {
    guard checker.faults.isEmpty, let first = checker.indices[start] else {
      throw GrammarErrors(checker.faults)
    }
    var compiler = NotationCompiler(rules, checker, ignored: ignored)
    do throws(GrammarError) {
      return try compiler.compile(first, into: &builder)
    } catch {
      throw GrammarErrors([error])
    }
  }

  private mutating func compile(
    _ first: Int, into builder: inout GrammarBuilder
  ) throws(GrammarError) -> Grammar.Expression {
    for index in checker.order { try fold(index, into: &builder) }
    for index in rules.indices where built[index] == nil {
      if rules[index].isTerminal {
        throw GrammarError(
          .unsupported, at: .line(rules[index].line),
          "defines the terminal \(rules[index].name) by itself")
      }
      let number = builder.rule(named: rules[index].name)
      numbers[index] = number
      built[index] = .other(.rule(number))
    }
    for index in rules.indices {
      guard let number = numbers[index] else { continue }
      let body = try build(rules[index].body, of: rules[index], into: &builder)
      builder.define(number, as: expression(body, into: &builder))
    }
    return expression(built[first] ?? .other(.alternatives([])), into: &builder)
  }

  /// Compiles a rule that mentions only such as have been compiled.
  private mutating func fold(
    _ index: Int, into builder: inout GrammarBuilder
  ) throws(GrammarError) {
    let rule = rules[index]
    let body = try build(rule.body, of: rule, into: &builder)
    switch body {
    case .regular(_, let size, let depth):
      let isSmall = size <= NotationCompiler.inlineSize && depth <= NotationCompiler.inlineDepth
      if rule.isTerminal || isSmall {
        if size > RegexParser.nodeLimit || depth > 2 * NotationLimits.depth {
          throw GrammarError(
            .tooComplex, at: .line(rule.line),
            "defines \(rule.name) with more than \(RegexParser.nodeLimit) expressions")
        }
        built[index] = body
        return
      }
    case .other:
      if rule.isTerminal {
        throw GrammarError(
          .unsupported, at: .line(rule.line),
          "defines the terminal \(rule.name) by what is not regular")
      }
    }
    let number = builder.rule(named: rule.name)
    builder.define(number, as: expression(body, into: &builder))
    built[index] = .other(.rule(number))
  }

  private func expression(
    _ built: Built, into builder: inout GrammarBuilder
  ) -> Grammar.Expression {
    switch built {
    case .other(let expression): expression
    case .regular(.empty, _, _): .sequence([])
    case .regular(.nothing, _, _): .alternatives([])
    case .regular(let language, _, _): builder.lexeme(language)
    }
  }

  private mutating func build(
    _ expression: NotationRule.Expression, of rule: NotationRule,
    into builder: inout GrammarBuilder
  ) throws(GrammarError) -> Built {
    switch expression {
    case .regular(let language):
      return spaced(.language(language), in: rule)
    case .reference(let name, let line):
      guard let index = checker.indices[name] else { return .other(.alternatives([])) }
      let whole = built[index] ?? .other(.rule(numbers[index] ?? 0))
      if case .regular(_, let size, _) = whole { spent += size }
      if spent > NotationCompiler.budget {
        throw GrammarError(.tooComplex, at: .line(line), "writes rules out too many times")
      }
      return rules[index].isTerminal ? spaced(whole, in: rule) : whole
    case .token(let token): return spaced(.other(.token(token)), in: rule, into: &builder)
    case .compiled(let inner): return spaced(.other(inner), in: rule, into: &builder)
    case .sequence(let parts):
      var pieces: [Built] = []
      for part in parts { pieces.append(try build(part, of: rule, into: &builder)) }
      return sequence(pieces, of: rule, into: &builder)
    case .alternatives(let branches):
      var pieces: [Built] = []
      for branch in branches { pieces.append(try build(branch, of: rule, into: &builder)) }
      return alternatives(pieces, into: &builder)
    case .repetition(let body, let min, let max):
      let inner = try build(body, of: rule, into: &builder)
      return repetition(inner, min, max, of: rule, into: &builder)
    case .intersection(let parts):
      return .language(.intersection(try languages(parts, of: rule, into: &builder)))
    case .exclusion(let body):
      let others = try languages([body], of: rule, into: &builder).map(Regex.complement)
      return .language(.intersection(others + [.anyText]))
    case .shortest(let body):
      let language = Regex.any(try languages([body], of: rule, into: &builder))
      let longer = Regex.joined([language, .byte(.all), .everything])
      return spaced(.language(.intersection([language, .complement(longer)])), in: rule)
    }
  }

  /// Expressions that must be regular.
  private mutating func languages(
    _ parts: [NotationRule.Expression], of rule: NotationRule, into builder: inout GrammarBuilder
  ) throws(GrammarError) -> [Regex] {
    var terminal = rule
    terminal.isTerminal = true
    var result: [Regex] = []
    for part in parts {
      guard case .regular(let language, _, _) = try build(part, of: terminal, into: &builder) else {
        throw GrammarError(
          .unsupported, at: .line(rule.line), "defines \(rule.name) by what is not regular")
      }
      result.append(language)
    }
    return result
  }

  /// A lexeme of a rule with what may follow it.
  private func spaced(_ built: Built, in rule: NotationRule) -> Built {
    guard let ignored, !rule.isTerminal, case .regular(let language, let size, let depth) = built
    else { return built }
    return .regular(
      .joined([language, ignored]), size: size + ignored.size + 1,
      depth: max(depth, ignored.depth) + 1)
  }

  private func spaced(
    _ built: Built, in rule: NotationRule, into builder: inout GrammarBuilder
  ) -> Built {
    guard let ignored, !rule.isTerminal, case .other(let inner) = built else { return built }
    return .other(.sequence([inner, builder.lexeme(ignored)]))
  }

  private func sequence(
    _ pieces: [Built], of rule: NotationRule, into builder: inout GrammarBuilder
  ) -> Built {
    var joined: [Built] = []
    var run: [(Regex, Int, Int)] = []
    func close() {
      guard !run.isEmpty else { return }
      joined.append(
        .regular(
          .joined(run.map(\.0)), size: run.reduce(1) { $0 + $1.1 },
          depth: (run.map(\.2).max() ?? 0) + 1))
      run = []
    }
    var size = 0
    for piece in pieces {
      if case .regular(let language, let itsSize, let depth) = piece {
        if !rule.isTerminal, size + itsSize > NotationCompiler.inlineSize { close() }
        size = run.isEmpty ? itsSize : size + itsSize
        run.append((language, itsSize, depth))
      } else {
        close()
        joined.append(piece)
      }
    }
    close()
    if joined.isEmpty { return .regular(.empty, size: 1, depth: 1) }
    if joined.count == 1 { return joined[0] }
    return .other(.sequence(joined.map { expression($0, into: &builder) }))
  }

  private func alternatives(_ pieces: [Built], into builder: inout GrammarBuilder) -> Built {
    var languages: [Regex] = []
    var (size, depth) = (1, 1)
    var others: [Grammar.Expression] = []
    for piece in pieces {
      switch piece {
      case .regular(let language, let itsSize, let itsDepth):
        languages.append(language)
        size += itsSize
        depth = max(depth, itsDepth + 1)
      case .other(let other): others.append(other)
      }
    }
    let regular = Built.regular(.any(languages), size: size, depth: depth)
    if others.isEmpty { return regular }
    if !languages.isEmpty { others.insert(expression(regular, into: &builder), at: 0) }
    return .other(others.count == 1 ? others[0] : .alternatives(others))
  }

  private func repetition(
    _ inner: Built, _ min: Int, _ max: Int?, of rule: NotationRule,
    into builder: inout GrammarBuilder
  ) -> Built {
    if case .regular(let language, let size, let depth) = inner {
      let times = Swift.max(max ?? min, 1)
      let (expressions, isHuge) = size.multipliedReportingOverflow(by: times)
      if rule.isTerminal || (!isHuge && expressions <= NotationCompiler.repeatedSize) {
        return .regular(language.repeated(min, max), size: size + 1, depth: depth + 1)
      }
    }
    if max == 0 { return .regular(.empty, size: 1, depth: 1) }
    return .other(.repetition(expression(inner, into: &builder), min: min, max: max))
  }
}
