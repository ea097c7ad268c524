/// A grammar of the input of a tool, written within a string of JSON.
struct InputGrammar {
  /// Why the input has no grammar in calls whose arguments are not JSON.
  static let unsupported = GrammarErrors([
    GrammarError(.unsupported, "cannot be enforced in this model's calls")
  ])
  /// Bytes that a grammar may have.
  private static let lengthLimit = 1 << 20

  private let grammar: Grammar

  /// Reads a grammar in Lark's notation. Control tokens are none of its texts.
  init(_ text: String) throws(GrammarErrors) {
    guard text.utf8.count <= Self.lengthLimit else {
      throw GrammarErrors([
        GrammarError(.tooComplex, "has more than \(Self.lengthLimit) bytes")
      ])
    }
    let context = NotationContext(
      controlToken: { _ in nil },
      schema: { schema, builder throws(GrammarErrors) in
        try JSONSchema.compile(schema, into: &builder, options: SchemaOptions()).expression
      })
    var builder = GrammarBuilder()
    let start = builder.rule(named: "input")
    builder.define(start, as: try Lark.compile(text, into: &builder, context: context))
    grammar = builder.finished(start: start)
  }

  /// The texts of the grammar as they stand between quotation marks, each in one spelling.
  func expression(in builder: inout GrammarBuilder) -> Grammar.Expression {
    let rules = grammar.rules.map { builder.rule(named: $0.name) }
    let lexemes = grammar.lexemes.map { lexeme in
      builder.lexeme(
        Grammar.Lexeme(
          StringLanguages.spell(lexeme.counted, isCanonical: true), isUnique: lexeme.isUnique))
    }
    for (rule, copy) in zip(grammar.rules, rules) {
      builder.define(copy, as: rule.body.renumbered(lexemes, rules))
    }
    return .rule(rules[grammar.start])
  }
}

extension Grammar.Lexeme {
  /// The texts, with the bound on their units spelled out: escapes may begin like the suffix.
  fileprivate var counted: Regex {
    guard let count else { return language }
    let units = Regex.repetition(count.unit, min: count.min, max: count.max)
    return .intersection([language, .sequence([.literal(count.prefix), units, count.suffix])])
  }
}

extension Grammar.Expression {
  /// The expression with other lexemes and rules in the places of its own.
  fileprivate func renumbered(_ lexemes: [Self], _ rules: [Int]) -> Self {
    switch self {
    case .lexeme(let index): lexemes[index]
    case .rule(let index): .rule(rules[index])
    case .token: self
    case .sequence(let parts): .sequence(parts.map { $0.renumbered(lexemes, rules) })
    case .alternatives(let parts): .alternatives(parts.map { $0.renumbered(lexemes, rules) })
    case .repetition(let part, let min, let max):
      .repetition(part.renumbered(lexemes, rules), min: min, max: max)
    }
  }
}
