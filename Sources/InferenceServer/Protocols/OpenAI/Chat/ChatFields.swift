extension FieldTable {
  /// The fields of a request of chat completions.
  static let chat = FieldTable(
    [
      SharedFields.model,
      Field(
        "messages", .objects(message, maximumCount: RequestLimits.messages), .required,
        "The conversation, at least one message."),
      Field(
        "n", .integer(1...RequestLimits.choices), .value("1"), "How many answers are written."),
      Field(
        "prediction", .object(prediction),
        "What the answer will be like, so that it is written sooner where the server drafts answers; changes nothing else."
      ),
    ],
    SharedFields.stopping(leastTokens: 1, usualLimit: "what the context has left"),
    SharedFields.sampling, OpenAIFields.streaming, reports, layout, SharedFields.extras,
    SharedFields.template, SharedFields.terms, ConstraintFields.openAI, ToolFields.chat,
    OpenAIFields.restricted,
    ignored: OpenAIFields.ignored.filter { !["prediction", "return_progress"].contains($0.name) },
    refused: OpenAIFields.refused)

  private static let prediction = FieldTable([
    Field("type", .word(["content"]), "`content`."),
    Field(
      "content", .parts(SharedFields.parts(["text": "text"])), .required,
      "Text that the answer will have much of."),
  ])

  private static let message = FieldTable(
    [
      Field(
        "role", .word(["developer", "system", "user", "assistant", "tool", "function"]), .required,
        "Whose message it is. `developer` means `system`, `function` a result without an id."),
      Field(
        "content", .parts(SharedFields.parts(["text": "text", "refusal": "refusal"])), .required,
        "What was said. The assistant's may be absent, and may have parts of type `refusal`."),
      Field(
        "tool_calls", .objects(call, maximumCount: RequestLimits.calls),
        "The calls of tools in a message of the assistant's, as its answer had them."),
      Field(
        "function_call", .object(function), "A call as older clients have it."),
      Field(
        "tool_call_id", .string(maximumBytes: RequestLimits.nameBytes),
        "The call that a message of role `tool` is the result of; the first without result where it is absent."
      ),
      Field(
        "name", .string(maximumBytes: RequestLimits.nameBytes),
        "Who said it, for the chat template."),
      Field("reasoning_content", .text, "What the assistant thought, for the chat template.")
        .or("reasoning"),
    ])

  private static let function = FieldTable([
    Field("name", .string(maximumBytes: RequestLimits.nameBytes), .required, "The tool."),
    Field("arguments", .special("string of JSON, or object", nil), "The arguments."),
  ])

  private static let call = FieldTable([
    Field("id", .string(maximumBytes: RequestLimits.nameBytes), "Names the call for its result."),
    Field("type", .text, "`function` or `custom`."),
    Field("function", .object(function), "The call of a function."),
    Field(
      "custom",
      .object(
        FieldTable([
          Field("name", .string(maximumBytes: RequestLimits.nameBytes), .required, "The tool."),
          Field("input", .text, "Its input."),
        ])), "The call of a custom tool."),
  ])

  private static let reports: [Field] = [
    Field(
      "logprobs", .boolean, .value("false"), "Adds how likely each token of the answer was."),
    Field(
      "top_logprobs", .integer(0...RequestLimits.topLogprobs), .value("0"),
      "So many alternatives to each token. Requires `logprobs`."),
    Field(
      "return_progress", .boolean, .value("false"),
      "Whether a stream has chunks that tell how much of a long prompt was computed: `prompt_progress`, with"
        + " the tokens of `total`, `cache` and `processed`, and `time_ms`."),
  ]

  private static let layout: [Field] = [
    Field(
      "continue_final_message", .boolean, .value("false"),
      "Whether the answer continues the last message, which must be the assistant's."),
    Field(
      "add_generation_prompt", .boolean, .value("true, or false with `continue_final_message`"),
      "Whether the prompt ends with the beginning of the answer's message."),
    Field(
      "echo", .boolean, .value("false"),
      "Whether the last message, if it is the assistant's, is repeated before the answer."),
  ]
}
