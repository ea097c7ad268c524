/// Writes forms as one JSON Schema: named forms once, and the names of objects in their order.
struct SchemaWriter {
  private var definitions = JSONObject()
  /// Forms that are being written, or were.
  private var known: Set<String> = []
  /// The names that types were given.
  private var typeNames: [ObjectIdentifier: String] = [:]
  private let named: [String: SchemaForm]
  /// Whether a model is shown it: bounds that only types have are then left out.
  private let isShown: Bool

  /// Why a form cannot be written.
  struct Fault: Error {
    /// One sentence.
    let description: String
  }

  private static let depthLimit = 48

  private init(_ named: [String: SchemaForm], isShown: Bool) {
    (self.named, self.isShown) = (named, isShown)
  }

  /// The JSON Schema of a schema.
  ///
  /// - Parameter isShown: Whether it is for a model to read, or to be enforced.
  static func json(of schema: GenerationSchema, isShown: Bool) throws(Fault) -> JSONValue {
    var writer = SchemaWriter(schema.definitions, isShown: isShown)
    var root = try writer.write(schema.form, depth: 0)
    if !writer.definitions.members.isEmpty {
      root["$defs"] = .object(writer.definitions)
    }
    return .object(root)
  }

  private mutating func write(_ form: SchemaForm, depth: Int) throws(Fault) -> JSONObject {
    guard depth < Self.depthLimit else { throw Fault(description: "its types nest too deep") }
    switch form {
    case .any: return JSONObject()
    case .boolean: return .typed("boolean")
    case .string: return .typed("string")
    case .number:
      // What a Float holds, and without exponents, so that every number can be read.
      let most = Double(Float.greatestFiniteMagnitude)
      return .typed("number", isShown ? nil : (.number(-most), .number(most)))
    case .integer:
      return .typed("integer", isShown ? nil : (.integer(.min), .integer(.max)))
    case .choice(let texts):
      var schema = JSONObject.typed("string")
      schema["enum"] = .array(texts.map(JSONValue.string))
      return schema
    case .array(let element):
      var schema = JSONObject.typed("array")
      schema["items"] = .object(try write(element, depth: depth + 1))
      return schema
    case .object(let members): return try write(members, depth: depth)
    case .anyOf(let forms):
      var schema = JSONObject()
      var choices: [JSONValue] = []
      for form in forms { choices.append(.object(try write(form, depth: depth + 1))) }
      schema["anyOf"] = .array(choices)
      return schema
    case .described(let form, let sentence):
      var schema = try write(form, depth: depth)
      schema["description"] = .string(sentence)
      return schema
    case .guided(let form, let rules):
      var schema = try write(form, depth: depth)
      for rule in rules { try schema.keep(to: rule) }
      return schema
    case .type(let type): return try write(type, depth: depth)
    case .reference(let name):
      try define(name, depth: depth) { [named] in named[name] ?? .any }
      return .reference(to: name)
    case .json(let value):
      guard case .object(let schema) = value else {
        throw Fault(description: "it is no object of JSON")
      }
      return schema
    }
  }

  private mutating func write(_ members: [SchemaMember], depth: Int) throws(Fault) -> JSONObject {
    var schema = JSONObject.typed("object")
    var properties = JSONObject()
    for member in members {
      guard properties[member.name] == nil else {
        throw Fault(description: "two properties are named \(member.name)")
      }
      properties[member.name] = .object(try write(member.form, depth: depth + 1))
    }
    schema["properties"] = .object(properties)
    schema["required"] = .array(members.filter { !$0.isOptional }.map { .string($0.name) })
    schema["additionalProperties"] = .bool(false)
    return schema
  }

  /// Types that are objects or choices are written once; others where they stand.
  private mutating func write(
    _ type: any Generable.Type, depth: Int
  ) throws(Fault) -> JSONObject {
    if let name = typeNames[ObjectIdentifier(type)] { return .reference(to: name) }
    let schema = type.generationSchema
    guard schema.form.isNamed else { return try write(schema.form, depth: depth) }
    var name = schema.name
    var count = 1
    while known.contains(name) || named[name] != nil {
      count += 1
      name = "\(schema.name)_\(count)"
    }
    typeNames[ObjectIdentifier(type)] = name
    try define(name, depth: depth) { schema.form }
    return .reference(to: name)
  }

  private mutating func define(
    _ name: String, depth: Int, as form: () -> SchemaForm
  ) throws(Fault) {
    guard known.insert(name).inserted else { return }
    // Its place comes before those that it refers to.
    definitions[name] = .object(JSONObject())
    definitions[name] = .object(try write(form(), depth: depth + 1))
  }
}

extension SchemaForm {
  /// Whether types of this form have a place of their own in a schema.
  fileprivate var isNamed: Bool {
    switch self {
    case .object, .choice, .anyOf: true
    case .described(let form, _): form.isNamed
    default: false
    }
  }
}

extension JSONObject {
  /// The schema of a type.
  fileprivate static func typed(
    _ type: String, _ bounds: (minimum: JSONValue, maximum: JSONValue)? = nil
  ) -> JSONObject {
    var schema = JSONObject()
    schema["type"] = .string(type)
    (schema["minimum"], schema["maximum"]) = (bounds?.minimum, bounds?.maximum)
    return schema
  }

  /// A schema that stands elsewhere.
  fileprivate static func reference(to name: String) -> JSONObject {
    var schema = JSONObject()
    let escaped = name.replacing("~", with: "~0").replacing("/", with: "~1")
    schema["$ref"] = .string("#/$defs/\(escaped)")
    return schema
  }

  /// Whether it is a schema of a type.
  private func isTyped(_ types: String...) -> Bool {
    types.contains { self["type"] == .string($0) }
  }

  /// Adds a rule.
  fileprivate mutating func keep(to rule: SchemaRule) throws(SchemaWriter.Fault) {
    switch rule {
    case .unsupported(let why): throw SchemaWriter.Fault(description: why)
    case .anyOf(let texts):
      try expect("string", "one of some texts")
      if self["enum"] == nil {
        self["enum"] = .array(texts.map(JSONValue.string))
      } else {
        restrict { $0["enum"] = .array(texts.map(JSONValue.string)) }
      }
    case .pattern(let pattern):
      try expect("string", "matched by a pattern")
      if self["pattern"] == nil {
        self["pattern"] = .string("^(?:\(pattern))$")
      } else {
        restrict { $0["pattern"] = .string("^(?:\(pattern))$") }
      }
    case .range(let minimum, let maximum):
      guard isTyped("integer", "number") else {
        throw SchemaWriter.Fault(description: "only numbers can be in a range")
      }
      if let minimum { raise("minimum", to: minimum) }
      if let maximum { lower("maximum", to: maximum) }
    case .count(let minimum, let maximum):
      try expect("array", "counted")
      if let minimum { raise("minItems", to: .integer(minimum)) }
      if let maximum { lower("maxItems", to: .integer(maximum)) }
    case .element(let rules):
      try expect("array", "guided by their elements")
      guard case .object(var items)? = self["items"] else { return }
      for rule in rules { try items.keep(to: rule) }
      self["items"] = .object(items)
    }
  }

  private func expect(_ type: String, _ what: String) throws(SchemaWriter.Fault) {
    guard isTyped(type) else {
      throw SchemaWriter.Fault(description: "only values of type \(type) can be \(what)")
    }
  }

  /// Adds a schema that must hold as well.
  private mutating func restrict(_ change: (inout JSONObject) -> Void) {
    var further = JSONObject()
    change(&further)
    var all: [JSONValue] = []
    if case .array(let earlier)? = self["allOf"] { all = earlier }
    self["allOf"] = .array(all + [.object(further)])
  }

  private mutating func raise(_ name: String, to value: JSONValue) {
    if let old = self[name]?.number, let new = value.number, old >= new { return }
    self[name] = value
  }

  private mutating func lower(_ name: String, to value: JSONValue) {
    if let old = self[name]?.number, let new = value.number, old <= new { return }
    self[name] = value
  }
}

extension JSONValue {
  /// The number that it is.
  fileprivate var number: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }
}
