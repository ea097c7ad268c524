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
      Field("thinking", .object(thinking), "Whether the model thinks."),
      Field("output_config", .object(output), "Settings of the answer."),
      Field(
        "output_format", .object(ConstraintFields.output),
        "The form of the answer, the same as `output_config.format`."),
    ], ToolFields.messages, SharedFields.sampling, SharedFields.template, SharedFields.terms,
    refused: [
      RefusedField("mcp_servers", "servers of tools are"),
      RefusedField("container", "containers are"),
      RefusedField("context_management", "managing the context is"),
    ] + SharedFields.refusedSampling)

  private static let message = FieldTable([
    Field(
      "role", .word(["user", "assistant", "system"]), .required, "Whose message it is."),
    Field(
      "content", .parts(blocks), .required, "What was said, called, and what calls resulted in."),
  ])

  /// The blocks of a message.
  private static let blocks = FieldTable([
    Field(
      "type",
      .word(["text", "tool_use", "tool_result", "thinking", "redacted_thinking"]), .required,
      "What the block is."),
    Field("text", .text, "The text of a block of type `text`."),
    Field("thinking", .text, "What the assistant thought, as its answer had it."),
    Field("id", .string(maximumBytes: RequestLimits.nameBytes), "Names a call for its result."),
    Field("name", .string(maximumBytes: RequestLimits.nameBytes), "The tool of a call."),
    Field("input", .map(nil), "The arguments of a call."),
    Field(
      "tool_use_id", .string(maximumBytes: RequestLimits.nameBytes),
      "The call that a block of type `tool_result` is the result of."),
    Field("content", .parts(parts), "The result of a call."),
    Field("is_error", .boolean, .value("false"), "Whether the call has failed."),
  ])

  private static let thinking = FieldTable([
    Field(
      "type", .word(["enabled", "adaptive", "disabled"]), .required,
      "Whether the model thinks, if its chat template knows that."),
    Field(
      "budget_tokens", .integer(1 ... .max),
      "Tokens of thinking after which the model must close it."),
    Field("display", .text, "Changes nothing."),
  ])

  private static let parts = SharedFields.parts(["text": "text"])

  private static let output = FieldTable(
    [Field("format", .object(ConstraintFields.output), "The form of the answer.")],
    refused: [RefusedField("effort", "degrees of effort are")])
}
