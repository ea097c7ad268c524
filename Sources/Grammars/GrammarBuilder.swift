/// Puts a grammar together; what compiles to grammars writes its rules into one of these.
package struct GrammarBuilder {
  /// What there is of the grammar.
  package private(set) var grammar = Grammar()
  private var lexemes: [Grammar.Lexeme: Int] = [:]

  /// Begins a grammar.
  package init() {}

  /// A text of a lexeme; equal lexemes are one.
  package mutating func lexeme(_ lexeme: Grammar.Lexeme) -> Grammar.Expression {
    if let index = lexemes[lexeme] { return .lexeme(index) }
    lexemes[lexeme] = grammar.lexemes.count
    grammar.lexemes.append(lexeme)
    return .lexeme(grammar.lexemes.count - 1)
  }

  /// A text of a regular language.
  package mutating func lexeme(_ language: Regex) -> Grammar.Expression {
    lexeme(Grammar.Lexeme(language))
  }

  /// Adds a rule whose body may follow later, so that rules can mention one another.
  package mutating func rule(named name: String) -> Int {
    grammar.rules.append(Grammar.Rule(name: name))
    return grammar.rules.count - 1
  }

  /// Says what a rule stands for.
  package mutating func define(_ rule: Int, as body: Grammar.Expression) {
    grammar.rules[rule].body = body
  }

  /// The grammar whose answers are the expansions of a rule.
  package func finished(start: Int) -> Grammar {
    var grammar = grammar
    grammar.start = start
    return grammar
  }
}
