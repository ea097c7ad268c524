import JSON

/// How values are written in a language that is not JSON.
protocol LiteralDialect {
  /// Strings, whatever they are.
  func strings(_ spelling: MarkSpelling, in builder: inout GrammarBuilder) -> Grammar.Expression
  /// A constant.
  func constant(
    _ value: JSONValue, _ spelling: MarkSpelling, in builder: inout GrammarBuilder
  ) -> Grammar.Expression
  /// What stands around and between the members of objects.
  var objects: (open: String, frame: LiteralFrame, close: String) { get }
  /// What stands between elements of lists.
  var separator: String { get }
  /// A member's name in an object.
  func name(_ name: Regex) -> Regex
}

/// What stands between members, and between a name and its value.
struct LiteralFrame {
  /// Between a name and its value.
  var binding: String
  /// Between members.
  var separator: String
}

/// Writes rules of values in such a language, of the simplest part of JSON Schema.
///
/// A schema that says more is refused under a strict tool and otherwise relaxed.
struct LiteralRules {
  /// Where rules are added.
  private(set) var builder: GrammarBuilder
  /// Where the schema says more than is enforced.
  private(set) var relaxed: [String] = []
  private let dialect: any LiteralDialect
  private let isStrict: Bool
  private let spelling: MarkSpelling
  /// The rule of any value, once there is one.
  private var anyValue: Int?

  /// Keywords that say nothing about values.
  private static let annotations: Set<String> = [
    "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly",
    "$comment", "$schema", "$id", "strict", "$defs", "definitions",
  ]
  /// How deep schemas nest.
  private static let depthLimit = 32

  /// Prepares for a language.
  init(
    _ dialect: some LiteralDialect, isStrict: Bool, spelling: MarkSpelling, builder: GrammarBuilder
  ) {
    self.dialect = dialect
    self.isStrict = isStrict
    self.spelling = spelling
    self.builder = builder
  }

  /// The members of an object in the order of the schema's properties; those that are not required may
  /// be left out.
  mutating func members(
    of schema: JSONObject, at pointer: String, frame: LiteralFrame, depth: Int = 0
  ) throws(GrammarErrors) -> Grammar.Expression {
    try check(
      schema, knows: ["type", "properties", "required", "additionalProperties"], at: pointer)
    let isOpen = schema.properties.isEmpty && schema["additionalProperties"] != .bool(false)
    // Without names nothing could be said.
    if isOpen, depth > 0 { return try anyMembers() }
    // The rest of a list of members, from the last member on: after one there must be a separator.
    var first = Grammar.Expression.sequence([])
    var later = Grammar.Expression.sequence([])
    for member in schema.properties.reversed() {
      let place = SchemaPointer.child(pointer + "/properties", member.name)
      let name = Regex(member.name)
      let bound = Grammar.Expression.sequence([
        builder.lexeme(.joined([depth == 0 ? name : dialect.name(name), Regex(frame.binding)])),
        try value(member.value, at: place, depth: depth + 1),
      ])
      let isRequired = schema.required.contains { $0.utf8.elementsEqual(member.name.utf8) }
      let beginning = Grammar.Expression.sequence([bound, later])
      let following = Grammar.Expression.sequence([text(frame.separator), bound, later])
      first = rule(isRequired ? beginning : .alternatives([beginning, first]))
      later = rule(isRequired ? following : .alternatives([following, later]))
    }
    return first
  }

  private mutating func rule(_ body: Grammar.Expression) -> Grammar.Expression {
    let rule = builder.rule(named: "members")
    builder.define(rule, as: body)
    return .rule(rule)
  }

  private mutating func value(
    _ schema: JSONValue, at pointer: String, depth: Int
  ) throws(GrammarErrors) -> Grammar.Expression {
    guard case .object(let object) = schema, depth < Self.depthLimit else {
      if schema != .bool(true) { try relax(pointer, "cannot be enforced in this model's calls") }
      return try any()
    }
    if let choices = object.choices {
      try check(object, knows: ["type", "enum", "const"], at: pointer)
      return .alternatives(choices.map { dialect.constant($0, spelling, in: &builder) })
    }
    switch object["type"] {
    case .string(let type): return try value(type, object, at: pointer, depth: depth)
    case .array(let types)?:
      var branches: [Grammar.Expression] = []
      for case .string(let type) in types {
        branches.append(try value(type, object, at: pointer, depth: depth))
      }
      return .alternatives(branches)
    default:
      try check(object, knows: [], at: pointer)
      return try any()
    }
  }

  private mutating func value(
    _ type: String, _ schema: JSONObject, at pointer: String, depth: Int
  ) throws(GrammarErrors) -> Grammar.Expression {
    switch type {
    case "object":
      let objects = dialect.objects
      let inner = try members(of: schema, at: pointer, frame: objects.frame, depth: depth)
      return .sequence([text(objects.open), inner, text(objects.close)])
    case "array":
      try check(schema, knows: ["type", "items"], at: pointer)
      guard let items = schema["items"] else { return list(of: try any()) }
      let item = try value(items, at: pointer + "/items", depth: depth + 1)
      return list(of: item)
    default: try check(schema, knows: ["type"], at: pointer)
    }
    switch type {
    case "string": return dialect.strings(spelling, in: &builder)
    case "integer": return builder.lexeme(.wholeNumber)
    case "number": return builder.lexeme(.decimalNumber)
    case "boolean":
      return .alternatives([true, false].map { constant(.bool($0)) })
    case "null": return constant(.null)
    default:
      throw GrammarErrors([GrammarError(.invalid, at: .pointer(pointer + "/type"), "is no type")])
    }
  }

  private mutating func list(of item: Grammar.Expression) -> Grammar.Expression {
    let more = Grammar.Expression.sequence([text(dialect.separator), item])
    let items = Grammar.Expression.sequence([item, .repetition(more, min: 0, max: nil)])
    return .sequence([text("["), .repetition(items, min: 0, max: 1), text("]")])
  }

  /// Any value.
  private mutating func any() throws(GrammarErrors) -> Grammar.Expression {
    if let anyValue { return .rule(anyValue) }
    let rule = builder.rule(named: "value")
    anyValue = rule
    let objects = dialect.objects
    let members = try anyMembers()
    builder.define(
      rule,
      as: .alternatives([
        dialect.strings(spelling, in: &builder), builder.lexeme(.decimalNumber),
        constant(.bool(true)), constant(.bool(false)), constant(.null), list(of: .rule(rule)),
        .sequence([text(objects.open), members, text(objects.close)]),
      ]))
    return .rule(rule)
  }

  /// Members with any names that are words.
  private mutating func anyMembers() throws(GrammarErrors) -> Grammar.Expression {
    let frame = dialect.objects.frame
    let member = Grammar.Expression.sequence([
      builder.lexeme(.joined([dialect.name(.word), Regex(frame.binding)])), try any(),
    ])
    let more = Grammar.Expression.sequence([text(frame.separator), member])
    return .repetition(
      .sequence([member, .repetition(more, min: 0, max: nil)]), min: 0, max: 1)
  }

  private mutating func constant(_ value: JSONValue) -> Grammar.Expression {
    dialect.constant(value, spelling, in: &builder)
  }

  /// Relaxes a schema that has other keywords.
  private mutating func check(
    _ schema: JSONObject, knows: Set<String>, at pointer: String
  ) throws(GrammarErrors) {
    for member in schema.members
    where !knows.contains(member.name) && !Self.annotations.contains(member.name)
      && !member.name.hasPrefix("x-")
    {
      try relax(
        SchemaPointer.child(pointer, member.name), "cannot be enforced in this model's calls")
    }
  }

  private mutating func relax(_ pointer: String, _ message: String) throws(GrammarErrors) {
    guard !isStrict else {
      throw GrammarErrors([GrammarError(.unsupported, at: .pointer(pointer), message)])
    }
    if !relaxed.contains(pointer) { relaxed.append(pointer) }
  }

  private mutating func text(_ text: String) -> Grammar.Expression {
    text.isEmpty ? .sequence([]) : builder.lexeme(Regex(text))
  }
}

extension JSONObject {
  /// The values that a schema lists; nil where it lists none.
  fileprivate var choices: [JSONValue]? {
    if case .array(let values)? = self["enum"] { return values }
    return self["const"].map { [$0] }
  }
}

extension Regex {
  private static let digit = Regex.byte(ByteSet(UInt8(ascii: "0")...UInt8(ascii: "9")))

  /// An integer.
  fileprivate static let wholeNumber = Regex.joined([
    Regex("-").optional,
    .any([
      Regex("0"),
      .joined([
        .byte(ByteSet(UInt8(ascii: "1")...UInt8(ascii: "9"))),
        .repetition(digit, min: 0, max: 17),
      ]),
    ]),
  ])

  /// A number.
  fileprivate static let decimalNumber = Regex.joined([
    wholeNumber, Regex.joined([Regex("."), .repetition(digit, min: 1, max: 17)]).optional,
    Regex.joined([
      .any([Regex("e"), Regex("E")]), .any([Regex("+"), Regex("-")]).optional,
      .repetition(digit, min: 1, max: 2),
    ]).optional,
  ])

  /// A name.
  fileprivate static let word = Regex.repetition(
    .byte(
      ByteSet(
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_")...UInt8(ascii: "_"))),
    min: 1, max: 64)
}
