extension FieldTable {
  /// The fields of a request of Anthropic's messages.
  static let messages = FieldTable(
    [
      SharedFields.model,
      Field(
        "messages", .objects(message, maximumCount: RequestLimits.messages), .required,
        "The conversation. A last message of the assistant's is the beginning of the answer."),
      Field("system", .parts(parts), "What the model is told before the conversation."),
      Field(
        "max_tokens", .integer(1 ... .max), .required,
        "Tokens that the answer has at most. To count a prompt it may be absent."),
      Field(
        "stop_sequences",
        .array(
          of: "strings of 1 to \(RequestLimits.stopStringBytes) bytes, or one string",
          maximumCount: RequestLimits.stopStrings),
        "Texts that end the answer, which does not have them."),
      Field("stream", .boolean, .value("false"), "Whether the answer comes as a stream of events."),
      Field("metadata", .map(nil), "Changes nothing."),
      Field(
        "tool_choice",
        .object(choice(["auto", "none"], "Whether tools may be called.")),
        "Which tool to call, of which there is none."),
      Field(
        "thinking", .object(choice(["disabled"], "Whether the model thinks.")),
        "Whether the model thinks."),
      Field("output_config", .object(output), "Settings of the answer."),
      Field(
        "output_format", .object(ConstraintFields.output),
        "The form of the answer, the same as `output_config.format`."),
    ], SharedFields.sampling, SharedFields.template, SharedFields.terms,
    refused: [
      RefusedField("tools", "tools are"), RefusedField("mcp_servers", "servers of tools are"),
      RefusedField("container", "containers are"),
      RefusedField("context_management", "managing the context is"),
    ])

  private static let message = FieldTable([
    Field(
      "role", .word(["user", "assistant", "system"]), .required, "Whose message it is."),
    Field("content", .parts(parts), .required, "What was said."),
  ])

  private static let parts = SharedFields.parts(["text": "text"])

  private static let output = FieldTable(
    [Field("format", .object(ConstraintFields.output), "The form of the answer.")],
    refused: [RefusedField("effort", "degrees of effort are")])

  private static func choice(_ words: [String], _ meaning: String) -> FieldTable {
    FieldTable([Field("type", .word(words), .required, meaning)])
  }
}
