extension TemplateFilters {
  /// Filters that make or change numbers.
  static let numbers: [String: Body] = [
    "abs": { (interpreter, value, _) throws(TemplateError) in
      guard let number = TemplateNumber(value) else {
        throw interpreter.budget.fault("a \(value.typeName) has no absolute value")
      }
      if case .float(let float) = number { return .float(float.magnitude) }
      return number.double < 0
        ? try interpreter.signed(value, true) : try interpreter.signed(value, false)
    },
    "int": integer,
    "float": { (interpreter, value, arguments) throws(TemplateError) in
      let bound = try arguments.bound(to: "default", function: "float", interpreter.budget)
      return try float(interpreter, value).map { .float($0) } ?? bound[0] ?? .float(0)
    },
    "round": round,
    "sum": sum,
    "max": { (interpreter, value, arguments) throws(TemplateError) in
      try extreme(interpreter, value, arguments) { $0 > 0 }
    },
    "min": { (interpreter, value, arguments) throws(TemplateError) in
      try extreme(interpreter, value, arguments) { $0 < 0 }
    },
  ]

  private static func float(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue
  ) throws(TemplateError) -> Double? {
    if case .undefined(let reason) = value { throw interpreter.budget.fault(reason) }
    if case .string(let text) = value {
      try interpreter.budget.charge(text.bytes.count)
      return PythonFloat.parse(text.text)
    }
    return TemplateNumber(value)?.double
  }

  private static func integer(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let budget = interpreter.budget
    let bound = try arguments.bound(to: "default", "base", function: "int", budget)
    let base = try interpreter.integer(bound[1], or: 10)
    switch value {
    case .string(let text):
      try budget.charge(text.bytes.count)
      switch PythonInteger.parse(text.text, base: base) {
      case .value(let integer): return .integer(integer)
      case .tooLarge: throw budget.fault("an integer beyond 64 bits")
      case .invalid: break
      }
    case .integer, .boolean: return try interpreter.signed(value, false)
    default: break
    }
    guard let float = try float(interpreter, value), float.isFinite else {
      return bound[0] ?? .integer(0)
    }
    guard let integer = Int(exactly: float.rounded(.towardZero)) else {
      throw budget.fault("an integer beyond 64 bits")
    }
    return .integer(integer)
  }

  private static func round(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let budget = interpreter.budget
    let bound = try arguments.bound(to: "precision", "method", function: "round", budget)
    let digits = try interpreter.integer(bound[0], or: 0)
    let method = try interpreter.string(bound[1] ?? .text("common")).text
    guard let number = TemplateNumber(value) else {
      throw budget.fault("a \(value.typeName) cannot be rounded")
    }
    switch (method, number) {
    case ("common", .integer(let integer)): return .integer(try rounded(integer, digits, budget))
    case ("common", .float(let float)):
      try budget.charge(16)
      return .float(PythonFloat.round(float, digits: digits))
    case ("ceil", _), ("floor", _):
      let scale = try TemplateNumber.integer(10).applying(.power, .integer(digits), budget)
      let scaled = try number.applying(.multiply, scale, budget).double
      guard scaled.isFinite else { throw budget.fault("a number that cannot be rounded") }
      let whole = scaled.rounded(method == "ceil" ? .up : .down)
      return .float(whole / scale.double)
    default: throw budget.fault("round knows common, ceil and floor")
    }
  }

  /// An integer rounded to a power of ten, half to even.
  private static func rounded(
    _ value: Int, _ digits: Int, _ budget: TemplateBudget
  ) throws(TemplateError) -> Int {
    if digits >= 0 { return value }
    if digits < -18 { return 0 }
    var unit = 1
    for _ in 0..<(-digits) { unit *= 10 }
    let quotient = value / unit
    let rest = (value % unit).magnitude
    let half = UInt(unit / 2)
    let isAway = rest > half || (rest == half && !quotient.isMultiple(of: 2))
    let nearest = isAway ? quotient + (value < 0 ? -1 : 1) : quotient
    return try budget.checked(nearest.multipliedReportingOverflow(by: unit))
  }

  private static func sum(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let bound = try arguments.bound(to: "attribute", "start", function: "sum", interpreter.budget)
    var path: [TemplateValue] = []
    switch bound[0] {
    case nil, .some(.none): break
    case let attribute?: path = try interpreter.attributePath(attribute)
    }
    var total = bound[1] ?? .integer(0)
    if case .string = total { throw interpreter.budget.fault("texts are joined, not summed") }
    for element in try interpreter.iterate(value) {
      total = try interpreter.arithmetic(
        total, .add, try interpreter.follow(path, from: element))
    }
    return total
  }

  private static func extreme(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments,
    _ isBetter: (Int) -> Bool
  ) throws(TemplateError) -> TemplateValue {
    let bound = try arguments.bound(
      to: "case_sensitive", "attribute", function: "the filter", interpreter.budget)
    let isSensitive = bound[0]?.isTrue ?? false
    var path: [TemplateValue] = []
    switch bound[1] {
    case nil, .some(.none): break
    case let attribute?: path = try interpreter.attributePath(attribute)
    }
    var best: (value: TemplateValue, key: TemplateValue)?
    for element in try interpreter.iterate(value) {
      let key = try interpreter.sortKey(
        try interpreter.follow(path, from: element), caseSensitive: isSensitive)
      if let current = best {
        guard let order = try interpreter.order(key, current.key), isBetter(order) else { continue }
      }
      best = (element, key)
    }
    return best?.value ?? .undefined("no aggregated item, the sequence was empty")
  }
}
