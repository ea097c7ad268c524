/// A number of the template language; a boolean counts as 0 or 1, as in Python.
enum TemplateNumber {
  case integer(Int)
  case float(Double)

  /// The number that a value is, or nil.
  init?(_ value: TemplateValue) {
    switch value {
    case .boolean(let flag): self = .integer(flag ? 1 : 0)
    case .integer(let integer): self = .integer(integer)
    case .float(let float): self = .float(float)
    default: return nil
    }
  }

  /// The number as a value.
  var value: TemplateValue {
    switch self {
    case .integer(let integer): .integer(integer)
    case .float(let float): .float(float)
    }
  }

  /// The number as floating point.
  var double: Double {
    switch self {
    case .integer(let integer): Double(integer)
    case .float(let float): float
    }
  }

  /// Negative, zero or positive as this is less than, equal to or more than another; nil where
  /// one is not a number. Integers and floating point compare exactly.
  func compared(to other: TemplateNumber) -> Int? {
    func sign<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
      left == right ? 0 : left < right ? -1 : 1
    }
    switch (self, other) {
    case (.integer(let left), .integer(let right)): return sign(left, right)
    case (.float(let left), .float(let right)):
      return left.isNaN || right.isNaN ? nil : sign(left, right)
    case (.integer(let left), .float(let right)):
      if right.isNaN { return nil }
      guard let whole = Int(exactly: right.rounded(.down)) else { return right > 0 ? -1 : 1 }
      return left == whole ? (right > right.rounded(.down) ? -1 : 0) : sign(left, whole)
    case (.float, .integer): return other.compared(to: self).map { -$0 }
    }
  }

  /// The result of an operator.
  func applying(
    _ operation: TemplateOperation, _ other: TemplateNumber, _ budget: TemplateBudget
  ) throws(TemplateError) -> TemplateNumber {
    if case .integer(let left) = self, case .integer(let right) = other {
      return try Self.integers(left, operation, right, budget)
    }
    return .float(try Self.floats(double, operation, other.double, budget))
  }

  private static func integers(
    _ left: Int, _ operation: TemplateOperation, _ right: Int, _ budget: TemplateBudget
  ) throws(TemplateError) -> TemplateNumber {
    switch operation {
    case .add: return .integer(try budget.checked(left.addingReportingOverflow(right)))
    case .subtract: return .integer(try budget.checked(left.subtractingReportingOverflow(right)))
    case .multiply: return .integer(try budget.checked(left.multipliedReportingOverflow(by: right)))
    case .divide: return .float(try floats(Double(left), .divide, Double(right), budget))
    case .floorDivide, .remainder:
      if right == 0 { throw budget.fault("division by zero") }
      let quotient = try budget.checked(left.dividedReportingOverflow(by: right))
      let rest = left - quotient * right
      let below = rest != 0 && (rest < 0) != (right < 0)
      if operation == .remainder { return .integer(below ? rest + right : rest) }
      return .integer(below ? quotient - 1 : quotient)
    case .power: return try power(left, right, budget)
    }
  }

  private static func power(
    _ base: Int, _ exponent: Int, _ budget: TemplateBudget
  ) throws(TemplateError) -> TemplateNumber {
    if exponent < 0 {
      return .float(try floats(Double(base), .power, Double(exponent), budget))
    }
    var result = 1
    var factor = base
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 {
        result = try budget.checked(result.multipliedReportingOverflow(by: factor))
      }
      rest >>= 1
      if rest > 0 { factor = try budget.checked(factor.multipliedReportingOverflow(by: factor)) }
    }
    return .integer(result)
  }

  private static func floats(
    _ left: Double, _ operation: TemplateOperation, _ right: Double, _ budget: TemplateBudget
  ) throws(TemplateError) -> Double {
    switch operation {
    case .add: return left + right
    case .subtract: return left - right
    case .multiply: return left * right
    case .power: return try power(left, right, budget)
    case .divide, .floorDivide, .remainder: break
    }
    if right == 0 { throw budget.fault("division by zero") }
    if operation == .divide { return left / right }
    var rest = left.truncatingRemainder(dividingBy: right)
    var quotient = (left - rest) / right
    if rest != 0, (rest < 0) != (right < 0) {
      rest += right
      quotient -= 1
    }
    if operation == .remainder {
      return rest == 0 ? Double(sign: right.sign, exponent: 0, significand: 0) : rest
    }
    let floor = quotient.rounded(.down)
    return quotient - floor > 0.5 ? floor + 1 : floor
  }

  /// A power with a whole exponent or of one half; what chat templates never ask is refused.
  private static func power(
    _ base: Double, _ exponent: Double, _ budget: TemplateBudget
  ) throws(TemplateError) -> Double {
    if exponent == 0.5, base >= 0 { return base.squareRoot() }
    guard let whole = Int(exactly: exponent) else {
      throw budget.fault("powers with broken exponents are not supported")
    }
    if base == 0, whole < 0 { throw budget.fault("zero has no negative power") }
    var result = 1.0
    var factor = base
    var rest = whole.magnitude
    while rest > 0 {
      if rest & 1 == 1 { result *= factor }
      factor *= factor
      rest >>= 1
    }
    if !result.isFinite, base.isFinite { throw budget.fault("a power is too large") }
    return whole < 0 ? 1 / result : result
  }
}
