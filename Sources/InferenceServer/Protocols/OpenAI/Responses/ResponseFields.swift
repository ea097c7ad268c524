extension FieldTable {
  /// The fields of a request of the responses protocol.
  static let responses = FieldTable(
    [
      SharedFields.model,
      Field(
        "input", .special("string, or array of 1 to \(RequestLimits.messages) items", responseItem),
        .required, "The conversation, with all earlier answers; a string is a user's message."),
      Field(
        "previous_response_id", .string(maximumBytes: RequestLimits.nameBytes),
        "The response that is gone on from, its conversation included but for instructions. Where the"
          + " server keeps responses."),
      Field(
        "conversation",
        .special(
          "string, or an object with `id`",
          FieldTable([
            Field(
              "id", .string(maximumBytes: RequestLimits.nameBytes), .required,
              "The conversation's name.")
          ])),
        "The conversation that is gone on from, and to which input and answer are added. Where the"
          + " server keeps responses."),
      Field(
        "store", .boolean, .value("true"),
        "Whether the response is kept for later requests, where the server keeps responses."),
      Field("instructions", .text, "What the model is told before the conversation."),
      Field(
        "max_output_tokens", .integer(1 ... .max), .value("what the context has left"),
        "Tokens that the answer has at most."),
      Field(
        "include", .array(of: "strings", maximumCount: RequestLimits.includes),
        "`message.output_text.logprobs` adds how likely each token of the answer was."),
      Field(
        "top_logprobs", .integer(0...RequestLimits.topLogprobs), .value("0"),
        "So many alternatives to each token, where log-probabilities are included."),
      Field("stream", .boolean, .value("false"), "Whether the answer comes as a stream of events."),
      Field(
        "stream_options",
        .object(
          FieldTable([
            Field("include_obfuscation", .boolean, .value("false"), "Changes nothing.")
          ])), "Requires `stream`."),
      Field("metadata", .map(nil), .value("{}"), "The client's notes, which the answer repeats."),
      Field("reasoning", .object(reasoning), "How much the model thinks."),
      Field("text", .object(text), "The form of the answer."),
      Field(
        "truncation", .word(["disabled"]), .value("`disabled`"),
        "Whether messages that do not fit are dropped."),
      Field(
        "max_tool_calls", .integer(1 ... .max), "Changes nothing: tools are the client's own."),
    ], ToolFields.responses, SharedFields.sampling, SharedFields.template, SharedFields.terms,
    ignored: OpenAIFields.ignored.filter { !["max_tool_calls", "store"].contains($0.name) },
    refused: [
      RefusedField("background", "answering in the background is"),
      RefusedField("prompt", "stored prompts are"),
      RefusedField("context_management", "managing the context is"),
    ] + SharedFields.refusedSampling)

  /// The fields of an item of a conversation.
  static let responseItem = FieldTable([
    Field(
      "type",
      .word([
        "message", "function_call", "function_call_output", "custom_tool_call",
        "custom_tool_call_output", "reasoning",
      ]), .value("`message`"), "What the item is."),
    Field(
      "role", .word(["developer", "system", "user", "assistant"]),
      "Whose message it is. `developer` means `system`."),
    Field(
      "content",
      .parts(
        SharedFields.parts([
          "input_text": "text", "output_text": "text", "refusal": "refusal",
          "reasoning_text": "text",
        ])),
      "What was said. The assistant's parts are `output_text` and `refusal`, others `input_text`."),
    Field(
      "call_id", .string(maximumBytes: RequestLimits.nameBytes), "Names a call for its result."),
    Field("name", .string(maximumBytes: RequestLimits.nameBytes), "The tool of a call."),
    Field("arguments", .text, "The arguments of a call, as JSON."),
    Field("input", .text, "The input of a call of a custom tool."),
    Field(
      "output",
      .parts(SharedFields.parts(["input_text": "text", "output_text": "text", "text": "text"])),
      "The result of a call."),
    Field(
      "summary", .parts(SharedFields.parts(["summary_text": "text"])),
      "What the assistant thought, where its item has no content."),
  ])

  private static let reasoning = FieldTable([
    Field(
      "effort", .string(maximumBytes: RequestLimits.nameBytes),
      "The chat template's variable `reasoning_effort`."),
    Field("summary", .text, "Changes nothing."),
  ])

  private static let text = FieldTable([
    Field("verbosity", .text, "Changes nothing."),
    Field("format", .object(ConstraintFields.flat), "The form of the answer."),
  ])
}
