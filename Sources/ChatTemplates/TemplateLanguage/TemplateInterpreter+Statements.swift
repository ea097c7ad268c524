extension TemplateInterpreter {
  /// Executes statements in the scope in progress.
  func execute(_ statements: [TemplateStatement]) throws(TemplateError) -> Flow {
    try budget.enter()
    defer { budget.leave() }
    for statement in statements {
      try budget.charge()
      budget.position = statement.position
      let flow = try execute(statement)
      if flow != .normal { return flow }
    }
    return .normal
  }

  private func execute(_ statement: TemplateStatement) throws(TemplateError) -> Flow {
    switch statement.kind {
    case .text(let text): try write(text)
    case .output(let expression): try print(expression)
    case .conditional(let branches, let otherwise): return try choose(branches, otherwise)
    case .loop(let loop): return try repeated(loop)
    case .set(let target, let expression): try assignValue(of: expression, to: target)
    case .setBlock(let target, let filters, let body):
      return try assignBlock(target, filters, body)
    case .macro(let definition): define(definition)
    case .callBlock(let callee, let arguments, let body):
      try callBlock(callee, arguments, body)
    case .filterBlock(let filters, let body): return try filterBlock(filters, body)
    case .with(let values, let body): return try with(values, body)
    case .scope(let body): return try executeInside(TemplateScope(in: scope), body)
    case .breakLoop: return .breakLoop
    case .continueLoop: return .continueLoop
    }
    return .normal
  }

  private func assignValue(
    of expression: TemplateExpression, to target: TemplateTarget
  ) throws(TemplateError) {
    try assign(try evaluate(expression), to: target)
  }

  private func define(_ definition: TemplateMacroDefinition) {
    scope.names[definition.name ?? ""] = .macro(macro(definition))
  }

  private func print(_ expression: TemplateExpression) throws(TemplateError) {
    try write(try string(try evaluate(expression)))
  }

  private func choose(
    _ branches: [(condition: TemplateExpression, body: [TemplateStatement])],
    _ otherwise: [TemplateStatement]
  ) throws(TemplateError) -> Flow {
    for branch in branches {
      if try evaluate(branch.condition).isTrue { return try execute(branch.body) }
    }
    return try execute(otherwise)
  }

  private func assignBlock(
    _ target: TemplateTarget, _ filters: [TemplatePostfix], _ body: [TemplateStatement]
  ) throws(TemplateError) -> Flow {
    let (text, flow) = try capture(body, in: TemplateScope(in: scope))
    if flow != .normal { return flow }
    try assign(try apply(filters, to: .string(text)), to: target)
    return .normal
  }

  private func filterBlock(
    _ filters: [TemplatePostfix], _ body: [TemplateStatement]
  ) throws(TemplateError) -> Flow {
    let (text, flow) = try capture(body, in: TemplateScope(in: scope))
    if flow != .normal { return flow }
    try write(try string(try apply(filters, to: .string(text))))
    return .normal
  }

  private func callBlock(
    _ callee: TemplateExpression, _ arguments: TemplateCallArguments,
    _ body: TemplateMacroDefinition
  ) throws(TemplateError) {
    let function = try evaluate(callee)
    var values = try evaluate(arguments)
    values.keywords.append(("caller", .macro(macro(body))))
    try write(try string(try call(function, values)))
  }

  private func with(
    _ values: [(TemplateTarget, TemplateExpression)], _ body: [TemplateStatement]
  ) throws(TemplateError) -> Flow {
    let inner = TemplateScope(in: scope)
    for (target, expression) in values {
      if case .name(let name) = target { inner.names[name] = try evaluate(expression) }
    }
    return try executeInside(inner, body)
  }

  /// Gives a value to a name of the scope in progress, a member of a namespace, or several.
  func assign(_ value: TemplateValue, to target: TemplateTarget) throws(TemplateError) {
    switch target {
    case .name(let name): scope.names[name] = value
    case .member(let name, let member):
      guard case .namespace(let namespace) = self.value(of: name) else {
        throw budget.fault("cannot assign an attribute of '\(name)', which is no namespace")
      }
      try namespace.members.set(.text(member), to: value, budget)
    case .tuple(let targets):
      let elements = try iterate(value)
      guard elements.count == targets.count else {
        throw budget.fault("\(elements.count) values for \(targets.count) names")
      }
      for (target, element) in zip(targets, elements) { try assign(element, to: target) }
    }
  }

  private func repeated(_ statement: TemplateLoopStatement) throws(TemplateError) -> Flow {
    var elements = try iterate(try evaluate(statement.iterable))
    if let condition = statement.condition {
      elements = try filtered(elements, statement.target, condition)
    }
    if elements.isEmpty {
      return try executeInside(TemplateScope(in: scope), statement.otherwise)
    }
    let loop = try loop(over: elements)
    let outer = scope
    defer { scope = outer }
    for (index, element) in elements.enumerated() {
      try budget.charge(TemplateBudget.stepsPerScope)
      loop.index = index
      scope = TemplateScope(in: outer)
      scope.names["loop"] = .loop(loop)
      try assign(element, to: statement.target)
      if try execute(statement.body) == .breakLoop { break }
    }
    return .normal
  }

  private func filtered(
    _ elements: [TemplateValue], _ target: TemplateTarget, _ condition: TemplateExpression
  ) throws(TemplateError) -> [TemplateValue] {
    let outer = scope
    defer { scope = outer }
    var result: [TemplateValue] = []
    for element in elements {
      try budget.charge(TemplateBudget.stepsPerScope)
      scope = TemplateScope(in: outer)
      try assign(element, to: target)
      if try evaluate(condition).isTrue { result.append(element) }
    }
    return result
  }
}
