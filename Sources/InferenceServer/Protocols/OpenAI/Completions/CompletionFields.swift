extension FieldTable {
  /// The fields of a request of completions.
  static let completions = FieldTable(
    [
      SharedFields.model,
      Field(
        "prompt",
        .special(
          "string, array of tokens, or array of at most \(RequestLimits.prompts) of either", nil),
        .value("what begins a new document"),
        "What is continued. The answer to sample s of prompt p has the index p × `n` + s."),
      Field(
        "parse_special", .boolean, .value("true"),
        "Whether the name of a control token in a text stands for that token. Texts of people who are"
          + " not trusted want `false`."),
      Field(
        "n", .integer(1...RequestLimits.choices), .value("1"),
        "Answers to each prompt. A request has at most \(RequestLimits.completions) answers."),
      Field(
        "best_of", .integer(1...RequestLimits.choices), .value("`n`"),
        "Answers that are computed for each prompt; the `n` with the best mean log-probability are"
          + " told. Streams allow no more than `n`."),
      Field(
        "echo", .boolean, .value("false"),
        "Whether the answer begins with the prompt; `logprobs` then has its tokens too."),
      Field(
        "logprobs", .integer(0...RequestLimits.completionLogprobs),
        "So many alternatives for each token of the answer, and the token itself."),
      Field(
        "suffix", .text,
        "The text behind the gap that the answer fills. For models whose vocabulary has marks for that,"
          + " and prompts that are texts."),
    ],
    SharedFields.stopping(leastTokens: 0, usualLimit: "16"), SharedFields.sampling,
    OpenAIFields.streaming, SharedFields.extras, SharedFields.terms, ConstraintFields.openAI,
    OpenAIFields.restricted,
    ignored: OpenAIFields.ignored,
    refused: OpenAIFields.refused + [
      RefusedField("tools", "tools, which chats have, are"),
      RefusedField("functions", "functions, which chats have, are"),
    ])
}
