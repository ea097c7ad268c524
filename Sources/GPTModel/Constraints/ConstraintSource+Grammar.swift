import Grammars
import JSON
import Tokenizers

extension ConstraintSource {
  /// Bytes that a regular expression or a grammar may have.
  private static let textLimit = 1 << 20

  /// What error messages call the source.
  var subject: String {
    switch self {
    case .jsonObject, .jsonSchema: "the schema"
    case .regex: "the regular expression"
    case .choice: "the list of choices"
    case .gbnf, .lark: "the grammar"
    case .structuralTag: "the structural tag"
    case .answer(let form): form.text?.subject ?? "the schema"
    }
  }

  /// What tells the source from all others.
  var bytes: [UInt8] {
    var json = JSONWriter()
    write(to: &json)
    return json.bytes
  }

  private func write(to json: inout JSONWriter) {
    json.array { json in
      switch self {
      case .jsonObject: json.value("json_object")
      case .jsonSchema(let schema): json.tagged("json_schema", schema)
      case .regex(let pattern): json.tagged("regex", .string(pattern))
      case .choice(let choices): json.tagged("choice", .array(choices.map { .string($0) }))
      case .gbnf(let text): json.tagged("gbnf", .string(text))
      case .lark(let text): json.tagged("lark", .string(text))
      case .structuralTag(let value): json.tagged("structural_tag", value)
      case .answer(let form):
        json.value("answer")
        json.value("\(form.thinking)")
        json.array { json in
          for tool in form.tools?.tools ?? [] {
            json.value(tool.json)
            json.value(.bool(tool.isStrict))
            json.value(tool.inputGrammar)
          }
        }
        if let use = form.tools {
          json.value("\(use.choice)")
          json.value(.bool(use.isParallel))
        }
        form.text?.write(to: &json)
      }
    }
  }

  /// The grammar of the texts that fit, and where it allows more than schemas of tools do.
  func grammar(
    _ context: ConstraintContext
  ) throws(ConstraintError) -> (grammar: Grammar, relaxed: [RelaxedSchema]) {
    var builder = GrammarBuilder()
    let start = builder.rule(named: "answer")
    if case .answer(let form) = self {
      let answer = try form.expression(in: &builder, context)
      builder.define(start, as: answer.expression)
      return (
        builder.finished(start: start),
        answer.relaxed.map { RelaxedSchema(tool: $0.tool, pointer: $0.pointer) }
      )
    }
    do throws(GrammarErrors) {
      builder.define(start, as: try expression(in: &builder, context.options, context.tokenizer))
      return (builder.finished(start: start), [])
    } catch {
      throw ConstraintError(error.faults, of: subject)
    }
  }

  func expression(
    in builder: inout GrammarBuilder, _ options: ConstraintOptions, _ tokenizer: Tokenizer
  ) throws(GrammarErrors) -> Grammar.Expression {
    let json = SchemaOptions(whiteSpace: options.allowsWhiteSpace ? .bounded : .none)
    switch self {
    case .jsonObject:
      return try JSONSchema.compileAnyObject(into: &builder, options: json)
    case .jsonSchema(let schema):
      return try JSONSchema.compile(schema, into: &builder, options: json).expression
    case .regex(let pattern):
      try Self.checkLength(pattern)
      return builder.lexeme(try Self.language(pattern))
    case .choice(let choices):
      return builder.lexeme(try Self.language(of: choices))
    case .gbnf(let text):
      try Self.checkLength(text)
      return try GBNF.compile(text, into: &builder) { tokenizer.controlToken(spelled: $0) }
    case .lark(let text):
      try Self.checkLength(text)
      return try Lark.compile(text, into: &builder, context: context(json, tokenizer))
    case .structuralTag(let value):
      return try StructuralTags.compile(value, into: &builder, context: context(json, tokenizer))
    case .answer:
      throw GrammarErrors([GrammarError(.unsupported, "is an answer within an answer")])
    }
  }

  private func context(_ json: SchemaOptions, _ tokenizer: Tokenizer) -> NotationContext {
    NotationContext(
      controlToken: { tokenizer.controlToken(spelled: $0) },
      schema: { schema, builder throws(GrammarErrors) in
        try JSONSchema.compile(schema, into: &builder, options: json).expression
      })
  }

  private static func checkLength(_ text: String) throws(GrammarErrors) {
    guard text.utf8.count > textLimit else { return }
    throw GrammarErrors([GrammarError(.tooComplex, "has more than \(textLimit) bytes")])
  }

  private static func language(_ pattern: String) throws(GrammarErrors) -> Regex {
    do throws(GrammarError) {
      return try RegexSyntax.parse(pattern, anchored: true)
    } catch {
      throw GrammarErrors([error])
    }
  }

  private static func language(of choices: [String]) throws(GrammarErrors) -> Regex {
    do throws(GrammarError) {
      return try Choice.language(of: choices)
    } catch {
      throw GrammarErrors([error])
    }
  }
}

extension JSONWriter {
  fileprivate mutating func tagged(_ kind: String, _ value: JSONValue) {
    self.value(kind)
    self.value(value)
  }
}

extension Tokenizer {
  /// The control token that a grammar names, such as `<think>`, or `<[151657]>` by its number; nil where
  /// there is none, or where it ends answers, which only the end of a grammar does.
  func controlToken(spelled text: String) -> Token? {
    let token: Token?
    if text.hasPrefix("<["), text.hasSuffix("]>") {
      token = Token(text.dropFirst(2).dropLast(2))
    } else {
      let tokens = encode([PromptSegment(text, from: .template)], addsBeginning: false)
      token = tokens.count == 1 ? tokens.first : nil
    }
    guard let token, kind(of: token) == .control, !endsOfSequence.contains(token) else {
      return nil
    }
    return token
  }
}
