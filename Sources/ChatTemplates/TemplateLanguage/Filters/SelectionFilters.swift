extension TemplateFilters {
  /// Filters that apply another filter or a test to each element.
  static let selections: [String: Body] = [
    "map": map,
    "select": { (interpreter, value, arguments) throws(TemplateError) in
      try select(interpreter, value, arguments, keeps: true, byAttribute: false)
    },
    "reject": { (interpreter, value, arguments) throws(TemplateError) in
      try select(interpreter, value, arguments, keeps: false, byAttribute: false)
    },
    "selectattr": { (interpreter, value, arguments) throws(TemplateError) in
      try select(interpreter, value, arguments, keeps: true, byAttribute: true)
    },
    "rejectattr": { (interpreter, value, arguments) throws(TemplateError) in
      try select(interpreter, value, arguments, keeps: false, byAttribute: true)
    },
  ]

  private static func map(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    guard value.isTrue else { return try interpreter.iterator([]) }
    if arguments.positional.isEmpty {
      return try attributes(interpreter, value, arguments)
    }
    var rest = arguments
    let name = try interpreter.text(rest.positional.removeFirst()).text
    var result: [TemplateValue] = []
    for element in try interpreter.iterate(value) {
      // A filter may be `map` again, with the arguments that are left.
      try interpreter.budget.enter()
      defer { interpreter.budget.leave() }
      result.append(try interpreter.filter(name, element, rest))
    }
    return try interpreter.iterator(result)
  }

  private static func attributes(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let bound = try arguments.bound(
      to: "attribute", "default", function: "map", interpreter.budget)
    guard let attribute = bound[0] else {
      throw interpreter.budget.fault("map takes a filter or an attribute")
    }
    let path = try interpreter.attributePath(attribute)
    var otherwise = bound[1]
    if case .none? = otherwise { otherwise = nil }
    var result: [TemplateValue] = []
    for element in try interpreter.iterate(value) {
      result.append(try interpreter.follow(path, from: element, or: otherwise))
    }
    return try interpreter.iterator(result)
  }

  private static func select(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments,
    keeps: Bool, byAttribute: Bool
  ) throws(TemplateError) -> TemplateValue {
    guard value.isTrue else { return try interpreter.iterator([]) }
    var rest = arguments
    var path: [TemplateValue] = []
    if byAttribute {
      guard !rest.positional.isEmpty else {
        throw interpreter.budget.fault("the filter takes an attribute's name")
      }
      path = try interpreter.attributePath(rest.positional.removeFirst())
    }
    let test =
      rest.positional.isEmpty ? nil : try interpreter.text(rest.positional.removeFirst()).text
    var result: [TemplateValue] = []
    for element in try interpreter.iterate(value) {
      let examined = try interpreter.follow(path, from: element)
      let holds = try test.map { (name) throws(TemplateError) in
        try interpreter.test(name, examined, rest)
      }
      if (holds ?? examined.isTrue) == keeps { result.append(element) }
    }
    return try interpreter.iterator(result)
  }
}
