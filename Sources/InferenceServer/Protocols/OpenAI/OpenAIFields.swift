/// Fields that several of OpenAI's protocols have in common.
enum OpenAIFields {
  /// How to stream.
  static let streaming: [Field] = [
    Field("stream", .boolean, .value("false"), "Whether the answer comes as a stream of events."),
    Field(
      "stream_options", .object(options), "What a stream tells besides. Requires `stream`."),
  ]

  /// Fields that clients send and that change nothing here.
  static let ignored: [Field] = [
    ignored("store", .boolean), ignored("metadata", .map(nil)), ignored("user", .text),
    ignored("verbosity", .text), ignored("safety_identifier", .text),
    ignored("prompt_cache_key", .text), ignored("prompt_cache_retention", .text),
    ignored("prompt_cache_options", .map(nil)),
    ignored("max_tool_calls", .integer(.min ... .max)), ignored("prediction", .map(nil)),
    ignored("web_search_options", .map(nil)), ignored("moderation", .map(nil)),
    ignored("return_progress", .boolean), ignored("request_id", .text),
  ]

  /// Fields that neither chats nor completions support.
  static let refused: [RefusedField] =
    [
      RefusedField("audio", "audio is"),
      RefusedField("chat_template", "templates in requests are"),
    ] + ConstraintFields.refused + SharedFields.refusedSampling

  /// Fields of which only one value is supported.
  static let restricted: [Field] = [
    Field(
      "modalities", .special("`[\"text\"]`", nil), .value("`[\"text\"]`"), "What the answer is.")
  ]

  private static let options = FieldTable([
    Field(
      "include_usage", .boolean, .value("false"),
      "Adds a last chunk with the tokens used, before which `usage` is null."),
    Field(
      "continuous_usage_stats", .boolean, .value("false"),
      "With `include_usage`, each chunk has the tokens used so far."),
    Field("include_obfuscation", .boolean, .value("false"), "Changes nothing."),
  ])

  private static func ignored(_ name: String, _ kind: Field.Kind) -> Field {
    Field(name, kind, "Changes nothing.")
  }
}
