package import JSON

extension ToolSignature {
  /// The signature of a tool with a JSON Schema for its parameters.
  package init(name: String, parameters: JSONValue?) {
    self.init(name: name)
    guard case .object(let schema)? = parameters,
      case .object(let properties)? = schema["properties"]
    else { return }
    for property in properties.members {
      kinds[ExactText(property.name)] = Self.kind(of: property.value)
    }
  }

  /// Reads a tool as requests have it, `{"type": "function", "function": {…}}`; nil where it has no name.
  package init?(_ tool: JSONValue) {
    guard case .object(let outer) = tool else { return nil }
    var object = outer
    if case .object(let inner)? = outer["function"] { object = inner }
    guard case .string(let name)? = object["name"] else { return nil }
    self.init(name: name, parameters: object["parameters"] ?? object["input_schema"])
  }

  private static func kind(of schema: JSONValue) -> Kind {
    guard case .object(let object) = schema else { return .either }
    switch object["type"] {
    case .string("string"): return .text
    case .string: return .value
    case .array(let types): return types.contains(.string("string")) ? .either : .value
    default: return texts(object["enum"]) ? .text : .either
    }
  }

  private static func texts(_ values: JSONValue?) -> Bool {
    guard case .array(let values)? = values, !values.isEmpty else { return false }
    return values.allSatisfy { if case .string = $0 { true } else { false } }
  }
}
