import JSON

/// What a conjunction of assertions says, type by type; choices between schemas are made.
struct Facts: Sendable {
  /// A bound of numbers.
  struct Bound: Hashable, Sendable {
    /// The bound.
    var value: ExactDecimal
    /// Whether the bound itself is out.
    var isExclusive: Bool
  }

  /// A name that must be there, and the keyword that says so.
  struct Required: Hashable, Sendable {
    /// The name.
    var name: String
    /// The pointer of the keyword.
    var pointer: String
  }

  /// Elements at the beginning of an array, and all others.
  struct Items: Hashable, Sendable {
    /// What the first elements are.
    var prefix: [Literal]
    /// What all others are; nil for anything.
    var rest: Literal?
  }

  /// Elements of which there is a number.
  struct Contains: Hashable, Sendable {
    /// What the elements are.
    var value: Literal
    /// How many there are at least.
    var min: Int
    /// How many there are at most; nil for any number.
    var max: Int?
    /// The pointer of the keyword.
    var pointer: String
  }

  /// The types that are left.
  var types = TypeSet.all
  /// The values that there are; nil for any.
  var values: [JSONValue]?
  /// Values that are not allowed.
  var excluded: [JSONValue] = []
  /// Bounds of numbers from below.
  var lower: [Bound] = []
  /// Bounds of numbers from above.
  var upper: [Bound] = []
  /// What numbers are multiples of.
  var multiples: [ExactDecimal] = []
  /// What numbers are no multiples of.
  var notMultiples: [ExactDecimal] = []
  /// The number of code points of a string.
  var length: (min: Int, max: Int?) = (0, nil)
  /// Languages that a string is in, unescaped.
  var texts: [Regex] = []
  /// What members are.
  var members: [MemberRules] = []
  /// Names that must be there, in their order.
  var required: [Required] = []
  private var requiredNames: Set<[UInt8]> = []
  /// The number of members.
  var memberCount: (min: Int, max: Int?) = (0, nil)
  /// What names are, as strings.
  var names: [Literal] = []
  /// What elements are.
  var items: [Items] = []
  /// The number of elements.
  var itemCount: (min: Int, max: Int?) = (0, nil)
  /// Elements of which there is a number.
  var contains: [Contains] = []
  /// Whether elements differ from one another.
  var isUnique = false
  /// The keywords that matter for errors.
  var pointers: [String: String] = [:]
  /// The keyword that leaves nothing; nil while something is left.
  var contradiction: String?

  /// Whether a name must be there.
  func isRequired(_ name: String) -> Bool { requiredNames.contains(Array(name.utf8)) }

  /// Adds what an assertion says, which holds no choice.
  mutating func add(_ placed: PlacedAssertion) {
    switch placed.assertion {
    case .never: types = []
    case .types(let more): types.formIntersection(more)
    case .values(let more):
      values = values.map { $0.filter(more.contains) } ?? more.values
    case .excluded(let more): exclude(more.values)
    case .lower(let value, let isExclusive):
      lower.append(Bound(value: value, isExclusive: isExclusive))
    case .upper(let value, let isExclusive):
      upper.append(Bound(value: value, isExclusive: isExclusive))
    case .multiple(let divisor): multiples.append(divisor)
    case .notMultiple(let divisor):
      notMultiples.append(divisor)
      pointers["multipleOf"] = placed.pointer
    case .length(let min, let max): narrow(\.length, min, max, .string)
    case .text(let language): if !texts.contains(language) { texts.append(language) }
    case .members(let rules): members.append(rules)
    case .required(let list):
      for name in list where requiredNames.insert(Array(name.utf8)).inserted {
        required.append(Required(name: name, pointer: placed.pointer))
      }
    case .memberCount(let min, let max):
      narrow(\.memberCount, min, max, .object)
      pointers["count"] = placed.pointer
    case .names(let literal): names.append(literal)
    case .items(let prefix, let rest): items.append(Items(prefix: prefix, rest: rest))
    case .itemCount(let min, let max): narrow(\.itemCount, min, max, .array)
    case .contains(let value, let min, let max):
      contains.append(Contains(value: value, min: min, max: max, pointer: placed.pointer))
    case .unique:
      isUnique = true
      pointers["unique"] = placed.pointer
    case .all, .any, .one: break
    }
    if types.isEmpty, contradiction == nil { contradiction = placed.pointer }
  }

  private mutating func exclude(_ values: [JSONValue]) {
    for value in values {
      switch value {
      case .null: types.remove(.null)
      case .array(let elements) where elements.isEmpty: narrow(\.itemCount, 1, nil, .array)
      case .object(let object) where object.members.isEmpty: narrow(\.memberCount, 1, nil, .object)
      case .bool:
        excluded.append(value)
        if excluded.contains(.bool(true)), excluded.contains(.bool(false)) {
          types.remove(.boolean)
        }
      default: excluded.append(value)
      }
    }
  }

  /// Where crossed bounds leave no value, the type goes.
  private mutating func narrow(
    _ path: WritableKeyPath<Facts, (min: Int, max: Int?)>, _ min: Int, _ max: Int?, _ type: TypeSet
  ) {
    var bounds = self[keyPath: path]
    bounds.min = Swift.max(bounds.min, min)
    if let max { bounds.max = Swift.min(bounds.max ?? max, max) }
    if let max = bounds.max, max < bounds.min { types.subtract(type) }
    self[keyPath: path] = bounds
  }
}

extension String {
  /// Whether two texts are the same bytes.
  func isSame(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }

  /// Whether the text begins with the bytes of another.
  func begins(with other: String) -> Bool { utf8.starts(with: other.utf8) }
}

extension JSONValue {
  /// A text that two values share if they are the same in the sense of JSON Schema: numbers by value,
  /// members in any order.
  var meaning: [UInt8] {
    switch self {
    case .null: return Array("n".utf8)
    case .bool(let flag): return Array((flag ? "t" : "f").utf8)
    case .integer, .number: return Array((ExactDecimal(self)?.canonicalText ?? "").utf8)
    case .string(let text): return Array("\"\(text.utf8.count):".utf8) + Array(text.utf8)
    case .array(let elements):
      return elements.reduce(into: Array("[\(elements.count):".utf8)) { $0 += $1.meaning + [0x2C] }
    case .object(let object):
      let members = object.members.map { JSONValue.string($0.name).meaning + $0.value.meaning }
        .sorted { $0.lexicographicallyPrecedes($1) }
      return members.reduce(into: Array("{\(members.count):".utf8)) { $0 += $1 + [0x2C] }
    }
  }

  /// Whether two values are the same in the sense of JSON Schema.
  func isSame(as other: JSONValue) -> Bool { meaning == other.meaning }

  /// The type of the value.
  var types: TypeSet {
    switch self {
    case .null: .null
    case .bool: .boolean
    case .integer: .integer
    case .number: ExactDecimal(self)?.isInteger == true ? .integer : .fraction
    case .string: .string
    case .array: .array
    case .object: .object
    }
  }
}
