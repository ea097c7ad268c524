import Testing

/// Members of a request that must be refused, and the name that the refusal gives.
struct BadField: Sendable, CustomTestStringConvertible {
  let members: String
  let parameter: String

  var testDescription: String { "\(members.prefix(60))" }

  init(_ members: String, _ parameter: String) {
    self.members = members
    self.parameter = parameter
  }
}

/// Tables of what must be refused.
enum BadFields {
  /// Members besides a sound conversation.
  static let members: [BadField] =
    outOfRange + wrongTypes + combinations + unsupported

  /// Whole conversations.
  static let messages = [
    BadField("null", "messages"),
    BadField("[]", "messages"),
    BadField("{}", "messages"),
    BadField("\"hi\"", "messages"),
    BadField("[1]", "messages[0]"),
    BadField(#"[{"content": "a"}]"#, "messages[0].role"),
    BadField(#"[{"role": "hacker", "content": "a"}]"#, "messages[0].role"),
    BadField(#"[{"role": 1, "content": "a"}]"#, "messages[0].role"),
    BadField(#"[{"role": "user", "content": "a"}, {"role": "user"}]"#, "messages[1].content"),
    BadField(#"[{"role": "user", "content": null}]"#, "messages[0].content"),
    BadField(#"[{"role": "user", "content": 5}]"#, "messages[0].content"),
    BadField(#"[{"role": "user", "content": ["a"]}]"#, "messages[0].content[0]"),
    BadField(#"[{"role": "user", "content": [{"text": "a"}]}]"#, "messages[0].content[0].type"),
    BadField(#"[{"role": "user", "content": [{"type": "text"}]}]"#, "messages[0].content[0].text"),
    BadField(
      #"[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "file:///"}}]}]"#,
      "messages[0].content[0].type"),
    BadField(
      #"[{"role": "user", "content": [{"type": "refusal", "refusal": "a"}]}]"#,
      "messages[0].content[0].type"),
    BadField(#"[{"role": "tool", "content": "a"}]"#, "messages[0].tool_call_id"),
    BadField(
      #"[{"role": "assistant", "tool_calls": [{"id": "a"}]}]"#, "messages[0].tool_calls[0].function"
    ),
    BadField(
      #"[{"role": "user", "content": "a", "name": "\#(String(repeating: "n", count: 257))"}]"#,
      "messages[0].name"),
  ]

  private static let outOfRange: [BadField] = [
    ("temperature", ["-0.1", "2.01", "-5", "1e300"]),
    ("top_p", ["-1", "-1e-60", "1.01"]),
    ("top_k", ["-2", "2147483648", "0.5", "1e300"]),
    ("min_p", ["-0.01", "1.01"]),
    ("typical_p", ["-0.1", "1.1"]), ("top_n_sigma", ["-2", "101"]),
    ("xtc_probability", ["-1", "2"]), ("xtc_threshold", ["-1", "2"]),
    ("dry_multiplier", ["-1", "1e9"]), ("dry_base", ["0.5", "101"]),
    ("dry_allowed_length", ["0", "2147483648"]), ("dry_penalty_last_n", ["-2"]),
    ("dry_sequence_breakers", ["[1]", "[\"\"]", "5"]),
    ("presence_penalty", ["-2.1", "2.1"]),
    ("frequency_penalty", ["-2.1", "2.1"]),
    ("repetition_penalty", ["0", "-1", "101"]),
    ("n", ["0", "9", "1000000", "-1", "9223372036854775808"]),
    ("max_tokens", ["0", "-7", "9223372036854775808", "1.5"]),
    ("max_completion_tokens", ["0"]),
    ("min_tokens", ["-1"]),
    ("seed", ["18446744073709551616", "0.5"]),
    ("truncate_prompt_tokens", ["0", "-2", "1.5"]),
    ("reasoning_effort", ["\"huge\""]),
  ].flatMap { name, values in values.map { BadField("\"\(name)\": \($0)", name) } }

  private static let wrongTypes: [BadField] = [
    ("temperature", ["\"1\"", "true", "[]"]), ("n", ["true", "\"2\""]), ("seed", ["{}"]),
    ("stream", ["1", "0", "\"true\""]), ("logprobs", ["1", "5"]), ("ignore_eos", ["0"]),
    ("stop", ["1", "{}", "[1]", "\"\"", "[\"\"]", "[null]"]),
    ("stop_token_ids", ["5", "[-1]", "[100]", "[1.5]", "[\"1\"]"]),
    (
      "logit_bias",
      ["[]", "5", "{\"100\": 1}", "{\"-1\": 1}", "{\"1e1\": 1}", "{\"+1\": 1}", "{\"\": 1}"]
    ),
    ("stream_options", ["5"]), ("chat_template_kwargs", ["[]"]),
    ("store", ["1"]), ("metadata", ["[]", "\"a\""]), ("user", ["5"]), ("verbosity", ["true"]),
    ("echo", ["1"]), ("return_token_ids", ["1"]), ("skip_special_tokens", ["\"no\""]),
    ("include_stop_str_in_output", ["0"]), ("reasoning_effort", ["1"]),
  ].flatMap { name, values in values.map { BadField("\"\(name)\": \($0)", name) } }

  private static let combinations = [
    BadField(#""prediction": {"type": "content"}"#, "prediction.content"),
    BadField(#""prediction": {"type": "file", "content": "a"}"#, "prediction.type"),
    BadField(#""prediction": {"content": 5}"#, "prediction.content"),
    BadField(#""logit_bias": {"5": 101}"#, "logit_bias.5"),
    BadField(#""logit_bias": {"5": "1"}"#, "logit_bias.5"),
    BadField(#""top_logprobs": 1"#, "top_logprobs"),
    BadField(#""logprobs": false, "top_logprobs": 1"#, "top_logprobs"),
    BadField(#""logprobs": true, "top_logprobs": 21"#, "top_logprobs"),
    BadField(#""stream_options": {"include_usage": true}"#, "stream_options"),
    BadField(
      #""stream": true, "stream_options": {"include_usage": 1}"#, "stream_options.include_usage"),
    BadField(#""max_tokens": 3, "min_tokens": 4"#, "min_tokens"),
    BadField(#""continue_final_message": true"#, "continue_final_message"),
    BadField(
      #""continue_final_message": true, "add_generation_prompt": true"#, "continue_final_message"),
  ]

  private static let unsupported = [
    BadField(#""tools": [{"type": "web_search"}]"#, "tools[0].type"),
    BadField(#""tool_choice": "required""#, "tool_choice"),
    BadField(#""tool_choice": {"type": "function"}"#, "tool_choice"),
    BadField(#""response_format": {"type": "yaml"}"#, "response_format.type"),
    BadField(#""response_format": {}"#, "response_format.type"),
    BadField(#""modalities": ["text", "audio"]"#, "modalities"),
    BadField(#""audio": {"voice": "a"}"#, "audio"), BadField(#""mirostat": 2"#, "mirostat"),
    BadField(#""use_beam_search": true"#, "use_beam_search"),
    BadField(#""dynatemp_range": 0.5"#, "dynatemp_range"),
    BadField(#""options": {"num_ctx": 9}"#, "options"),
    BadField(#""chat_template": "{{ messages }}""#, "chat_template"),
    BadField(#""chat_template_kwargs": {"messages": []}"#, "chat_template_kwargs.messages"),
    BadField(#""chat_template_kwargs": {"eos_token": "a"}"#, "chat_template_kwargs.eos_token"),
  ]
}
