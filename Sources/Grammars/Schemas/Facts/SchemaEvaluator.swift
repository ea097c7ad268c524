import JSON

/// Says whether a value matches a subschema, as the specification says it.
struct SchemaEvaluator {
  /// The subschemas.
  let nodes: [SchemaNode]
  /// Answers for patterns.
  var languages: LanguageTable

  /// Whether a value matches all of some subschemas.
  mutating func accepts(
    _ value: JSONValue, _ literals: [Literal]
  ) throws(LanguageTable.Exhausted) -> Bool {
    for literal in literals where try !accepts(value, literal) { return false }
    return true
  }

  private mutating func accepts(
    _ value: JSONValue, _ literal: Literal
  ) throws(LanguageTable.Exhausted) -> Bool {
    for placed in nodes[literal.node].assertions where try !holds(placed.assertion, value) {
      return literal.isNegative
    }
    return !literal.isNegative
  }

  private mutating func count(
    _ value: JSONValue, _ literals: [Literal]
  ) throws(LanguageTable.Exhausted) -> Int {
    var result = 0
    for literal in literals where try accepts(value, literal) { result += 1 }
    return result
  }

  private mutating func holds(
    _ assertion: Assertion, _ value: JSONValue
  ) throws(LanguageTable.Exhausted) -> Bool {
    switch assertion {
    case .never: return false
    case .types(let types): return types.isSuperset(of: value.types)
    case .values(let values): return values.contains(value)
    case .excluded(let values): return !values.contains(value)
    case .all(let parts): return try count(value, parts) == parts.count
    case .any(let parts): return try count(value, parts) > 0
    case .one(let parts): return try count(value, parts) == 1
    default: break
    }
    switch value {
    case .integer, .number:
      return ExactDecimal(value).map { Self.holds(assertion, $0) } ?? false
    case .string(let text): return try holds(assertion, text)
    case .array(let elements): return try holds(assertion, elements)
    case .object(let object): return try holds(assertion, object)
    default: return true
    }
  }

  private static func holds(_ assertion: Assertion, _ value: ExactDecimal) -> Bool {
    switch assertion {
    case .lower(let bound, let isExclusive): isExclusive ? bound < value : bound <= value
    case .upper(let bound, let isExclusive): isExclusive ? value < bound : value <= bound
    case .multiple(let divisor): value.isMultiple(of: divisor)
    case .notMultiple(let divisor): !value.isMultiple(of: divisor)
    default: true
    }
  }

  private mutating func holds(
    _ assertion: Assertion, _ text: String
  ) throws(LanguageTable.Exhausted) -> Bool {
    switch assertion {
    case .length(let min, let max): Self.isWithin(text.unicodeScalars.count, min, max)
    case .text(let language): try languages.contains(language, text.utf8)
    default: true
    }
  }

  private static func isWithin(_ count: Int, _ min: Int, _ max: Int?) -> Bool {
    count >= min && max.map { count <= $0 } ?? true
  }

  private mutating func holds(
    _ assertion: Assertion, _ elements: [JSONValue]
  ) throws(LanguageTable.Exhausted) -> Bool {
    switch assertion {
    case .itemCount(let min, let max): return Self.isWithin(elements.count, min, max)
    case .items(let prefix, let rest):
      for (index, element) in elements.enumerated() {
        guard let part = index < prefix.count ? prefix[index] : rest else { continue }
        if try !accepts(element, part) { return false }
      }
      return true
    case .contains(let part, let min, let max):
      var found = 0
      for element in elements where try accepts(element, part) { found += 1 }
      return Self.isWithin(found, min, max)
    case .unique:
      return ValueList(elements).values.count == elements.count
    default: return true
    }
  }

  private mutating func holds(
    _ assertion: Assertion, _ object: JSONObject
  ) throws(LanguageTable.Exhausted) -> Bool {
    switch assertion {
    case .memberCount(let min, let max):
      return Self.isWithin(object.members.count, min, max)
    case .required(let names): return names.allSatisfy { object[$0] != nil }
    case .names(let part):
      for member in object.members where try !accepts(.string(member.name), part) { return false }
      return true
    case .members(let rules):
      for member in object.members {
        var parts = rules.value(named: member.name).map { [$0] } ?? []
        for rule in rules.matched
        where try languages.contains(rule.names, member.name.utf8) {
          parts.append(rule.value)
        }
        if parts.isEmpty, let additional = rules.additional { parts = [additional] }
        if try !accepts(member.value, parts) { return false }
      }
      return true
    default: return true
    }
  }
}
