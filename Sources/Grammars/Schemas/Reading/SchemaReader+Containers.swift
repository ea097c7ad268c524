import JSON

extension SchemaReader {
  /// The members of a keyword whose value is an object.
  private mutating func table(_ frame: SchemaFrame, _ keyword: String) -> [JSONObject.Member] {
    guard let value = frame.object[keyword] else { return [] }
    if case .object(let object) = value { return object.members }
    fault(.invalid, frame.pointer(keyword), "is no object")
    return []
  }

  /// The strings of a list.
  private mutating func strings(_ value: JSONValue, at pointer: String) -> [String] {
    guard case .array(let elements) = value else {
      fault(.invalid, pointer, "is no list of names")
      return []
    }
    var result: [String] = []
    for element in elements {
      guard case .string(let text) = element else {
        fault(.invalid, pointer, "is no list of names")
        return []
      }
      result.append(text)
    }
    return result
  }

  /// Reads the keywords of members.
  mutating func readMembers(_ frame: inout SchemaFrame) {
    var named: [MemberRules.Named] = []
    var matched: [MemberRules.Matched] = []
    for member in table(frame, "properties") {
      let value = subschema(frame.child(member.value, "properties", member.name))
      named.append(.init(name: member.name, value: value))
    }
    for member in table(frame, "patternProperties") {
      let place = frame.child(member.value, "patternProperties", member.name)
      let value = subschema(place)
      guard let names = search(member.name, at: place.pointer, &frame) else { continue }
      matched.append(.init(names: names, value: value, pointer: place.pointer))
    }
    let additional = frame.object["additionalProperties"].map { value in
      subschema(frame.child(value, "additionalProperties"))
    }
    if !named.isEmpty || !matched.isEmpty || additional != nil {
      let rules = MemberRules(named: named, matched: matched, additional: additional)
      frame.add(.members(rules), "properties")
    }
    if let required = frame.object["required"] {
      let names = strings(required, at: frame.pointer("required"))
      if !names.isEmpty { frame.add(.required(names), "required") }
    }
    if let (min, max) = bounds(frame, "minProperties", "maxProperties") {
      frame.add(
        .memberCount(min: min, max: max),
        frame.object["minProperties"] == nil ? "maxProperties" : "minProperties")
    }
    if let names = frame.object["propertyNames"] {
      frame.add(.names(subschema(frame.child(names, "propertyNames"))), "propertyNames")
    }
  }

  /// Reads the keywords of elements.
  mutating func readItems(_ frame: inout SchemaFrame) {
    var prefix: [Literal] = []
    var rest: Literal?
    var keyword = "items"
    if dialect == .draft2020 {
      if let list = frame.object["prefixItems"] {
        prefix = schemas(frame, list, "prefixItems")
        keyword = "prefixItems"
      }
      if let items = frame.object["items"] { rest = subschema(frame.child(items, "items")) }
    } else if case .array? = frame.object["items"], let list = frame.object["items"] {
      prefix = schemas(frame, list, "items")
      if let items = frame.object["additionalItems"] {
        rest = subschema(frame.child(items, "additionalItems"))
      }
    } else if let items = frame.object["items"] {
      rest = subschema(frame.child(items, "items"))
    }
    if !prefix.isEmpty || rest != nil { frame.add(.items(prefix: prefix, rest: rest), keyword) }
    if let (min, max) = bounds(frame, "minItems", "maxItems") {
      frame.add(
        .itemCount(min: min, max: max), frame.object["minItems"] == nil ? "maxItems" : "minItems")
    }
    readContains(&frame)
    switch frame.object["uniqueItems"] {
    case nil, .bool(false): break
    case .bool(true): frame.add(.unique, "uniqueItems")
    default: fault(.invalid, frame.pointer("uniqueItems"), "is no boolean")
    }
  }

  private mutating func readContains(_ frame: inout SchemaFrame) {
    guard let contains = frame.object["contains"] else { return }
    let value = subschema(frame.child(contains, "contains"))
    var min = 1
    var max: Int?
    if dialect != .draft07, let counts = bounds(frame, "minContains", "maxContains") {
      min = frame.object["minContains"] == nil ? 1 : counts.min
      max = counts.max
    }
    if min > 0 || max != nil || usesUnevaluated {
      frame.add(.contains(value, min: min, max: max), "contains")
    }
  }

  /// The subschemas of a list, which has at least one.
  mutating func schemas(
    _ frame: SchemaFrame, _ value: JSONValue, _ keyword: String
  ) -> [Literal] {
    guard case .array(let elements) = value, !elements.isEmpty || keyword == "items" else {
      fault(.invalid, frame.pointer(keyword), "is no list of schemas")
      return []
    }
    var result: [Literal] = []
    for (index, element) in elements.enumerated() {
      result.append(subschema(frame.child(element, keyword, String(index))))
    }
    return result
  }

  /// Reads what follows from the presence of a member.
  mutating func readDependencies(_ frame: inout SchemaFrame) {
    for keyword in ["dependentRequired", "dependentSchemas", "dependencies"] {
      let isOld = keyword == "dependencies"
      if isOld, dialect == .draft2020 { continue }
      for member in table(frame, keyword) {
        let place = frame.child(member.value, keyword, member.name)
        let isList =
          if case .array = member.value { true } else { keyword == "dependentRequired" }
        let consequence =
          isList
          ? add([.required(strings(member.value, at: place.pointer))], at: place.pointer)
          : add(
            [.required([member.name]), .all([subschema(place)])], at: place.pointer)
        if isList, keyword == "dependentSchemas" {
          fault(.invalid, place.pointer, "is no schema")
        }
        let never = add([.never], at: place.pointer)
        let absent = add(
          [.members(MemberRules(named: [.init(name: member.name, value: never)]))],
          at: place.pointer)
        frame.add(.any([absent, consequence]), keyword)
      }
    }
  }

  /// Reads the keywords that combine subschemas.
  mutating func readApplicators(_ frame: inout SchemaFrame) {
    if dialect != .draft07 {
      if let value = frame.object["unevaluatedProperties"] {
        frame.unevaluated.members = subschema(frame.child(value, "unevaluatedProperties"))
      }
      if let value = frame.object["unevaluatedItems"] {
        frame.unevaluated.items = subschema(frame.child(value, "unevaluatedItems"))
      }
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
      guard let list = frame.object[keyword] else { continue }
      let parts = schemas(frame, list, keyword)
      if parts.isEmpty { continue }
      switch keyword {
      case "allOf": frame.add(.all(parts), keyword)
      case "anyOf": frame.add(.any(parts), keyword)
      default: frame.add(.one(parts), keyword)
      }
    }
    if let not = frame.object["not"] {
      frame.add(.all([subschema(frame.child(not, "not")).negated]), "not")
    }
    guard let condition = frame.object["if"] else { return }
    let holds = subschema(frame.child(condition, "if"))
    var parts: [[Literal]] = [[holds], [holds.negated]]
    for (index, keyword) in ["then", "else"].enumerated() {
      guard let value = frame.object[keyword] else { continue }
      parts[index].append(subschema(frame.child(value, keyword)))
    }
    if parts.allSatisfy({ $0.count == 1 }), !usesUnevaluated { return }
    var choices: [Literal] = []
    for part in parts { choices.append(add([.all(part)], at: frame.pointer("if"))) }
    frame.add(.any(choices), "if")
  }
}
