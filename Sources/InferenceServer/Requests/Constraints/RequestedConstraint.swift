import GPTModel
import JSON

/// The form that a request wants its answers to have.
struct RequestedConstraint: Sendable, Hashable {
  /// What it was made of.
  let source: ConstraintSource
  /// How it is to be understood.
  var options = ConstraintOptions()
  /// The field of the request that asks for it.
  let field: String
}

extension RequestedConstraint {
  /// Reads the form that a chat or a completion of OpenAI's protocol asks for; nil for any.
  ///
  /// - Throws: An error where two fields ask for one.
  init?(openAI fields: FieldReader) throws(APIError) {
    let found = [
      try Self.format(fields, "response_format"), try Self.structured(fields),
      try Self.schema(fields, "json_schema"), try Self.schema(fields, "guided_json"),
      try Self.regex(fields, "guided_regex"), try Self.choice(fields, "guided_choice"),
      try Self.grammar(fields, "guided_grammar"),
      try fields.string("grammar").map { Self(source: .gbnf($0), field: fields.path("grammar")) },
    ].compactMap { $0 }
    guard let first = found.first else { return nil }
    if found.count > 1 {
      throw .invalid(
        found[1].field, "\(found[1].field) and \(first.field) both ask for a form; give one of them"
      )
    }
    self = first
  }

  /// Reads an object whose `type` tells the form; nil for text.
  ///
  /// - Parameter types: The types that it may have.
  static func format(
    _ fields: FieldReader, _ name: String
  ) throws(APIError) -> RequestedConstraint? {
    guard let format = try fields.reader(name) else { return nil }
    guard let type = try format.word("type") else { throw format.missing("type") }
    let field = fields.path(name)
    switch type {
    case "text": return nil
    case "json_object":
      // Servers of other makes take a schema here, too.
      let source = format.table.knows("schema") ? try schemaSource(format, "schema") : nil
      return RequestedConstraint(source: source ?? .jsonObject, field: field)
    default:
      guard let source = try named(format) else { throw format.missing("schema") }
      return RequestedConstraint(source: source, field: field)
    }
  }

  /// Reads a schema with a name, beside `type` or in an object of its own.
  private static func named(_ format: FieldReader) throws(APIError) -> ConstraintSource? {
    guard format.table.knows("json_schema"), let inner = try format.reader("json_schema") else {
      try checkName(format)
      return try schemaSource(format, "schema")
    }
    try checkName(inner)
    if let source = try schemaSource(inner, "schema") {
      if format.has("schema") { throw format.invalid("schema", "is there twice; give it once") }
      return source
    }
    guard let source = try schemaSource(format, "schema") else { throw inner.missing("schema") }
    return source
  }

  /// Checks what stands beside a schema and changes nothing.
  private static func checkName(_ fields: FieldReader) throws(APIError) {
    if fields.table.knows("strict") { _ = try fields.boolean("strict") }
    if fields.table.knows("description") { _ = try fields.string("description") }
    guard fields.table.knows("name"), let name = try fields.string("name") else { return }
    guard name.hasOnlyLettersDigits(and: "-_"), (1...64).contains(name.utf8.count) else {
      throw fields.invalid("name", "must have 1 to 64 letters, digits, - and _")
    }
  }
}

extension RequestedConstraint {
  /// Reads vLLM's object, which has one of several members.
  private static func structured(_ fields: FieldReader) throws(APIError) -> RequestedConstraint? {
    let name = "structured_outputs"
    guard let inner = try fields.reader(name) else { return nil }
    try UnsupportedFields.check(inner)
    var found = [
      try schema(inner, "json"), try regex(inner, "regex"), try choice(inner, "choice"),
      try grammar(inner, "grammar"), try tag(inner, "structural_tag"),
    ].compactMap { $0 }
    if try inner.boolean("json_object") ?? false {
      found.append(RequestedConstraint(source: .jsonObject, field: inner.path("json_object")))
    }
    guard found.count == 1, var constraint = found.first else {
      throw fields.invalid(
        name, "must have exactly one of json, regex, choice, grammar, structural_tag, json_object")
    }
    constraint.options.allowsWhiteSpace =
      !(try inner.boolean("disable_any_whitespace") ?? false)
    return constraint
  }

  /// Reads a schema, which may be an object, true or false, or a text of it.
  private static func schema(
    _ fields: FieldReader, _ name: String
  ) throws(APIError) -> RequestedConstraint? {
    try schemaSource(fields, name).map {
      RequestedConstraint(source: $0, field: fields.path(name))
    }
  }

  private static func schemaSource(
    _ fields: FieldReader, _ name: String
  ) throws(APIError) -> ConstraintSource? {
    guard let value = try json(fields, name) else { return nil }
    switch value {
    case .object, .bool: return .jsonSchema(value)
    default: throw fields.mismatch(name, "a JSON schema")
    }
  }

  private static func tag(
    _ fields: FieldReader, _ name: String
  ) throws(APIError) -> RequestedConstraint? {
    try json(fields, name).map {
      RequestedConstraint(source: .structuralTag($0), field: fields.path(name))
    }
  }

  /// Reads a JSON value, which may be in a text.
  private static func json(
    _ fields: FieldReader, _ name: String
  ) throws(APIError) -> JSONValue? {
    guard case .string(let text) = fields.value(name) else { return fields.value(name) }
    do {
      return try JSONValue(parsing: Array(text.utf8))
    } catch {
      throw fields.invalid(name, "is not valid JSON: \(error)")
    }
  }

  private static func regex(
    _ fields: FieldReader, _ name: String
  ) throws(APIError) -> RequestedConstraint? {
    try fields.string(name).map {
      RequestedConstraint(source: .regex($0), field: fields.path(name))
    }
  }

  /// Reads a grammar in either notation.
  private static func grammar(
    _ fields: FieldReader, _ name: String
  ) throws(APIError) -> RequestedConstraint? {
    try fields.string(name).map {
      RequestedConstraint(source: .grammar($0), field: fields.path(name))
    }
  }

  private static func choice(
    _ fields: FieldReader, _ name: String
  ) throws(APIError) -> RequestedConstraint? {
    guard let elements = try fields.array(name) else { return nil }
    var choices: [String] = []
    for element in elements {
      guard case .string(let choice) = element else {
        throw fields.mismatch(name, "an array of strings")
      }
      choices.append(choice)
    }
    return RequestedConstraint(source: .choice(choices), field: fields.path(name))
  }
}

extension APIError {
  /// The wire error for a form that cannot be enforced.
  init(_ error: ConstraintError, field: String) {
    let reason: ErrorReason =
      switch error.code {
      case .invalid: .invalidSchema
      case .unsupported: .unsupportedSchema
      case .tooComplex: .schemaTooComplex
      case .unsatisfiable: .unsatisfiableSchema
      }
    self.init(reason, "\(field): \(error.description)", parameter: field)
  }
}
