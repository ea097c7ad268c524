import JSON

/// Writes the rule of a call whose arguments stand between marks.
///
/// Members come in the order of the schema's properties, and no others come. Strings stand as they are,
/// without the mark that closes them; all other values are JSON.
struct TaggedRules {
  /// Where rules are added.
  private(set) var builder: GrammarBuilder
  /// Where the schema says more than is enforced.
  private(set) var relaxed: [String] = []
  private let tool: AnswerRules.Tool
  private let signature: ToolSignature
  private let schema: JSONObject
  private let tags: TaggedCall
  private let spelling: MarkSpelling

  /// Keywords of the schema of arguments that the order of members and their own schemas fulfil.
  private static let fulfilled: Set<String> = [
    "type", "properties", "required", "additionalProperties", "$defs", "definitions", "$schema",
    "$id", "title", "description", "default", "examples", "strict", "$comment", "deprecated",
    "readOnly", "writeOnly",
  ]

  /// Prepares for a tool.
  init(
    _ tool: AnswerRules.Tool, _ schema: JSONObject, _ tags: TaggedCall, spelling: MarkSpelling,
    builder: GrammarBuilder
  ) {
    self.tool = tool
    signature = ToolSignature(name: tool.name, parameters: .object(schema))
    self.schema = schema
    self.tags = tags
    self.spelling = spelling
    self.builder = builder
  }

  /// The name and the arguments.
  mutating func call() throws(GrammarErrors) -> Grammar.Expression {
    // Checks that the whole is a schema, and finds what it cannot have.
    var trial = GrammarBuilder()
    _ = try JSONSchema.compile(
      .object(schema), into: &trial, options: SchemaOptions(relaxesUnsupported: !tool.isStrict))
    let unknown = schema.members.first {
      !Self.fulfilled.contains($0.name) && !$0.name.hasPrefix("x-")
    }
    if let unknown {
      try relax(
        SchemaPointer.child("", unknown.name),
        "says what calls in this model's form cannot be held to")
    }
    var parts = [mark(tool.name + tags.nameEnd)]
    for member in schema.properties {
      let argument = try argument(member)
      let isRequired = schema.required.contains { $0.utf8.elementsEqual(member.name.utf8) }
      parts.append(.repetition(argument, min: isRequired ? 1 : 0, max: 1))
    }
    return .sequence(parts)
  }

  private mutating func argument(
    _ member: JSONObject.Member
  ) throws(GrammarErrors) -> Grammar.Expression {
    let kind = signature.kinds[ExactText(member.name)] ?? .either
    let pointer = SchemaPointer.child("/properties", member.name)
    var values: [Grammar.Expression] = []
    let ends = tags.typedKeyEnds.count == 2 ? tags.typedKeyEnds : [tags.keyEnd, tags.keyEnd]
    if kind != .value {
      let text = builder.lexeme(try self.text(member.value, at: pointer))
      values.append(.sequence([mark(ends[0]), text]))
    }
    if kind == .value || (kind == .either && tags.typedKeyEnds.count == 2) {
      values.append(.sequence([mark(ends[1]), try json(member.value, at: pointer)]))
    }
    return .sequence([
      mark(tags.keyBegin + member.name), .alternatives(values), mark(tags.valueEnd),
    ])
  }

  /// A value as JSON.
  private mutating func json(
    _ schema: JSONValue, at pointer: String
  ) throws(GrammarErrors) -> Grammar.Expression {
    var whole = schema
    if case .object(var object) = schema {
      for name in ["$defs", "definitions", "$schema"] where object[name] == nil {
        object[name] = self.schema[name]
      }
      whole = .object(object)
    }
    let options = SchemaOptions(relaxesUnsupported: !tool.isStrict)
    do throws(GrammarErrors) {
      let result = try JSONSchema.compile(whole, into: &builder, options: options)
      relaxed += result.relaxed.map { pointer + $0 }
      return result.expression
    } catch {
      throw GrammarErrors(
        error.faults.map { fault in
          guard case .pointer(let inner) = fault.place else { return fault }
          return GrammarError(fault.kind, at: .pointer(pointer + inner), fault.message)
        })
    }
  }

  /// The texts that a string may be, without the mark that closes them.
  private mutating func text(
    _ schema: JSONValue, at pointer: String
  ) throws(GrammarErrors) -> Regex {
    let free = spelling.freeText(without: [tags.valueEnd.trimmedMark])
    guard case .object(let object) = schema else { return free }
    if let choices = object.texts {
      return .intersection([free, .any(choices.map { Regex($0) })])
    }
    var parts = [free]
    if let pattern = object["pattern"] {
      guard case .string(let pattern) = pattern else { return free }
      do throws(GrammarError) {
        parts.append(try RegexSyntax.parse(pattern, anchored: false))
      } catch {
        try relax(pointer + "/pattern", error.message)
      }
    }
    for name in ["minLength", "maxLength", "format", "not", "anyOf", "oneOf", "allOf", "$ref"]
    where object[name] != nil {
      try relax(
        pointer + "/" + name, "says what calls in this model's form cannot be held to")
    }
    return parts.count == 1 ? free : .intersection(parts)
  }

  private mutating func relax(_ pointer: String, _ message: String) throws(GrammarErrors) {
    guard !tool.isStrict else {
      throw GrammarErrors([GrammarError(.unsupported, at: .pointer(pointer), message)])
    }
    relaxed.append(pointer)
  }

  private mutating func mark(_ text: String) -> Grammar.Expression {
    spelling.expression(of: text, in: &builder)
  }
}

extension JSONObject {
  /// The schema's properties.
  var properties: [Member] {
    if case .object(let object)? = self["properties"] { return object.members }
    return []
  }

  /// The names of the members that must be there.
  var required: [String] {
    guard case .array(let names)? = self["required"] else { return [] }
    return names.compactMap { if case .string(let name) = $0 { name } else { nil } }
  }

  /// The strings that a value may be, where the schema lists nothing else.
  var texts: [String]? {
    var values: [JSONValue]
    switch (self["enum"], self["const"]) {
    case (.array(let list)?, nil): values = list
    case (nil, let value?): values = [value]
    default: return nil
    }
    let texts = values.compactMap { if case .string(let text) = $0 { text } else { nil } }
    return texts.count == values.count ? texts : nil
  }
}
