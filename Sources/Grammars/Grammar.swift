/// What an answer may be: a context-free grammar whose terminals are regular languages.
///
/// JSON Schema, regular expressions, lists of choices, EBNF in its spellings, structural tags and formats
/// of tool calls all become one of these. It says nothing about tokens but those that it names.
package struct Grammar: Sendable {
  /// A terminal: a regular language, matched wherever the rules allow one of its texts.
  package struct Lexeme: Hashable, Sendable {
    /// The texts.
    package var language: Regex
    /// A further bound, on how many units a text holds; nil for none.
    package var count: Count?
    /// Whether a text must differ, byte by byte, from each text of a unique lexeme that the same
    /// expansion of the rule has matched before. Such a lexeme stands in the body of the rule itself and
    /// has no empty text.
    package var isUnique: Bool

    /// Creates a terminal.
    package init(_ language: Regex, count: Count? = nil, isUnique: Bool = false) {
      self.language = language
      self.count = count
      self.isUnique = isUnique
    }
  }

  /// A bound on the number of units in a text, such as the characters of a string, that no automaton
  /// has to spell out: the texts are those of `prefix unit{min,max} suffix`.
  ///
  /// No unit is the beginning of another, and no suffix begins with the first byte of a unit.
  package struct Count: Hashable, Sendable {
    /// What comes before the first unit.
    package var prefix: [UInt8]
    /// The language of a unit, without the empty text.
    package var unit: Regex
    /// What follows the last unit.
    package var suffix: Regex
    /// How many units there are at least.
    package var min: Int
    /// How many units there are at most; nil for any number.
    package var max: Int?

    /// Creates a bound.
    package init(prefix: [UInt8], unit: Regex, suffix: Regex, min: Int, max: Int?) {
      self.prefix = prefix
      self.unit = unit
      self.suffix = suffix
      self.min = min
      self.max = max
    }
  }

  /// The right side of a rule.
  package indirect enum Expression: Hashable, Sendable {
    /// A text of a lexeme, by its index.
    case lexeme(Int)
    /// An expansion of a rule, by its index.
    case rule(Int)
    /// A control token, which no text stands for.
    case token(Int32)
    /// One after the other; nothing where there is none.
    case sequence([Expression])
    /// Any of them; no text at all where there is none.
    case alternatives([Expression])
    /// A number of times within bounds, counted and never written out.
    case repetition(Expression, min: Int, max: Int?)
  }

  /// A rule.
  package struct Rule: Sendable {
    /// What error messages call the rule.
    package var name: String
    /// What the rule stands for.
    package var body: Expression

    /// Creates a rule.
    package init(name: String, body: Expression = .alternatives([])) {
      self.name = name
      self.body = body
    }
  }

  /// The terminals.
  package var lexemes: [Lexeme] = []
  /// The rules.
  package var rules: [Rule] = []
  /// The rule that an answer is an expansion of.
  package var start = 0

  /// Creates a grammar without rules.
  package init() {}
}
