import JSON

/// The types of JSON, with numbers parted into whole ones and others.
struct TypeSet: OptionSet, Hashable, Sendable {
  /// A bit for each type.
  let rawValue: UInt8

  /// `null`.
  static let null = TypeSet(rawValue: 1)
  /// `true` and `false`.
  static let boolean = TypeSet(rawValue: 2)
  /// Numbers without fraction.
  static let integer = TypeSet(rawValue: 4)
  /// Numbers with a fraction.
  static let fraction = TypeSet(rawValue: 8)
  /// Strings.
  static let string = TypeSet(rawValue: 16)
  /// Arrays.
  static let array = TypeSet(rawValue: 32)
  /// Objects.
  static let object = TypeSet(rawValue: 64)
  /// All numbers.
  static let number: TypeSet = [.integer, .fraction]
  /// All values.
  static let all = TypeSet(rawValue: 127)

  /// The types of a name in a schema.
  init?(name: String) {
    switch name {
    case "null": self = .null
    case "boolean": self = .boolean
    case "integer": self = .integer
    case "number": self = .number
    case "string": self = .string
    case "array": self = .array
    case "object": self = .object
    default: return nil
    }
  }

  /// Creates a set of bits.
  init(rawValue: UInt8) { self.rawValue = rawValue }
}

/// A subschema or its negation.
struct Literal: Hashable, Sendable {
  /// The number of the subschema.
  var node: Int
  /// Whether what the subschema accepts is refused.
  var isNegative = false

  /// The subschema that accepts everything; it is the first of each document.
  static let anything = Literal(node: 0)
  /// The subschema that accepts nothing.
  static let never = Literal(node: 0, isNegative: true)

  /// The opposite.
  var negated: Literal { Literal(node: node, isNegative: !isNegative) }
}

/// What `properties`, `patternProperties` and `additionalProperties` of one subschema say together.
struct MemberRules: Hashable, Sendable {
  /// A member by its name.
  struct Named: Hashable, Sendable {
    /// The name.
    var name: String
    /// What its value is.
    var value: Literal
  }

  /// Members by a search in their names.
  struct Matched: Hashable, Sendable {
    /// The names, unescaped.
    var names: Regex
    /// What their values are.
    var value: Literal
    /// The pointer of the pattern.
    var pointer: String
  }

  /// Declared members in document order, each name once.
  let named: [Named]
  /// Members whose names match.
  let matched: [Matched]
  /// All others; nil where they may be anything.
  let additional: Literal?
  private let positions: [[UInt8]: Int]

  /// Creates rules.
  init(named: [Named] = [], matched: [Matched] = [], additional: Literal? = nil) {
    self.named = named
    self.matched = matched
    self.additional = additional
    var positions: [[UInt8]: Int] = [:]
    for (index, member) in named.enumerated() { positions[Array(member.name.utf8)] = index }
    self.positions = positions
  }

  /// What a declared member must be; nil for other names.
  func value(named name: String) -> Literal? {
    positions[Array(name.utf8)].map { named[$0].value }
  }
}

/// Values of which a value must be one, found by what they mean.
struct ValueList: Hashable, Sendable {
  /// The values in their order.
  let values: [JSONValue]
  private let keys: Set<[UInt8]>

  /// Creates a list; values that come again are left out.
  init(_ values: [JSONValue]) {
    var keys: Set<[UInt8]> = []
    self.values = values.filter { keys.insert($0.meaning).inserted }
    self.keys = keys
  }

  /// Whether a value is in the list.
  func contains(_ value: JSONValue) -> Bool { keys.contains(value.meaning) }
}

/// What one keyword, or a group of them, says of a value.
enum Assertion: Hashable, Sendable {
  /// No value.
  case never
  /// Values of some types.
  case types(TypeSet)
  /// Some values.
  case values(ValueList)
  /// All but some values.
  case excluded(ValueList)
  /// Numbers from a bound on.
  case lower(ExactDecimal, isExclusive: Bool)
  /// Numbers up to a bound.
  case upper(ExactDecimal, isExclusive: Bool)
  /// Numbers that are multiples of one above zero.
  case multiple(of: ExactDecimal)
  /// Numbers that are no multiples.
  case notMultiple(of: ExactDecimal)
  /// The number of code points of a string.
  case length(min: Int, max: Int?)
  /// The text of a string, unescaped.
  case text(Regex)
  /// Objects by their members.
  case members(MemberRules)
  /// Objects that have some names.
  case required([String])
  /// Objects by the number of members.
  case memberCount(min: Int, max: Int?)
  /// Objects by their names.
  case names(Literal)
  /// Arrays by their elements; others than those at the beginning may be anything where `rest` is nil.
  case items(prefix: [Literal], rest: Literal?)
  /// Arrays by the number of elements.
  case itemCount(min: Int, max: Int?)
  /// Arrays by the number of elements that match.
  case contains(Literal, min: Int, max: Int?)
  /// Arrays whose elements differ.
  case unique
  /// All subschemas match.
  case all([Literal])
  /// At least one subschema matches.
  case any([Literal])
  /// Exactly one subschema matches.
  case one([Literal])
}

/// An assertion and the JSON pointer of its keyword.
struct PlacedAssertion: Hashable, Sendable {
  /// What the keyword says.
  var assertion: Assertion
  /// The JSON pointer of the keyword.
  var pointer: String
}

/// A subschema: a value is accepted if all assertions hold.
struct SchemaNode: Sendable {
  /// The JSON pointer of the subschema.
  var pointer: String
  /// What it says.
  var assertions: [PlacedAssertion] = []
  /// The types that it names, for when nothing else of it can be enforced.
  var declared = TypeSet.all
  /// What members and elements are that no other keyword has looked at.
  var unevaluated: (members: Literal?, items: Literal?) = (nil, nil)

  /// The subschemas that the same value must or must not match, each with the keyword's pointer.
  var sameValueEdges: [(node: Int, pointer: String)] {
    var result: [(node: Int, pointer: String)] = []
    for placed in assertions {
      switch placed.assertion {
      case .all(let parts), .any(let parts), .one(let parts):
        result += parts.map { ($0.node, placed.pointer) }
      default: break
      }
    }
    return result
  }
}
