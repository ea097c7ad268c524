extension TemplateInterpreter {
  /// Calls a function, a macro or something else that can be called.
  func call(
    _ callee: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    try budget.charge(TemplateBudget.stepsPerScope)
    switch callee {
    case .function(let function): return try function.body(self, arguments)
    case .macro(let macro): return try call(macro, arguments)
    case .undefined(let reason): throw budget.fault(reason)
    default: throw budget.fault("a \(callee.typeName) cannot be called")
    }
  }

  private func call(
    _ macro: TemplateMacro, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let place = budget.position
    let outer = scope
    let text = try calling { () throws(TemplateError) in
      let inner = TemplateScope(in: macro.scope)
      try bind(arguments, to: macro.definition, in: inner)
      return try capture(macro.definition.body, in: inner).0
    }
    scope = outer
    budget.position = place
    return .string(text)
  }

  private func bind(
    _ arguments: TemplateArguments, to macro: TemplateMacroDefinition, in inner: TemplateScope
  ) throws(TemplateError) {
    var keywords = arguments.keywords
    var missing: [TemplateMacroDefinition.Parameter] = []
    for (index, parameter) in macro.parameters.enumerated() {
      if index < arguments.positional.count {
        inner.names[parameter.name] = arguments.positional[index]
      } else if let position = keywords.firstIndex(where: { $0.name == parameter.name }) {
        inner.names[parameter.name] = keywords.remove(at: position).value
      } else {
        missing.append(parameter)
      }
    }
    let takesCaller = macro.parameters.contains { $0.name == "caller" }
    if macro.specialNames.contains("caller"), !takesCaller {
      let position = keywords.firstIndex { $0.name == "caller" }
      inner.names["caller"] =
        position.map { keywords.remove(at: $0).value } ?? .undefined("no caller defined")
    }
    try bindRest(arguments.positional.dropFirst(macro.parameters.count), keywords, macro, inner)
    let outer = scope
    scope = inner
    defer { scope = outer }
    for parameter in missing {
      let value = try parameter.otherwise.map { (otherwise) throws(TemplateError) in
        try evaluate(otherwise)
      }
      inner.names[parameter.name] =
        value ?? .undefined("parameter '\(parameter.name)' was not provided")
    }
  }

  private func bindRest(
    _ positional: ArraySlice<TemplateValue>,
    _ keywords: [(name: String, value: TemplateValue)],
    _ macro: TemplateMacroDefinition, _ inner: TemplateScope
  ) throws(TemplateError) {
    let name = macro.name ?? "caller"
    if macro.specialNames.contains("varargs") {
      inner.names["varargs"] = .tuple(try TemplateList(Array(positional), budget))
    } else if !positional.isEmpty {
      throw budget.fault("macro '\(name)' takes at most \(macro.parameters.count) arguments")
    }
    if macro.specialNames.contains("kwargs") {
      let members = keywords.map { (key: TemplateValue.text($0.name), value: $0.value) }
      inner.names["kwargs"] = .dictionary(try TemplateDictionary(members, budget))
    } else if let keyword = keywords.first {
      throw budget.fault("macro '\(name)' takes no keyword argument '\(keyword.name)'")
    }
  }
}

extension TemplateArguments {
  /// The arguments in the order of a function's parameters, nil where one was not given.
  func bound(
    to parameters: String..., function name: String, _ budget: TemplateBudget
  ) throws(TemplateError) -> [TemplateValue?] {
    guard positional.count <= parameters.count else {
      throw budget.fault("\(name) takes at most \(parameters.count) arguments")
    }
    var result: [TemplateValue?] = Array(repeating: nil, count: parameters.count)
    for (index, value) in positional.enumerated() { result[index] = value }
    for keyword in keywords {
      guard let index = parameters.firstIndex(of: keyword.name), result[index] == nil else {
        throw budget.fault("\(name) takes no argument '\(keyword.name)'")
      }
      result[index] = keyword.value
    }
    return result
  }
}

extension TemplateInterpreter {
  /// The integer an argument is, or a default where it was not given.
  func integer(_ value: TemplateValue?, or otherwise: Int) throws(TemplateError) -> Int {
    switch value {
    case nil: return otherwise
    case .integer(let value): return value
    case .boolean(let value): return value ? 1 : 0
    case let value?: throw budget.fault("expected an integer, not a \(value.typeName)")
    }
  }

  /// The text an argument is.
  func text(_ value: TemplateValue?) throws(TemplateError) -> TemplateString {
    guard case .string(let text) = value else {
      throw budget.fault("expected a string, not a \(value?.typeName ?? "missing argument")")
    }
    return text
  }
}
