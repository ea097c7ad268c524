/// About the shortest answer that a schema allows: a bound of what it takes to end one.
struct ShortestAnswer {
  /// The answer.
  let text: String

  /// Looks for one; nil where types contain themselves without end.
  init?(_ schema: JSONValue) {
    guard case .object(let root) = schema else { return nil }
    var definitions = JSONObject()
    if case .object(let known)? = root["$defs"] { definitions = known }
    guard let text = Self.text(schema, definitions, depth: 0) else { return nil }
    self.text = text
  }

  private static let depthLimit = 12
  /// Stands for a text that must match a pattern.
  private static let pattern = "\"" + String(repeating: "x", count: 24) + "\""

  private static func text(
    _ value: JSONValue, _ definitions: JSONObject, depth: Int
  ) -> String? {
    guard depth < depthLimit, case .object(let schema) = value else { return nil }
    if case .string(let reference)? = schema["$ref"] {
      let name = reference.split(separator: "/").last.map(String.init) ?? ""
      let plain = name.replacing("~1", with: "/").replacing("~0", with: "~")
      return definitions[plain].flatMap { text($0, definitions, depth: depth + 1) }
    }
    if case .array(let choices)? = schema["anyOf"] {
      let texts = choices.compactMap { text($0, definitions, depth: depth + 1) }
      return texts.min { $0.utf8.count < $1.utf8.count }
    }
    if case .array(let values)? = schema["enum"] {
      return values.map { GeneratedContent($0).jsonString }.max { $0.utf8.count < $1.utf8.count }
    }
    switch schema["type"] {
    case .string("object"): return object(schema, definitions, depth: depth)
    case .string("array"): return list(schema, definitions, depth: depth)
    case .string("string"): return schema["pattern"] == nil ? "\"\"" : pattern
    case .string("integer"), .string("number"): return number(schema)
    case .string("boolean"): return "false"
    default: return "null"
    }
  }

  private static func object(
    _ schema: JSONObject, _ definitions: JSONObject, depth: Int
  ) -> String? {
    guard case .object(let properties)? = schema["properties"],
      case .array(let required)? = schema["required"]
    else { return "{}" }
    var parts: [String] = []
    for member in properties.members where required.contains(.string(member.name)) {
      guard let value = properties[member.name],
        let text = text(value, definitions, depth: depth + 1)
      else { return nil }
      parts.append(GeneratedContent(.string(member.name)).jsonString + ":" + text)
    }
    return "{" + parts.joined(separator: ",") + "}"
  }

  private static func list(
    _ schema: JSONObject, _ definitions: JSONObject, depth: Int
  ) -> String? {
    guard case .integer(let count)? = schema["minItems"], count > 0 else { return "[]" }
    guard count <= 1024, let items = schema["items"],
      let element = text(items, definitions, depth: depth + 1)
    else { return nil }
    return "[" + Array(repeating: element, count: count).joined(separator: ",") + "]"
  }

  /// The longer end of its range, where that is no bound of the type.
  private static func number(_ schema: JSONObject) -> String {
    let ends = ["minimum", "maximum"].compactMap { schema[$0] }
      .map { GeneratedContent($0).jsonString }.filter { $0.utf8.count < 12 }
    return ends.max { $0.utf8.count < $1.utf8.count } ?? "0"
  }
}
