package import JSON

/// How a schema is compiled.
package struct SchemaOptions: Hashable, Sendable {
  /// What may stand between the tokens of a document.
  package enum WhiteSpace: Hashable, Sendable {
    /// One space, or one line break followed by at most 40 blanks, or nothing.
    case bounded
    /// Nothing.
    case none
  }

  /// What may stand between the tokens of a document.
  package var whiteSpace: WhiteSpace
  /// Whether a subschema that cannot be enforced allows any value of its type, and is reported.
  package var relaxesUnsupported: Bool

  /// Creates options.
  package init(whiteSpace: WhiteSpace = .bounded, relaxesUnsupported: Bool = false) {
    self.whiteSpace = whiteSpace
    self.relaxesUnsupported = relaxesUnsupported
  }
}

/// What a schema was compiled to.
package struct SchemaResult: Hashable, Sendable {
  /// One JSON text of the schema.
  package var expression: Grammar.Expression
  /// Where the schema says more than is enforced; empty unless that was asked for.
  package var relaxed: [String]
}

/// JSON Schema as a grammar: what can be written is what the schema accepts.
package enum JSONSchema {
  /// Adds the rules of a schema to a grammar.
  ///
  /// - Throws: Every fault that was found, at most 8, each with a JSON pointer.
  package static func compile(
    _ schema: JSONValue, into builder: inout GrammarBuilder, options: SchemaOptions
  ) throws(GrammarErrors) -> SchemaResult {
    var reader = SchemaReader(schema, relaxesUnsupported: options.relaxesUnsupported)
    let root = try reader.read()
    var writer = SchemaWriter(reader, options: options)
    let expression = try writer.write(root, into: &builder)
    return SchemaResult(expression: expression, relaxed: writer.relaxed)
  }

  /// Adds the rules of any JSON object to a grammar.
  package static func compileAnyObject(
    into builder: inout GrammarBuilder, options: SchemaOptions
  ) throws(GrammarErrors) -> Grammar.Expression {
    var schema = JSONObject()
    schema["type"] = .string("object")
    return try compile(.object(schema), into: &builder, options: options).expression
  }
}
