import JSON

/// Refuses what a client would wrongly believe to be honoured if it were ignored.
enum UnsupportedFields {
  /// Throws for the first field of a chat or a completion that asks for something this server does not
  /// have yet.
  static func checkOpenAI(_ fields: FieldReader) throws(APIError) {
    try check(fields)
    if let modalities = fields.value("modalities"), modalities != .array([.string("text")]) {
      throw .unsupported("modalities", "answers other than text are")
    }
  }

  /// Throws for the first of the fields that the table refuses that is there and not empty.
  static func check(_ fields: FieldReader) throws(APIError) {
    for field in fields.table.refused
    where fields.has(field.name) && !isEmpty(fields.value(field.name)) {
      throw .unsupported(fields.path(field.name), field.what)
    }
  }

  private static func isEmpty(_ value: JSONValue?) -> Bool {
    value == .array([]) || value == .object(JSONObject()) || value == .string("")
      || value == .bool(false) || value?.asInteger == 0
  }
}
