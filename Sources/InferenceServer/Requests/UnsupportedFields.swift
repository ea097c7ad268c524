import JSON

/// Refuses what a client would wrongly believe to be honoured if it were ignored.
enum UnsupportedFields {
  /// Throws for the first field of a chat completion that asks for something this server does not
  /// have yet.
  static func check(_ fields: FieldReader) throws(APIError) {
    try check(fields, absent: wholly)
    try checkFormat(fields)
    try checkToolChoice(fields, "tool_choice")
    try checkToolChoice(fields, "function_call")
    if let modalities = fields.value("modalities"), modalities != .array([.string("text")]) {
      throw .unsupported("modalities", "answers other than text are")
    }
  }

  /// Throws for the first of several fields that is there and not empty.
  static func check(_ fields: FieldReader, absent names: [(String, String)]) throws(APIError) {
    for (name, what) in names where fields.has(name) && !isEmpty(fields.value(name)) {
      throw .unsupported(fields.path(name), what)
    }
  }

  private static let wholly = [
    ("tools", "tools are"), ("functions", "functions are"), ("audio", "audio is"),
    ("structured_outputs", "structured outputs are"), ("grammar", "grammars are"),
    ("json_schema", "JSON schemas are"), ("guided_json", "guided decoding is"),
    ("guided_regex", "guided decoding is"), ("guided_choice", "guided decoding is"),
    ("guided_grammar", "guided decoding is"), ("chat_template", "templates in requests are"),
  ]

  private static func isEmpty(_ value: JSONValue?) -> Bool {
    value == .array([]) || value == .object(JSONObject()) || value == .string("")
      || value == .bool(false)
  }

  private static func checkFormat(_ fields: FieldReader) throws(APIError) {
    guard let format = try fields.reader("response_format") else { return }
    switch try format.string("type") {
    case "text": return
    case "json_object", "json_schema":
      throw .unsupported("response_format", "formats other than text are")
    case nil: throw format.missing("type")
    default: throw format.mismatch("type", "text, json_object, or json_schema")
    }
  }

  /// Throws where tools are to be called.
  static func checkToolChoice(_ fields: FieldReader, _ name: String) throws(APIError) {
    switch fields.value(name) {
    case nil, .string("none"), .string("auto"): return
    default: throw .unsupported(name, "a choice of tools is")
    }
  }
}
