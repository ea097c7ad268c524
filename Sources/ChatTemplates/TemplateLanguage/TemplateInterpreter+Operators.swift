extension TemplateInterpreter {
  /// Whether a comparison holds.
  func compare(
    _ left: TemplateValue, _ comparison: TemplateComparison, _ right: TemplateValue
  ) throws(TemplateError) -> Bool {
    switch comparison {
    case .equal: return try equal(left, right)
    case .unequal: return try !equal(left, right)
    case .less: return try order(left, right) { $0 < 0 }
    case .atMost: return try order(left, right) { $0 <= 0 }
    case .more: return try order(left, right) { $0 > 0 }
    case .atLeast: return try order(left, right) { $0 >= 0 }
    case .within: return try contains(right, left)
    case .notWithin: return try !contains(right, left)
    }
  }

  /// Whether two values are equal, as in Python.
  func equal(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateError) -> Bool {
    try budget.charge()
    switch (left, right) {
    case (.undefined, .undefined), (.none, .none): return true
    case (.string(let left), .string(let right)):
      guard left.bytes.count == right.bytes.count else { return false }
      try budget.charge(bytes: left.bytes.count)
      return left.bytes == right.bytes
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)),
      (.view(_, let left), .view(_, let right)):
      return try equal(left.elements, right.elements)
    case (.dictionary(let left), .dictionary(let right)): return try equal(left, right)
    case (.range(let left), .range(let right)):
      return left.count == right.count
        && (left.count == 0
          || left.start == right.start && (left.count == 1 || left.step == right.step))
    case (.namespace(let left), .namespace(let right)): return left === right
    case (.macro(let left), .macro(let right)): return left === right
    case (.iterator(let left), .iterator(let right)): return left === right
    case (.loop(let left), .loop(let right)): return left === right
    case (.cycler(let left), .cycler(let right)): return left === right
    default:
      guard let left = TemplateNumber(left), let right = TemplateNumber(right) else { return false }
      return left.compared(to: right) == 0
    }
  }

  /// Whether two lists of values are equal.
  func equal(_ left: [TemplateValue], _ right: [TemplateValue]) throws(TemplateError) -> Bool {
    guard left.count == right.count else { return false }
    for (left, right) in zip(left, right) {
      if try !equal(left, right) { return false }
    }
    return true
  }

  private func equal(
    _ left: TemplateDictionary, _ right: TemplateDictionary
  ) throws(TemplateError) -> Bool {
    guard left.entries.count == right.entries.count else { return false }
    for entry in left.entries {
      guard let other = right.find(entry.key), try equal(entry.value, other) else { return false }
    }
    return true
  }

  private func order(
    _ left: TemplateValue, _ right: TemplateValue, _ holds: (Int) -> Bool
  ) throws(TemplateError) -> Bool {
    guard let result = try order(left, right) else { return false }
    return holds(result)
  }

  /// Negative, zero or positive as the left value is before, equal to or after the right; nil
  /// where one of them is not a number.
  func order(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateError) -> Int? {
    try budget.charge()
    switch (left, right) {
    case (.undefined(let reason), _), (_, .undefined(let reason)): throw budget.fault(reason)
    case (.string(let left), .string(let right)):
      try budget.charge(bytes: min(left.bytes.count, right.bytes.count))
      // UTF-8 orders texts as their scalars do.
      if left.bytes == right.bytes { return 0 }
      return left.bytes.lexicographicallyPrecedes(right.bytes) ? -1 : 1
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
      for (left, right) in zip(left.elements, right.elements) {
        if try !equal(left, right) { return try order(left, right) }
      }
      return left.elements.count - right.elements.count
    default:
      guard let first = TemplateNumber(left), let second = TemplateNumber(right) else {
        throw budget.fault("a \(left.typeName) and a \(right.typeName) have no order")
      }
      return first.compared(to: second)
    }
  }

  /// Whether a value is in a container.
  func contains(
    _ container: TemplateValue, _ value: TemplateValue
  ) throws(TemplateError) -> Bool {
    switch container {
    case .string(let text):
      guard case .string(let part) = value else {
        throw budget.fault("a \(value.typeName) cannot be in a string")
      }
      return try text.contains(part, budget)
    case .dictionary(let dictionary):
      if TemplateKey(value) == nil {
        throw budget.fault("a \(value.typeName) cannot be a dictionary's key")
      }
      return dictionary.find(value) != nil
    case .namespace, .function, .macro, .cycler, .none, .boolean, .integer, .float:
      throw budget.fault("nothing can be in a \(container.typeName)")
    default:
      for element in try iterate(container) {
        if try equal(element, value) { return true }
      }
      return false
    }
  }

  /// The result of an arithmetic operator.
  func arithmetic(
    _ left: TemplateValue, _ operation: TemplateOperation, _ right: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    if let left = TemplateNumber(left), let right = TemplateNumber(right) {
      return try left.applying(operation, right, budget).value
    }
    switch (left, operation, right) {
    case (.undefined(let reason), _, _), (_, _, .undefined(let reason)):
      if case .string(let format) = left, operation == .remainder {
        return .string(try percentFormat(format, [right], nil))
      }
      throw budget.fault(reason)
    case (.string(var left), .add, .string(let right)):
      try budget.reserve(bytes: left.bytes.count + right.bytes.count)
      left.append(right)
      return .string(left)
    case (.list(let left), .add, .list(let right)):
      return .list(try TemplateList(left.elements + right.elements, budget))
    case (.tuple(let left), .add, .tuple(let right)):
      return .tuple(try TemplateList(left.elements + right.elements, budget))
    case (.string(let format), .remainder, _):
      return .string(try percentFormat(format, right))
    case (_, .multiply, .integer(let times)): return try repeated(left, times)
    case (.integer(let times), .multiply, _): return try repeated(right, times)
    case (_, .multiply, .boolean(let flag)): return try repeated(left, flag ? 1 : 0)
    case (.boolean(let flag), .multiply, _): return try repeated(right, flag ? 1 : 0)
    default:
      throw budget.fault("no such operation on a \(left.typeName) and a \(right.typeName)")
    }
  }

  private func repeated(
    _ value: TemplateValue, _ times: Int
  ) throws(TemplateError) -> TemplateValue {
    let count = max(0, times)
    switch value {
    case .string(let text):
      let length = text.bytes.count.multipliedReportingOverflow(by: count)
      try budget.reserve(bytes: length.overflow ? .max : length.partialValue)
      try budget.charge(text.isEmpty ? 0 : count)
      return .string(text.isEmpty ? text : text.repeated(count))
    case .list(let list): return .list(try repeated(list, count))
    case .tuple(let list): return .tuple(try repeated(list, count))
    default: throw budget.fault("a \(value.typeName) cannot be repeated")
    }
  }

  private func repeated(_ list: TemplateList, _ count: Int) throws(TemplateError) -> TemplateList {
    let length = list.elements.count.multipliedReportingOverflow(by: count)
    try budget.reserve(elements: length.overflow ? .max : length.partialValue)
    if list.elements.isEmpty { return list }
    return try TemplateList(Array(repeatElement(list.elements, count: count).joined()), budget)
  }

  /// The number with a sign before it.
  func signed(_ value: TemplateValue, _ negative: Bool) throws(TemplateError) -> TemplateValue {
    switch TemplateNumber(value) {
    case .integer(let integer):
      guard negative else { return .integer(integer) }
      return .integer(try budget.checked(Int(0).subtractingReportingOverflow(integer)))
    case .float(let float): return .float(negative ? -float : float)
    case nil:
      if case .undefined(let reason) = value { throw budget.fault(reason) }
      throw budget.fault("a \(value.typeName) has no sign")
    }
  }
}
