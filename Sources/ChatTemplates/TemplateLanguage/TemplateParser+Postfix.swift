extension TemplateParser {
  /// Attributes, items and calls.
  mutating func readAccesses(into steps: inout [TemplatePostfix]) throws(TemplateError) {
    while true {
      let position = current.position
      let kind: TemplatePostfix.Kind
      switch current.kind {
      case .symbol(.dot): kind = try attribute()
      case .symbol(.leftBracket): kind = try subscripted()
      case .symbol(.leftParenthesis): kind = .call(try arguments())
      default: return
      }
      steps.append(TemplatePostfix(kind: kind, position: position))
    }
  }

  /// Filters, tests, and calls of what they give.
  mutating func readFilters(into steps: inout [TemplatePostfix]) throws(TemplateError) {
    while true {
      let position = current.position
      switch current.kind {
      case .symbol(.bar):
        advance()
        steps.append(try filter())
      case .name("is"):
        advance()
        steps.append(TemplatePostfix(kind: try test(), position: position))
      case .symbol(.leftParenthesis):
        steps.append(TemplatePostfix(kind: .call(try arguments()), position: position))
      default: return
      }
    }
  }

  /// A filter after its bar.
  mutating func filter() throws(TemplateError) -> TemplatePostfix {
    let position = current.position
    let name = try dottedName()
    let isCall = current.kind == .symbol(.leftParenthesis)
    let arguments = isCall ? try self.arguments() : TemplateCallArguments()
    return TemplatePostfix(kind: .filter(name, arguments), position: position)
  }

  private mutating func dottedName() throws(TemplateError) -> String {
    var name = try expectName()
    while skip(.dot) { name += "." + (try expectName()) }
    return name
  }

  private mutating func test() throws(TemplateError) -> TemplatePostfix.Kind {
    let negated = skip(word: "not")
    let name = try dottedName()
    var arguments = TemplateCallArguments()
    switch current.kind {
    case .symbol(.leftParenthesis): arguments = try self.arguments()
    case .name("else"), .name("or"), .name("and"): break
    case .name("is"): throw fault("tests cannot be chained")
    case .name, .string, .integer, .float, .symbol(.leftBracket), .symbol(.leftBrace):
      arguments.positional = [try testArgument()]
    default: break
    }
    return .test(name, arguments, negated: negated)
  }

  private mutating func attribute() throws(TemplateError) -> TemplatePostfix.Kind {
    advance()
    defer { advance() }
    switch current.kind {
    case .name(let name): return .attribute(name)
    case .integer(let index): return .item(.literal(.integer(index)))
    default: throw fault("expected a name or a number")
    }
  }

  private mutating func subscripted() throws(TemplateError) -> TemplatePostfix.Kind {
    try expect(.leftBracket)
    let start = current.kind == .symbol(.colon) ? nil : try expression()
    if let start, current.kind != .symbol(.colon) {
      if current.kind == .symbol(.comma) { throw fault("an index has one part") }
      try expect(.rightBracket)
      return .item(start)
    }
    advance()
    let stop = try sliceBound()
    let step = skip(.colon) ? try sliceBound() : nil
    try expect(.rightBracket)
    return .slice(TemplateSlice(start: start, stop: stop, step: step))
  }

  private mutating func sliceBound() throws(TemplateError) -> TemplateExpression? {
    switch current.kind {
    case .symbol(.colon), .symbol(.rightBracket): nil
    default: try expression()
    }
  }

  /// The arguments of a call in their parentheses.
  mutating func arguments() throws(TemplateError) -> TemplateCallArguments {
    try expect(.leftParenthesis)
    var result = TemplateCallArguments()
    while current.kind != .symbol(.rightParenthesis) {
      try readArgument(into: &result)
      if !skip(.comma) { break }
    }
    try expect(.rightParenthesis)
    return result
  }

  private mutating func readArgument(
    into result: inout TemplateCallArguments
  ) throws(TemplateError) {
    var isValid = result.spreadKeywords == nil
    if skip(.times) {
      isValid = isValid && result.spread == nil
      result.spread = try expression()
    } else if skip(.power) {
      result.spreadKeywords = try expression()
    } else if case .name(let name) = current.kind, following.kind == .symbol(.assign) {
      advance()
      advance()
      isValid = isValid && !result.keywords.contains { $0.name == name }
      result.keywords.append((name, try expression()))
    } else {
      isValid = isValid && result.spread == nil && result.keywords.isEmpty
      result.positional.append(try expression())
    }
    if !isValid { throw fault("arguments in an order that has no meaning") }
  }
}
