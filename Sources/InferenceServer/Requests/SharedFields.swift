import GPTModel

/// Fields that requests of several protocols have in common.
enum SharedFields {
  /// The model.
  static let model = Field(
    "model", .text, .value("the model that is served"),
    "The model, by the name that `/v1/models` tells or any of its others.")

  /// How tokens are chosen.
  static let sampling: [Field] = [
    Field(
      "temperature", .number(0...2), .value("what the model's files say, else 1"),
      "How even the choice of tokens is. 0 takes the most likely token."),
    Field(
      "top_p", .number(0...1), .value("what the model's files say, else 1"),
      "Keeps the most likely tokens that have this probability together. 0 takes the most likely one."
    ),
    Field(
      "top_k", .integer(-1...Int(Int32.max)), .value("what the model's files say, else 0"),
      "Keeps so many of the most likely tokens. 0 and -1 keep all."),
    Field(
      "min_p", .number(0...1), .value("what the model's files say, else 0"),
      "Keeps tokens at least so likely, relative to the most likely one."),
    Field(
      "presence_penalty", .number(-2...2), .value("0"),
      "Is subtracted from the logits of tokens that the answer has."),
    Field(
      "frequency_penalty", .number(-2...2), .value("0"),
      "Is subtracted from a token's logit for each time that the answer has it."),
    Field(
      "repetition_penalty", .positive(upTo: 100), .value("what the model's files say, else 1"),
      "Divides the positive logits of tokens that prompt or answer have, and multiplies the others."
    ).or("repeat_penalty"),
    Field(
      "typical_p", .number(0...1), .value("1"),
      "Keeps the tokens of about average surprise that have this probability together."),
    Field(
      "top_n_sigma", .number(-1...100), .value("0"),
      "Keeps tokens whose logits are so many standard deviations below the greatest. 0 and -1 keep all."
    ),
    Field(
      "xtc_probability", .number(0...1), .value("0"),
      "How often the most likely tokens are excluded, all but the last of `xtc_threshold`."),
    Field(
      "xtc_threshold", .number(0...1), .value("0.1"),
      "How probable the tokens are that `xtc_probability` excludes. Above 0.5 none is."),
    Field(
      "dry_multiplier", .number(0...100), .value("0"),
      "Is subtracted from the logits of tokens that make a repeated run of tokens longer."),
    Field(
      "dry_base", .number(1...100), .value("1.75"),
      "Multiplies `dry_multiplier` for each token of the run beyond `dry_allowed_length`."),
    Field(
      "dry_allowed_length", .integer(1...Int(Int32.max)), .value("2"),
      "The shortest run whose continuation `dry_multiplier` makes less likely."),
    Field(
      "dry_penalty_last_n", .integer(-1...Int(Int32.max)), .value("-1"),
      "How many of the last tokens are searched for runs. -1 searches all, 0 none."),
    Field(
      "dry_sequence_breakers",
      .array(
        of: "strings of 1 to \(RequestLimits.stopStringBytes) bytes, or one string",
        maximumCount: RequestLimits.stopStrings),
      .value("line breaks, colons, quotation marks and asterisks"),
      "No run reaches beyond a token that has one of these texts."),
    Field(
      "logit_bias", .map(.number(-100...100)),
      "Is added to logits: an object of at most \(RequestLimits.logitBiases) tokens, by their numbers."
    ),
    Field(
      "seed", .integer(.min ... .max), .value("drawn"),
      "Repeats the same answer for the same request. -1 has one drawn. The header `X-Apus-Seed` tells it."
    ),
  ]

  /// Ways to choose tokens that other servers have.
  static let refusedSampling: [RefusedField] = [
    RefusedField("mirostat", "sampling by Mirostat is"),
    RefusedField("dynatemp_range", "a temperature that changes by the entropy is"),
    RefusedField("use_beam_search", "beam search is"),
    RefusedField("options", "Ollama's object of options, which are fields of their own here, is"),
  ]

  /// When an answer ends.
  ///
  /// - Parameters:
  ///   - leastTokens: The lowest limit that a request may set.
  ///   - usualLimit: The limit where a request sets none, in words.
  static func stopping(leastTokens: Int, usualLimit: String) -> [Field] {
    [
      Field(
        "max_completion_tokens", .integer(-1 ... .max), .value(usualLimit),
        "Tokens that the answer has at most"
          + (leastTokens > 0 ? ", \(leastTokens) or more" : "")
          + ". -1, and more than the context has left, mean what it has left."
      ).or("max_tokens", "n_predict"),
      Field(
        "min_tokens", .integer(0 ... .max), .value("0"),
        "Tokens before which neither the end of sequence nor a stop string ends the answer. Must not be"
          + " greater than the limit."),
      Field(
        "stop",
        .array(
          of: "strings of 1 to \(RequestLimits.stopStringBytes) bytes, or one string",
          maximumCount: RequestLimits.stopStrings),
        "Texts that end the answer, which does not have them."),
      Field(
        "stop_token_ids", .array(of: "tokens", maximumCount: RequestLimits.stopTokens),
        "Tokens that end the answer, which does not have them."),
      Field(
        "include_stop_str_in_output", .boolean, .value("false"),
        "Whether the answer keeps the stop string that ended it."),
      Field(
        "ignore_eos", .boolean, .value("false"),
        "Whether the answer goes on after the model's end of sequence."),
    ]
  }

  /// How urgent a request is, and what it shares.
  static let terms: [Field] = [
    Field(
      "priority", .integer(-1000...1000), .value("that of the tier"),
      "Requests with lower numbers are computed first."),
    Field(
      "service_tier", .string(maximumBytes: RequestLimits.nameBytes),
      "`priority` means the priority -1, `flex` 1, and all others 0."),
    Field(
      "cache_salt", .string(maximumBytes: RequestLimits.nameBytes),
      "Only requests with the same salt share computed prompts."),
    Field(
      "cache_prompt", .boolean, .value("true"),
      "Whether computed prompts of earlier requests are used, and this one is kept."),
  ]

  /// The variables of the chat template.
  static let template: [Field] = [
    Field(
      "chat_template_kwargs", .map(nil),
      "Variables for the chat template, but none that it has from elsewhere."),
    Field(
      "reasoning_effort", .word(["none", "minimal", "low", "medium", "high", "xhigh", "max"]),
      "The chat template's variable of this name; `none` sets `enable_thinking` to false, too."),
    Field(
      "thinking_token_budget", .integer(0 ... .max),
      "Tokens of thinking after which the model must close it."
    ).or("reasoning_budget_tokens"),
  ]

  /// Fields for extras of the answer and for truncation of the prompt.
  static let extras: [Field] = [
    Field(
      "truncate_prompt_tokens", .integer(-1 ... .max),
      "Keeps so many tokens of the prompt's end. -1 keeps as many as fit. 0 is not allowed."),
    Field(
      "skip_special_tokens", .boolean, .value("true"),
      "Whether control tokens are left out of the text."),
    Field(
      "return_token_ids", .boolean, .value("false"),
      "Adds `prompt_token_ids`, and the `token_ids` of each answer, its end included."),
    Field(
      "prompt_logprobs", .integer(0...RequestLimits.topLogprobs),
      "Adds how likely each token of the prompt is, and so many alternatives. Not for streams."),
    Field("timings", .boolean, .value("false"), "Adds how long waiting, reading and writing took."),
    Field("timings_per_token", .boolean, .value("`timings`"), "Means the same as `timings`."),
  ]

  /// A part of a text.
  ///
  /// - Parameter kinds: The types that parts may have, by the member that holds the text.
  static func parts(_ kinds: KeyValuePairs<String, String>) -> FieldTable {
    var members: [Field] = []
    for (type, member) in kinds where !members.contains(where: { $0.name == member }) {
      members.append(Field(member, .text, .required, "The text of a part of type `\(type)`."))
    }
    return FieldTable(
      [Field("type", .word(kinds.map { $0.key }), .required, "What the part is.")], members)
  }
}
