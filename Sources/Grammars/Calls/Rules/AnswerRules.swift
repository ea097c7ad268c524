package import JSON

/// What an answer may consist of where a model thinks or calls tools: `thinking? (text | calls | form)`.
///
/// One grammar holds from the first token. Calls begin where their mark does, so text never has that mark
/// in it, and nothing follows the last call.
package struct AnswerRules: Sendable {
  /// A tool that may be called.
  package struct Tool: Hashable, Sendable {
    /// The tool's name.
    package var name: String
    /// The JSON Schema of its arguments; nil where it takes none.
    package var parameters: JSONValue?
    /// Whether a schema that cannot be enforced is refused, and not relaxed.
    package var isStrict: Bool
    /// A grammar in Lark's notation of the one argument, `input`, which is a string; nil where the schema
    /// says all.
    package var inputGrammar: String?

    /// Describes a tool.
    package init(
      name: String, parameters: JSONValue?, isStrict: Bool = false, inputGrammar: String? = nil
    ) {
      self.name = name
      self.parameters = parameters
      self.isStrict = isStrict
      self.inputGrammar = inputGrammar
    }
  }

  /// Whether tools are called.
  package enum Choice: Hashable, Sendable {
    /// As the model likes.
    case auto
    /// At least one is.
    case required
    /// None is; what would begin a call is not written.
    case none
  }

  /// Whether the model thinks first.
  package enum Thinking: Hashable, Sendable {
    /// It does not, or has done so.
    case absent
    /// It may open its thinking.
    case possible
    /// The prompt has opened it.
    case open
  }

  /// How the model writes.
  package var format: CallFormat
  /// The tools that may be called.
  package var tools: [Tool] = []
  /// Whether they are called.
  package var choice = Choice.auto
  /// Whether there may be more than one call.
  package var isParallel = true
  /// Whether the model thinks first.
  package var thinking = Thinking.absent
  /// Marks that begin nothing else: what opens the calls of tools that must not be called.
  package var hidesCalls = false

  /// Begins with a format.
  package init(_ format: CallFormat) { self.format = format }
}

/// What rules of answers were compiled to.
package struct AnswerExpression: Sendable {
  /// A place in the parameters of a tool.
  package struct Place: Hashable, Sendable {
    /// The tool, counted among those that may be called.
    package var tool: Int
    /// A JSON pointer into its parameters.
    package var pointer: String
  }

  /// One answer.
  package var expression: Grammar.Expression
  /// Where a schema says more than is enforced.
  package var relaxed: [Place]
}

/// Why rules of answers cannot be enforced.
package struct AnswerRulesError: Error, Sendable {
  /// The tool whose parameters are at fault, counted among those that may be called; nil for the form of
  /// the text.
  package var tool: Int?
  /// The faults.
  package var faults: GrammarErrors
}

extension AnswerRules {
  /// Adds the rules to a grammar.
  ///
  /// - Parameters:
  ///   - controlToken: The control token that a text spells, if it spells one.
  ///   - form: Adds the form that text must have; nil for any text.
  package func compile(
    into builder: inout GrammarBuilder, controlToken: @escaping (String) -> Int32?,
    form: ((inout GrammarBuilder) throws(GrammarErrors) -> Grammar.Expression)? = nil
  ) throws(AnswerRulesError) -> AnswerExpression {
    let spelling = MarkSpelling(controlToken: controlToken)
    var calls = CallRules(format, spelling: spelling, builder: builder)
    var choices: [Grammar.Expression] = []
    if choice != .none, !tools.isEmpty {
      choices.append(
        try calls.expression(
          of: tools, isParallel: isParallel, isRequired: choice == .required))
    }
    builder = calls.builder
    if choice != .required || tools.isEmpty {
      choices.append(try text(in: &builder, spelling, form, before: choices.first))
    }
    let answer = Self.withThinking(
      .alternatives(choices), thinking, format, spelling, in: &builder)
    return AnswerExpression(expression: answer, relaxed: calls.relaxed)
  }

  /// What is no call: a text of the form, or any text, after which calls may come.
  private func text(
    in builder: inout GrammarBuilder, _ spelling: MarkSpelling,
    _ form: ((inout GrammarBuilder) throws(GrammarErrors) -> Grammar.Expression)?,
    before calls: Grammar.Expression?
  ) throws(AnswerRulesError) -> Grammar.Expression {
    let layout = LayoutRules(format, spelling)
    if let form {
      do throws(GrammarErrors) {
        return layout.text(try form(&builder), in: &builder)
      } catch {
        throw AnswerRulesError(tool: nil, faults: error)
      }
    }
    let free = builder.lexeme(freeText(spelling))
    return layout.text(free, before: calls, in: &builder)
  }

  /// Text in which no call and no thinking begins.
  private func freeText(_ spelling: MarkSpelling) -> Regex {
    var marks = format.layout == .recipients ? [LayoutRules.recipientMark] : []
    var openings: [Regex] = []
    if !tools.isEmpty || hidesCalls {
      marks += (format.begins + [format.callBegin]).map(\.trimmedMark).filter { !$0.isEmpty }
      if format.begins.contains("") { openings.append(CallRules.opening(of: tools, format)) }
    }
    if thinking != .absent, let open = format.thinking?.open, spelling.isText(open) {
      openings.append(.joined([Self.blanks, Regex(open.trimmedMark), .everything]))
    }
    let text = spelling.freeText(without: marks)
    return openings.isEmpty ? text : .intersection([text, .complement(.any(openings))])
  }

  /// An answer with the thinking before it.
  private static func withThinking(
    _ answer: Grammar.Expression, _ thinking: Thinking, _ format: CallFormat,
    _ spelling: MarkSpelling, in builder: inout GrammarBuilder
  ) -> Grammar.Expression {
    if format.layout == .channels {
      return LayoutRules(format, spelling).messages(
        before: answer, thinking: thinking != .absent, in: &builder)
    }
    guard thinking != .absent, let marks = format.thinking else { return answer }
    let close = marks.close.trimmedMark
    let thought = Grammar.Expression.sequence([
      builder.lexeme(spelling.freeText(without: [close])),
      spelling.expression(of: close, in: &builder), space(in: &builder), answer,
    ])
    if thinking == .open { return thought }
    let open = spelling.expression(of: marks.open.trimmedMark, in: &builder)
    return .alternatives([.sequence([space(in: &builder), open, thought]), answer])
  }

  /// White space that may stand between parts of an answer.
  static func space(in builder: inout GrammarBuilder) -> Grammar.Expression {
    builder.lexeme(blanks)
  }

  /// At most four blanks or line breaks.
  static let blanks = Regex.repetition(.byte(ByteSet(0x20...0x20, 0x0A...0x0A)), min: 0, max: 4)
}
