extension TemplateParser {
  /// An expression, or several with commas between them, which make a tuple.
  mutating func tuple(
    conditional: Bool = true, inParentheses: Bool = false
  ) throws(TemplateError) -> TemplateExpression {
    var elements: [TemplateExpression] = []
    var isTuple = false
    while true {
      if tupleEnds { break }
      elements.append(try conditional ? expression() : disjunction())
      guard skip(.comma) else { break }
      isTuple = true
    }
    if !isTuple, let only = elements.first { return only }
    guard isTuple || inParentheses else { throw fault("expected an expression") }
    return .tuple(elements)
  }

  private var tupleEnds: Bool {
    switch current.kind {
    case .variableEnd, .blockEnd, .symbol(.rightParenthesis): true
    default: false
    }
  }

  /// An expression, with `if` and `else`.
  mutating func expression() throws(TemplateError) -> TemplateExpression {
    try descend()
    var result = try disjunction()
    while skip(word: "if") {
      let condition = try disjunction()
      let otherwise = skip(word: "else") ? try expression() : nil
      result = .conditional(result, condition: condition, otherwise: otherwise)
    }
    ascend()
    return result
  }

  private mutating func disjunction() throws(TemplateError) -> TemplateExpression {
    var operands = [try conjunction()]
    while skip(word: "or") { operands.append(try conjunction()) }
    return operands.count == 1 ? operands[0] : .any(operands)
  }

  private mutating func conjunction() throws(TemplateError) -> TemplateExpression {
    var operands = [try negation()]
    while skip(word: "and") { operands.append(try negation()) }
    return operands.count == 1 ? operands[0] : .all(operands)
  }

  private mutating func negation() throws(TemplateError) -> TemplateExpression {
    // Two cancel out but for the type of the result, so a chain of them need not nest.
    var count = 0
    while skip(word: "not") { count += 1 }
    let operand = try comparison()
    if count == 0 { return operand }
    return count.isMultiple(of: 2) ? .not(.not(operand)) : .not(operand)
  }

  private mutating func comparison() throws(TemplateError) -> TemplateExpression {
    let first = try binary()
    var rest: [(TemplateComparison, TemplateExpression)] = []
    while let comparison = comparisonHere() { rest.append((comparison, try binary())) }
    return rest.isEmpty ? first : .comparison(first, rest)
  }

  private mutating func comparisonHere() -> TemplateComparison? {
    let result: TemplateComparison
    switch current.kind {
    case .symbol(.equal): result = .equal
    case .symbol(.unequal): result = .unequal
    case .symbol(.less): result = .less
    case .symbol(.atMost): result = .atMost
    case .symbol(.more): result = .more
    case .symbol(.atLeast): result = .atLeast
    case .name("in"): result = .within
    case .name("not") where following.kind == .name("in"):
      advance()
      result = .notWithin
    default: return nil
    }
    advance()
    return result
  }

  /// An operand and what follows with operators of at least a level: 1 for sums, 2 for `~`, 3 for
  /// products, 4 for powers. All group from the left.
  private mutating func binary(from lowest: Int = 1) throws(TemplateError) -> TemplateExpression {
    var left = try unary()
    while let level = operatorLevel, level >= lowest {
      left = try level == 2 ? concatenation(after: left) : arithmetic(after: left, level)
    }
    return left
  }

  private mutating func concatenation(
    after first: TemplateExpression
  ) throws(TemplateError) -> TemplateExpression {
    var operands = [first]
    while skip(.tilde) { operands.append(try binary(from: 3)) }
    return .concatenation(operands)
  }

  private mutating func arithmetic(
    after first: TemplateExpression, _ level: Int
  ) throws(TemplateError) -> TemplateExpression {
    var rest: [(TemplateOperation, TemplateExpression)] = []
    while operatorLevel == level, let operation = operationHere {
      advance()
      rest.append((operation, try binary(from: level + 1)))
    }
    return .arithmetic(first, rest)
  }

  private var operatorLevel: Int? {
    guard case .symbol(let symbol) = current.kind else { return nil }
    switch symbol {
    case .plus, .minus: return 1
    case .tilde: return 2
    case .times, .division, .floorDivision, .remainder: return 3
    case .power: return 4
    default: return nil
    }
  }

  private var operationHere: TemplateOperation? {
    guard case .symbol(let symbol) = current.kind else { return nil }
    switch symbol {
    case .plus: return .add
    case .minus: return .subtract
    case .times: return .multiply
    case .division: return .divide
    case .floorDivision: return .floorDivide
    case .remainder: return .remainder
    case .power: return .power
    default: return nil
    }
  }

  private mutating func unary(filtered: Bool = true) throws(TemplateError) -> TemplateExpression {
    var operand: TemplateExpression
    switch current.kind {
    case .symbol(let symbol) where symbol == .minus || symbol == .plus:
      try descend()
      advance()
      operand = .sign(negative: symbol == .minus, try unary(filtered: false))
      ascend()
    default: operand = try primary()
    }
    var steps: [TemplatePostfix] = []
    try readAccesses(into: &steps)
    if filtered { try readFilters(into: &steps) }
    return steps.isEmpty ? operand : .postfix(operand, steps)
  }

  /// The operand of a test without parentheses.
  mutating func testArgument() throws(TemplateError) -> TemplateExpression {
    try descend()
    defer { ascend() }
    let operand = try primary()
    var steps: [TemplatePostfix] = []
    try readAccesses(into: &steps)
    return steps.isEmpty ? operand : .postfix(operand, steps)
  }

  private mutating func primary() throws(TemplateError) -> TemplateExpression {
    let token = current
    switch token.kind {
    case .name(let name):
      advance()
      return named(name, token.position)
    case .string(var text):
      advance()
      while case .string(let more) = current.kind {
        text += more
        advance()
      }
      return .literal(.string(TemplateString(text)))
    case .integer(let value):
      advance()
      return .literal(.integer(value))
    case .float(let value):
      advance()
      return .literal(.float(value))
    case .symbol(.leftParenthesis):
      return try parenthesized()
    case .symbol(.leftBracket): return try list()
    case .symbol(.leftBrace): return try dictionary()
    default: throw fault("expected an expression")
    }
  }

  private mutating func named(_ name: String, _ position: TemplatePosition) -> TemplateExpression {
    switch name {
    case "true", "True": return .literal(.boolean(true))
    case "false", "False": return .literal(.boolean(false))
    case "none", "None": return .literal(.none)
    case "caller", "varargs", "kwargs":
      if let last = specialNames.indices.last { specialNames[last].insert(name) }
      return .name(name, position)
    default: return .name(name, position)
    }
  }

  private mutating func parenthesized() throws(TemplateError) -> TemplateExpression {
    advance()
    let result = try tuple(inParentheses: true)
    try expect(.rightParenthesis)
    return result
  }

  private mutating func list() throws(TemplateError) -> TemplateExpression {
    advance()
    var elements: [TemplateExpression] = []
    while current.kind != .symbol(.rightBracket) {
      elements.append(try expression())
      if !skip(.comma) { break }
    }
    try expect(.rightBracket)
    return .list(elements)
  }

  private mutating func dictionary() throws(TemplateError) -> TemplateExpression {
    advance()
    var members: [(key: TemplateExpression, value: TemplateExpression)] = []
    while current.kind != .symbol(.rightBrace) {
      let key = try expression()
      try expect(.colon)
      members.append((key, try expression()))
      if !skip(.comma) { break }
    }
    try expect(.rightBrace)
    return .dictionary(members)
  }
}
