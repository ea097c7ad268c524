extension TemplateInterpreter {
  /// The value of an expression.
  func evaluate(_ expression: TemplateExpression) throws(TemplateError) -> TemplateValue {
    try budget.enter()
    defer { budget.leave() }
    return try evaluateInside(expression)
  }

  // Each case only hands on, so that the frame of this function, of which there is one for every
  // level of a recursion, holds no values.
  private func evaluateInside(
    _ expression: TemplateExpression
  ) throws(TemplateError) -> TemplateValue {
    switch expression {
    case .literal(let literal): return literal.value
    case .name(let name, let position): return value(of: name, at: position)
    case .list(let elements): return try list(elements)
    case .tuple(let elements): return try tuple(elements)
    case .dictionary(let members): return try dictionary(members)
    case .conditional(let value, let condition, let otherwise):
      return try choose(value, condition, otherwise)
    case .any(let operands): return try firstOrLast(operands, where: true)
    case .all(let operands): return try firstOrLast(operands, where: false)
    case .not(let operand): return try negation(of: operand)
    case .comparison(let first, let rest): return try compareChain(first, rest)
    case .arithmetic(let first, let rest): return try arithmeticChain(first, rest)
    case .concatenation(let operands): return try concatenate(operands)
    case .sign(let negative, let operand): return try signed(operand, negative)
    case .postfix(let base, let steps): return try apply(steps, toValueOf: base)
    }
  }

  private func value(of name: String, at position: TemplatePosition) -> TemplateValue {
    budget.position = position
    return value(of: name)
  }

  private func list(_ elements: [TemplateExpression]) throws(TemplateError) -> TemplateValue {
    .list(try TemplateList(try evaluate(elements), budget))
  }

  private func tuple(_ elements: [TemplateExpression]) throws(TemplateError) -> TemplateValue {
    .tuple(try TemplateList(try evaluate(elements), budget))
  }

  private func negation(of operand: TemplateExpression) throws(TemplateError) -> TemplateValue {
    .boolean(try !evaluate(operand).isTrue)
  }

  private func signed(
    _ operand: TemplateExpression, _ negative: Bool
  ) throws(TemplateError) -> TemplateValue {
    try signed(try evaluate(operand), negative)
  }

  private func evaluate(
    _ expressions: [TemplateExpression]
  ) throws(TemplateError) -> [TemplateValue] {
    var values: [TemplateValue] = []
    values.reserveCapacity(expressions.count)
    for expression in expressions { values.append(try evaluate(expression)) }
    return values
  }

  private func dictionary(
    _ members: [(key: TemplateExpression, value: TemplateExpression)]
  ) throws(TemplateError) -> TemplateValue {
    var result = TemplateDictionary()
    for member in members {
      let key = try evaluate(member.key)
      try result.set(key, to: try evaluate(member.value), budget)
    }
    return .dictionary(result)
  }

  private func choose(
    _ value: TemplateExpression, _ condition: TemplateExpression, _ otherwise: TemplateExpression?
  ) throws(TemplateError) -> TemplateValue {
    if try evaluate(condition).isTrue { return try evaluate(value) }
    if let otherwise { return try evaluate(otherwise) }
    return .undefined("the inline if has no else")
  }

  private func firstOrLast(
    _ operands: [TemplateExpression], where wanted: Bool
  ) throws(TemplateError) -> TemplateValue {
    var value = TemplateValue.none
    for operand in operands {
      value = try evaluate(operand)
      if value.isTrue == wanted { break }
    }
    return value
  }

  private func compareChain(
    _ first: TemplateExpression, _ rest: [(TemplateComparison, TemplateExpression)]
  ) throws(TemplateError) -> TemplateValue {
    var left = try evaluate(first)
    for (comparison, operand) in rest {
      let right = try evaluate(operand)
      guard try compare(left, comparison, right) else { return .boolean(false) }
      left = right
    }
    return .boolean(true)
  }

  private func arithmeticChain(
    _ first: TemplateExpression, _ rest: [(TemplateOperation, TemplateExpression)]
  ) throws(TemplateError) -> TemplateValue {
    var value = try evaluate(first)
    for (operation, operand) in rest {
      value = try arithmetic(value, operation, try evaluate(operand))
    }
    return value
  }

  private func concatenate(
    _ operands: [TemplateExpression]
  ) throws(TemplateError) -> TemplateValue {
    var result = TemplateString()
    for operand in operands {
      let text = try string(try evaluate(operand))
      try budget.reserve(bytes: result.bytes.count + text.bytes.count)
      result.append(text)
    }
    return .string(result)
  }

  /// The values of a call's arguments.
  func evaluate(_ arguments: TemplateCallArguments) throws(TemplateError) -> TemplateArguments {
    var result = TemplateArguments(positional: try evaluate(arguments.positional))
    for keyword in arguments.keywords {
      result.keywords.append((keyword.name, try evaluate(keyword.value)))
    }
    if let spread = arguments.spread {
      result.positional += try iterate(try evaluate(spread))
    }
    if arguments.spreadKeywords != nil { try spread(arguments, into: &result) }
    return result
  }

  private func spread(
    _ arguments: TemplateCallArguments, into result: inout TemplateArguments
  ) throws(TemplateError) {
    guard let spread = arguments.spreadKeywords else { return }
    guard case .dictionary(let members) = try evaluate(spread) else {
      throw budget.fault("only a dictionary can be spread with **")
    }
    for entry in members.entries {
      guard case .string(let name) = entry.key else {
        throw budget.fault("a keyword is a string")
      }
      if result.keywords.contains(where: { $0.name == name.text }) {
        throw budget.fault("the argument '\(name.text)' is given twice")
      }
      try budget.charge(result.keywords.count)
      result.keywords.append((name.text, entry.value))
    }
  }

  private func apply(
    _ steps: [TemplatePostfix], toValueOf base: TemplateExpression
  ) throws(TemplateError) -> TemplateValue {
    try apply(steps, to: try evaluate(base))
  }

  /// Applies accesses, calls, filters and tests from left to right.
  func apply(
    _ steps: [TemplatePostfix], to base: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    var value = base
    for step in steps {
      try budget.charge()
      budget.position = step.position
      value = try apply(step, to: value)
    }
    return value
  }

  private func apply(
    _ step: TemplatePostfix, to value: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    switch step.kind {
    case .attribute(let name): return try attribute(name, of: value)
    case .item(let index): return try item(atValueOf: index, of: value)
    case .slice(let bounds): return try slice(value, bounds)
    case .call(let arguments): return try applyCall(arguments, step.position, value)
    case .filter(let name, let arguments):
      return try applyFilter(name, arguments, step.position, value)
    case .test(let name, let arguments, let negated):
      let holds = try applyTest(name, arguments, step.position, value)
      return .boolean(holds != negated)
    }
  }

  private func item(
    atValueOf index: TemplateExpression, of value: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    try item(try evaluate(index), of: value)
  }

  private func applyCall(
    _ arguments: TemplateCallArguments, _ position: TemplatePosition, _ value: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    let values = try evaluate(arguments)
    budget.position = position
    return try call(value, values)
  }

  private func applyFilter(
    _ name: String, _ arguments: TemplateCallArguments, _ position: TemplatePosition,
    _ value: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    let values = try evaluate(arguments)
    budget.position = position
    return try filter(name, value, values)
  }

  private func applyTest(
    _ name: String, _ arguments: TemplateCallArguments, _ position: TemplatePosition,
    _ value: TemplateValue
  ) throws(TemplateError) -> Bool {
    let values = try evaluate(arguments)
    budget.position = position
    return try test(name, value, values)
  }

  /// Applies a filter by its name.
  func filter(
    _ name: String, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    guard let body = TemplateFilters.table[name] else {
      throw budget.fault("no filter named '\(name)'")
    }
    return try body(self, value, arguments)
  }

  /// Applies a test by its name.
  func test(
    _ name: String, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> Bool {
    guard let holds = try TemplatePredicates.holds(name, self, value, arguments) else {
      throw budget.fault("no test named '\(name)'")
    }
    return holds
  }
}

extension TemplateLiteral {
  /// The value that was written.
  var value: TemplateValue {
    switch self {
    case .none: .none
    case .boolean(let value): .boolean(value)
    case .integer(let value): .integer(value)
    case .float(let value): .float(value)
    case .string(let value): .string(value)
    }
  }
}
