import GPTModel

/// Fields by which requests ask for a form of the answer.
enum ConstraintFields {
  /// The form of a chat or a completion, by any of its fields.
  static let openAI: [Field] = [
    Field(
      "response_format", .object(format(FieldTable(named))),
      "The form of the answer: any text, a JSON object, or JSON that a schema accepts."),
    Field(
      "structured_outputs", .object(structured), "The form of the answer, as vLLM names it."),
    Field("json_schema", schema, "The same as `response_format` with a schema."),
    Field("guided_json", schema, "The same as `structured_outputs.json`."),
    Field("guided_regex", .text, "The same as `structured_outputs.regex`."),
    Field("guided_choice", choices, "The same as `structured_outputs.choice`."),
    Field("guided_grammar", .text, "The same as `structured_outputs.grammar`."),
    Field(
      "grammar", .text, "A grammar in llama.cpp's notation (GBNF), whose `root` the answer is."),
  ]

  /// What cannot be asked for.
  static let refused = [
    RefusedField("guided_whitespace_pattern", "patterns of white space are")
  ]

  /// The value of `text.format` in the responses protocol.
  static let flat = format(nil, others: named.filter { $0.name != "schema" })

  /// The value of `output_format` in the messages protocol.
  static let output = FieldTable([
    Field("type", .word(["json_schema"]), .required, "The form of the answer."),
    Field("schema", schema, .required, "The schema, which the answer matches."),
  ])

  private static let schema = Field.Kind.special("JSON schema, or a text of it", nil)

  private static let choices = Field.Kind.array(of: "strings", maximumCount: 10_000)

  private static let named = [
    Field(
      "name", .string(maximumBytes: RequestLimits.nameBytes),
      "What the client calls the schema: 1 to 64 letters, digits, `-` and `_`."),
    Field("description", .text, "Changes nothing."),
    Field("schema", schema, "The schema, which the answer matches."),
    Field("strict", .boolean, "Changes nothing: what is asked for is always enforced."),
  ]

  private static func format(_ inner: FieldTable?, others: [Field] = []) -> FieldTable {
    var fields = [
      Field(
        "type", .word(["text", "json_object", "json_schema"]), .required, "The form of the answer."),
      Field("schema", schema, "The schema, where `json_schema` does not have it."),
    ]
    if let inner {
      fields.append(Field("json_schema", .object(inner), "The schema and its name."))
    }
    return FieldTable(fields, others)
  }

  private static let structured = FieldTable(
    [
      Field("json", schema, "A schema, which the answer matches."),
      Field("regex", .text, "A regular expression, which matches the whole answer."),
      Field("choice", choices, "Texts, one of which is the answer."),
      Field(
        "grammar", .text,
        "A grammar in the notation of llama.cpp (with `::=`) or of Lark, which the answer is of."),
      Field(
        "structural_tag", .special("structural tag, or a text of it", nil),
        "Text with parts that have a form, in the notation of XGrammar."),
      Field("json_object", .boolean, .value("false"), "Whether the answer is a JSON object."),
      Field(
        "disable_any_whitespace", .boolean, .value("false"),
        "Whether JSON has no blanks and line breaks between its parts."),
    ],
    refused: [
      RefusedField("whitespace_pattern", "patterns of white space are"),
      RefusedField("disable_additional_properties", "other meanings of schemas are"),
    ])
}
