import JSON

/// Writes the rule of one tool's calls.
struct CallWriter {
  /// Where rules are added.
  private(set) var builder: GrammarBuilder
  /// Where the parameters' schema says more than is enforced.
  private(set) var relaxed: [String] = []
  private let tool: AnswerRules.Tool
  private let format: CallFormat
  private let spelling: MarkSpelling
  /// The schema of the arguments, which are an object.
  private let schema: JSONObject

  /// Prepares for a tool.
  ///
  /// - Throws: Where the parameters are no schema of an object.
  init(
    _ tool: AnswerRules.Tool, _ format: CallFormat, spelling: MarkSpelling, builder: GrammarBuilder
  ) throws(GrammarErrors) {
    self.tool = tool
    self.format = format
    self.spelling = spelling
    self.builder = builder
    switch tool.parameters {
    case nil, .null?:
      var none = JSONObject()
      none["additionalProperties"] = .bool(false)
      schema = none.ofObjects
    case .object(let object)?: schema = object.ofObjects
    default: throw GrammarErrors([GrammarError(.invalid, at: .pointer(""), "is no object")])
    }
  }

  /// A call, without the marks that all calls of the format have.
  mutating func call() throws(GrammarErrors) -> Grammar.Expression {
    switch (format.layout, format.body) {
    case (.channels, _):
      return try named(
        "<|channel|>commentary to=functions.\(tool.name) <|constrain|>json<|message|>")
    case (.recipients, _): return try named(tool.name + "\n")
    case (.blocks, .object(let fields)): return try object(fields)
    case (.blocks, .keyed):
      return .sequence([text("{\(Self.json(tool.name)): "), try arguments(), text("}")])
    case (.blocks, .named(let marks)): return try named(marks)
    case (.blocks, _) where tool.inputGrammar != nil: throw InputGrammar.unsupported
    case (.blocks, .tagged(let tags)):
      var rules = TaggedRules(tool, schema, tags, spelling: spelling, builder: builder)
      let call = try rules.call()
      (builder, relaxed) = (rules.builder, rules.relaxed)
      return call
    case (.blocks, .python):
      return try literals(
        PythonLiterals(), begin: tool.name + "(", binding: "=", separator: ", ", end: ")")
    case (.blocks, .braces(let quote)):
      return try literals(
        BraceLiterals(quote: quote), begin: tool.name + "{", binding: ":", separator: ",", end: "}")
    }
  }

  /// A call of a method of the tool, with keyword arguments.
  mutating func method(_ method: String) throws(GrammarErrors) -> Grammar.Expression {
    if tool.inputGrammar != nil { throw InputGrammar.unsupported }
    return try literals(
      PythonLiterals(), begin: tool.name + method + "(", binding: "=", separator: ", ", end: ")")
  }

  private mutating func object(_ fields: CallFields) throws(GrammarErrors) -> Grammar.Expression {
    var parts: [Grammar.Expression] = [text("{")]
    if let number = fields.number {
      parts += [text("\"\(number)\": \""), builder.lexeme(.digits), text("\", ")]
    }
    parts += [
      text("\"\(fields.name)\": \(Self.json(tool.name)), \"\(fields.arguments)\": "),
      try arguments(),
    ]
    if let id = fields.id {
      parts += [text(", \"\(id)\": \""), builder.lexeme(.callID), text("\"")]
    }
    return .sequence(parts + [text("}")])
  }

  private mutating func named(_ call: NamedCall) throws(GrammarErrors) -> Grammar.Expression {
    var parts: [Grammar.Expression] = []
    if call.nameIsID {
      parts += [text("functions.\(tool.name):"), builder.lexeme(.digits)]
    } else {
      parts.append(text(tool.name))
    }
    if let mark = call.idMark {
      let id = Grammar.Expression.sequence([self.mark(mark), builder.lexeme(.callID)])
      parts.append(.repetition(id, min: 0, max: 1))
    }
    return .sequence(parts + [mark(call.argumentsMark), try arguments()])
  }

  /// A mark with the name in it, and the arguments.
  private mutating func named(_ mark: String) throws(GrammarErrors) -> Grammar.Expression {
    .sequence([self.mark(mark), try arguments()])
  }

  /// The arguments as JSON.
  private mutating func arguments() throws(GrammarErrors) -> Grammar.Expression {
    if let grammar = tool.inputGrammar {
      let input = try InputGrammar(grammar).expression(in: &builder)
      return .sequence([text("{\"input\": \""), input, text("\"}")])
    }
    let options = SchemaOptions(relaxesUnsupported: !tool.isStrict)
    let result = try JSONSchema.compile(.object(schema), into: &builder, options: options)
    relaxed += result.relaxed
    return result.expression
  }

  /// The arguments as literals of another language.
  private mutating func literals(
    _ dialect: some LiteralDialect, begin: String, binding: String, separator: String, end: String
  ) throws(GrammarErrors) -> Grammar.Expression {
    var rules = LiteralRules(
      dialect, isStrict: tool.isStrict, spelling: spelling, builder: builder)
    let members = try rules.members(
      of: schema, at: "", frame: .init(binding: binding, separator: separator))
    (builder, relaxed) = (rules.builder, rules.relaxed)
    return .sequence([text(begin), members, text(end)])
  }

  private mutating func text(_ text: String) -> Grammar.Expression { builder.lexeme(Regex(text)) }

  private mutating func mark(_ text: String) -> Grammar.Expression {
    spelling.expression(of: text, in: &builder)
  }

  private static func json(_ text: String) -> String { CallFormat.json(.string(text)) }
}

extension JSONObject {
  /// The schema, which objects only match.
  fileprivate var ofObjects: JSONObject {
    if self["type"] != nil { return self }
    var schema = self
    schema["type"] = .string("object")
    return schema
  }
}

extension Regex {
  /// A number that counts calls.
  fileprivate static let digits = Regex.repetition(
    .byte(ByteSet(UInt8(ascii: "0")...UInt8(ascii: "9"))), min: 1, max: 4)

  /// The id of a call in the formats that show one: nine letters and digits.
  fileprivate static let callID = Regex.repetition(
    .byte(
      ByteSet(
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"))), min: 9, max: 9)
}
