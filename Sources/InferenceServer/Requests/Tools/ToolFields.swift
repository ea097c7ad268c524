/// Fields by which requests bring tools.
enum ToolFields {
  /// The tools of a chat.
  static let chat: [Field] = [
    Field(
      "tools",
      .objects(
        FieldTable([type, Field("function", .object(function), "The tool.")], [custom]),
        maximumCount: RequestLimits.tools),
      "The tools that the answer may call."),
    Field(
      "tool_choice",
      .special("`none`, `auto`, `required`, or an object that names a tool or some", choice),
      .value("`auto` with tools, else `none`"), "Which tools are called."),
    Field(
      "parallel_tool_calls", .boolean, .value("true"),
      "Whether an answer may have more than one call."),
    Field(
      "functions", .objects(function, maximumCount: RequestLimits.tools),
      "The tools as older clients have them."),
    Field(
      "function_call", .special("`none`, `auto`, or an object with a name", named),
      "The same as `tool_choice`, for `functions`."),
  ]

  /// The tools of the responses protocol.
  static let responses: [Field] = [
    Field(
      "tools",
      .objects(FieldTable([type], functionMembers, [format]), maximumCount: RequestLimits.tools),
      "The tools that the answer may call."),
    Field(
      "tool_choice",
      .special("`none`, `auto`, `required`, or an object that names a tool or some", choice),
      .value("`auto`"), "Which tools are called."),
    Field(
      "parallel_tool_calls", .boolean, .value("true"),
      "Whether an answer may have more than one call."),
  ]

  /// The tools of the messages protocol.
  static let messages: [Field] = [
    Field(
      "tools",
      .objects(
        FieldTable([
          Field(
            "type", .text, .value("`custom`"), "`custom`; tools of the server's own are refused."),
          name, description,
          Field("input_schema", parameters, .required, "The JSON Schema of the arguments."),
          Field("strict", .boolean, .value("false"), strict),
        ]), maximumCount: RequestLimits.tools), "The tools that the answer may call."),
    Field(
      "tool_choice",
      .object(
        FieldTable([
          Field(
            "type", .word(["auto", "any", "tool", "none"]), .required,
            "Whether tools are called: as the model likes, any, the one of a name, or none."),
          name,
          Field(
            "disable_parallel_tool_use", .boolean, .value("false"),
            "Whether an answer has at most one call."),
        ])), .value("`auto` with tools"), "Which tools are called."),
  ]

  private static let type = Field(
    "type", .text, .required, "`function` or `custom`; tools of the server's own are refused.")

  private static let name = Field(
    "name", .string(maximumBytes: RequestLimits.nameBytes),
    "The tool's name: 1 to 128 letters, digits, `_`, `-`, `.`, `:` and `/`.")

  private static let description = Field("description", .text, "What the tool does, for the model.")

  private static let strict =
    "Whether a schema that cannot be enforced exactly is refused, and not enforced as far as it can be."

  private static let parameters = Field.Kind.special("JSON schema", nil)

  private static let functionMembers: [Field] = [
    name, description,
    Field(
      "parameters", parameters,
      "The JSON Schema of the arguments, which are an object. Without it there are none."),
    Field("strict", .boolean, .value("false"), strict),
  ]

  /// A function.
  private static let function = FieldTable(functionMembers)

  private static let format = Field(
    "format",
    .object(
      FieldTable([
        Field("type", .word(["text", "grammar"]), .required, "Any text, or a grammar's."),
        Field("syntax", .word(["regex", "lark"]), "The notation of the grammar."),
        Field("definition", .text, "The grammar."),
        Field("grammar", .object(grammar), "The grammar, as chats have it."),
      ])), "The input of a custom tool.")

  private static let grammar = FieldTable([
    Field("syntax", .word(["regex", "lark"]), .required, "The notation."),
    Field("definition", .text, .required, "The grammar."),
  ])

  private static let custom = Field(
    "custom", .object(FieldTable([name, description, format])),
    "A tool whose input is a text.")

  private static let named = FieldTable([name])

  private static let choice = FieldTable(
    [
      Field(
        "type", .word(["function", "custom", "allowed_tools"]), .required,
        "What the object names."),
      Field("function", .object(named), "The tool."),
      Field("custom", .object(named), "The tool."),
      Field("allowed_tools", .object(FieldTable(allowed)), "Some of the tools."),
      name,
    ], allowed)

  private static let allowed: [Field] = [
    Field("mode", .word(["auto", "required"]), "Whether one is called."),
    Field(
      "tools",
      .objects(
        FieldTable([
          Field("type", .text, "`function` or `custom`."), name,
          Field("function", .object(named), "The tool."),
          Field("custom", .object(named), "The tool."),
        ]), maximumCount: RequestLimits.tools),
      "Which of the tools may be called."),
  ]
}
