extension TemplateParser {
  /// The statement that begins with a word, up to the end of its last tag.
  mutating func statement(_ word: String) throws(TemplateError) -> TemplateStatement.Kind {
    switch word {
    case "if": return try conditional()
    case "for": return try loop()
    case "set": return try assignment()
    case "macro": return try macro()
    case "call": return try callBlock()
    case "filter": return try filterBlock()
    case "with": return try withBlock()
    case "generation": return try generation()
    case "break", "continue":
      if loops == 0 { throw fault("'\(word)' outside of a loop") }
      advance()
      return word == "break" ? .breakLoop : .continueLoop
    default: throw fault("unknown tag '\(word)'")
    }
  }

  private mutating func conditional() throws(TemplateError) -> TemplateStatement.Kind {
    var branches: [(condition: TemplateExpression, body: [TemplateStatement])] = []
    advance()
    while true {
      let condition = try tuple(conditional: false)
      let (body, word) = try block(until: "elif", "else", "endif")
      branches.append((condition, body))
      if word == "elif" { continue }
      if word == "endif" { return .conditional(branches, otherwise: []) }
      return .conditional(branches, otherwise: try block(until: "endif").body)
    }
  }

  private mutating func loop() throws(TemplateError) -> TemplateStatement.Kind {
    advance()
    let target = try self.target(orMember: false)
    if target.names.contains("loop") { throw fault("'loop' is the loop's own name") }
    try expect(.name("in"), "'in'")
    let iterable = try tuple(conditional: false)
    let condition = skip(word: "if") ? try expression() : nil
    if current.kind == .name("recursive") { throw fault("recursive loops are not supported") }
    loops += 1
    let (body, word) = try block(until: "endfor", "else")
    loops -= 1
    let otherwise = word == "else" ? try block(until: "endfor").body : []
    return .loop(
      TemplateLoopStatement(
        target: target, iterable: iterable, condition: condition, body: body,
        otherwise: otherwise))
  }

  private mutating func assignment() throws(TemplateError) -> TemplateStatement.Kind {
    advance()
    let target = try self.target(orMember: true)
    if skip(.assign) { return .set(target, try tuple()) }
    var filters: [TemplatePostfix] = []
    while skip(.bar) { filters.append(try filter()) }
    return .setBlock(target, filters: filters, try block(until: "endset").body)
  }

  private mutating func filterBlock() throws(TemplateError) -> TemplateStatement.Kind {
    advance()
    var filters = [try filter()]
    while skip(.bar) { filters.append(try filter()) }
    return .filterBlock(filters, try block(until: "endfilter").body)
  }

  private mutating func withBlock() throws(TemplateError) -> TemplateStatement.Kind {
    advance()
    var values: [(TemplateTarget, TemplateExpression)] = []
    while current.kind != .blockEnd {
      if !values.isEmpty { try expect(.comma) }
      // A comma separates the assignments, so a target here is one name.
      let name = try expectName()
      try expect(.assign)
      values.append((.name(name), try expression()))
    }
    return .with(values, try block(until: "endwith").body)
  }

  private mutating func generation() throws(TemplateError) -> TemplateStatement.Kind {
    advance()
    let around = loops
    loops = 0
    defer { loops = around }
    return .scope(try block(until: "endgeneration").body)
  }

  private mutating func macro() throws(TemplateError) -> TemplateStatement.Kind {
    advance()
    let name = try expectName()
    return .macro(try definition(name: name, parameters: try self.parameters(), end: "endmacro"))
  }

  private mutating func callBlock() throws(TemplateError) -> TemplateStatement.Kind {
    advance()
    let parameters = current.kind == .symbol(.leftParenthesis) ? try self.parameters() : []
    let start = current.position
    guard case .postfix(let callee, var steps) = try expression(), let last = steps.popLast(),
      case .call(let arguments) = last.kind
    else { throw TemplateError(.syntax, "expected a call", at: start) }
    let body = try definition(name: nil, parameters: parameters, end: "endcall")
    return .callBlock(steps.isEmpty ? callee : .postfix(callee, steps), arguments, body: body)
  }

  private mutating func definition(
    name: String?, parameters: [TemplateMacroDefinition.Parameter], end: String
  ) throws(TemplateError) -> TemplateMacroDefinition {
    let around = loops
    loops = 0
    specialNames.append([])
    let body = try block(until: end).body
    loops = around
    let used = specialNames.popLast() ?? []
    // What a macro within uses, the macro around is taken to use as well.
    if let last = specialNames.indices.last { specialNames[last].formUnion(used) }
    return TemplateMacroDefinition(
      name: name, parameters: parameters, body: body, specialNames: used)
  }

  private mutating func parameters() throws(TemplateError) -> [TemplateMacroDefinition.Parameter] {
    try expect(.leftParenthesis)
    var result: [TemplateMacroDefinition.Parameter] = []
    while current.kind != .symbol(.rightParenthesis) {
      if !result.isEmpty { try expect(.comma) }
      let name = try expectName()
      if result.contains(where: { $0.name == name }) { throw fault("'\(name)' stands twice") }
      let otherwise = skip(.assign) ? try expression() : nil
      if otherwise == nil, result.last?.otherwise != nil {
        throw fault("a parameter without a default follows one with a default")
      }
      result.append(TemplateMacroDefinition.Parameter(name: name, otherwise: otherwise))
    }
    try expect(.rightParenthesis)
    return result
  }
}
