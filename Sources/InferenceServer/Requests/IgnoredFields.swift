import JSON

/// Checks the types of fields that clients send and that change nothing here.
enum IgnoredFields {
  /// What the value of a field must be.
  private enum Kind: String {
    case string = "a string"
    case boolean = "true or false"
    case integer = "an integer"
    case object = "an object"
    case array = "an array"

    func contains(_ value: JSONValue) -> Bool {
      switch (self, value) {
      case (.string, .string), (.boolean, .bool), (.object, .object), (.array, .array): true
      case (.integer, _): value.asInteger != nil
      default: false
      }
    }
  }

  /// Throws for the first field whose value is of another type.
  static func check(_ fields: FieldReader) throws(APIError) {
    for (name, kind) in kinds {
      guard let value = fields.value(name), !kind.contains(value) else { continue }
      throw fields.mismatch(name, kind.rawValue)
    }
  }

  private static let kinds: [(String, Kind)] = [
    ("store", .boolean), ("metadata", .object), ("user", .string), ("verbosity", .string),
    ("safety_identifier", .string), ("prompt_cache_key", .string),
    ("prompt_cache_retention", .string), ("prompt_cache_options", .object),
    ("parallel_tool_calls", .boolean), ("max_tool_calls", .integer), ("prediction", .object),
    ("web_search_options", .object), ("moderation", .object), ("return_progress", .boolean),
    ("request_id", .string),
  ]
}
