/// The tests of the template language: `value is name`.
enum TemplatePredicates {
  /// What a test does.
  typealias Body =
    @Sendable (TemplateInterpreter, TemplateValue, TemplateArguments) throws(TemplateError) -> Bool

  /// Whether there is a test of a name.
  static func exists(_ name: String) -> Bool {
    kinds[name] != nil || comparisons[name] != nil || table[name] != nil
  }

  /// Whether a test holds, or nil where there is none of the name.
  static func holds(
    _ name: String, _ interpreter: TemplateInterpreter, _ value: TemplateValue,
    _ arguments: TemplateArguments
  ) throws(TemplateError) -> Bool? {
    if let kind = kinds[name] { return kind(value) }
    if let comparison = comparisons[name] {
      return try interpreter.compare(value, comparison, try operand(interpreter, arguments))
    }
    return try table[name]?(interpreter, value, arguments)
  }

  private static let table: [String: Body] = [
    "odd": { (interpreter, value, _) throws(TemplateError) in
      try remainder(interpreter, value, .integer(2)) == 1
    },
    "even": { (interpreter, value, _) throws(TemplateError) in
      try remainder(interpreter, value, .integer(2)) == 0
    },
    "divisibleby": { (interpreter, value, arguments) throws(TemplateError) in
      try remainder(interpreter, value, try operand(interpreter, arguments)) == 0
    },
    "in": { (interpreter, value, arguments) throws(TemplateError) in
      try interpreter.contains(try operand(interpreter, arguments), value)
    },
    "filter": { (_, value, _) throws(TemplateError) in
      if case .string(let name) = value { TemplateFilters.table[name.text] != nil } else { false }
    },
    "test": { (_, value, _) throws(TemplateError) in
      if case .string(let name) = value { exists(name.text) } else { false }
    },
    "lower": { (interpreter, value, _) throws(TemplateError) in
      try interpreter.string(value).allCased { $0.isLowercase }
    },
    "upper": { (interpreter, value, _) throws(TemplateError) in
      try interpreter.string(value).allCased { $0.isUppercase }
    },
    "sameas": { (interpreter, value, arguments) throws(TemplateError) in
      let other = try operand(interpreter, arguments)
      return value.typeName == other.typeName ? try interpreter.equal(value, other) : false
    },
  ]

  private static let comparisons: [String: TemplateComparison] = [
    "eq": .equal, "equalto": .equal, "==": .equal, "ne": .unequal, "!=": .unequal,
    "lt": .less, "lessthan": .less, "<": .less, "le": .atMost, "<=": .atMost,
    "gt": .more, "greaterthan": .more, ">": .more, "ge": .atLeast, ">=": .atLeast,
  ]

  /// Tests that ask only what kind of value it is.
  private static let kinds: [String: @Sendable (TemplateValue) -> Bool] = [
    "defined": { !$0.isUndefined },
    "undefined": { $0.isUndefined },
    "none": { if case .none = $0 { true } else { false } },
    "boolean": { if case .boolean = $0 { true } else { false } },
    "true": { if case .boolean(true) = $0 { true } else { false } },
    "false": { if case .boolean(false) = $0 { true } else { false } },
    "integer": { if case .integer = $0 { true } else { false } },
    "float": { if case .float = $0 { true } else { false } },
    "number": { TemplateNumber($0) != nil },
    "string": { if case .string = $0 { true } else { false } },
    "mapping": { if case .dictionary = $0 { true } else { false } },
    "escaped": { _ in false },
    "callable": {
      switch $0 {
      case .function, .macro, .undefined, .loop: true
      default: false
      }
    },
    "iterable": {
      switch $0 {
      case .none, .boolean, .integer, .float, .function, .macro, .namespace, .cycler: false
      default: true
      }
    },
    "sequence": {
      switch $0 {
      case .undefined, .string, .list, .tuple, .dictionary, .range: true
      default: false
      }
    },
  ]

  private static func operand(
    _ interpreter: TemplateInterpreter, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let values = arguments.positional + arguments.keywords.map(\.value)
    guard values.count == 1 else { throw interpreter.budget.fault("the test takes one argument") }
    return values[0]
  }

  private static func remainder(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ divisor: TemplateValue
  ) throws(TemplateError) -> Double {
    guard let left = TemplateNumber(value), let right = TemplateNumber(divisor) else {
      if case .undefined(let reason) = value { throw interpreter.budget.fault(reason) }
      throw interpreter.budget.fault("a \(value.typeName) cannot be divided")
    }
    return try left.applying(.remainder, right, interpreter.budget).double
  }
}
