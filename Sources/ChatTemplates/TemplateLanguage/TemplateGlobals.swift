/// The names that every template has.
enum TemplateGlobals {
  /// Every global by its name. None reaches beyond the rendering.
  static var values: [String: TemplateValue] {
    [
      "range": function("range", range),
      "dict": function("dict") { (interpreter, arguments) throws(TemplateError) in
        .dictionary(try dictionary(interpreter, arguments))
      },
      "namespace": function("namespace") { (interpreter, arguments) throws(TemplateError) in
        .namespace(interpreter.namespace(try dictionary(interpreter, arguments)))
      },
      "cycler": function("cycler") { (interpreter, arguments) throws(TemplateError) in
        .cycler(try TemplateCycler(arguments.positional, interpreter.budget))
      },
      "joiner": function("joiner", joiner),
      "raise_exception": function("raise_exception", raiseException),
    ]
  }

  private static func function(
    _ name: String, _ body: @escaping TemplateFunction.Body
  ) -> TemplateValue {
    .function(TemplateFunction(name, body))
  }

  private static func range(
    _ interpreter: TemplateInterpreter, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let budget = interpreter.budget
    var numbers: [Int] = []
    for argument in arguments.positional {
      guard case .integer(let number)? = TemplateNumber(argument) else {
        throw budget.fault("a range is made of integers")
      }
      numbers.append(number)
    }
    guard (1...3).contains(numbers.count), arguments.keywords.isEmpty else {
      throw budget.fault("a range takes one to three integers")
    }
    let step = numbers.count == 3 ? numbers[2] : 1
    if step == 0 { throw budget.fault("a range's step cannot be zero") }
    let (start, stop) = numbers.count == 1 ? (0, numbers[0]) : (numbers[0], numbers[1])
    guard let range = TemplateRange(start: start, stop: stop, step: step) else {
      let limit = TemplateBudget.maximumElements
      throw budget.exceeded(.output, "a range of more than \(limit) integers")
    }
    return .range(range)
  }

  /// `dict(other, name=value)`: members of a dictionary or pairs, then the keywords.
  private static func dictionary(
    _ interpreter: TemplateInterpreter, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateDictionary {
    let budget = interpreter.budget
    var result = TemplateDictionary()
    guard arguments.positional.count <= 1 else { throw budget.fault("dict takes one argument") }
    switch arguments.positional.first {
    case nil: break
    case .dictionary(let other)?:
      try budget.charge(other.entries.count)
      result = other
    case let pairs?:
      for pair in try interpreter.iterate(pairs) {
        let parts = try interpreter.iterate(pair)
        guard parts.count == 2 else { throw budget.fault("dict takes pairs") }
        try result.set(parts[0], to: parts[1], budget)
      }
    }
    for keyword in arguments.keywords {
      try result.set(.text(keyword.name), to: keyword.value, budget)
    }
    return result
  }

  /// A function that gives nothing the first time and a separator from then on.
  private static func joiner(
    _ interpreter: TemplateInterpreter, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let given = try arguments.bound(to: "sep", function: "joiner", interpreter.budget)[0]
    let parts = [.text(""), given ?? .text(", "), given ?? .text(", ")]
    let cycler = try TemplateCycler(parts, interpreter.budget)
    return .function(
      TemplateFunction("joiner", depth: cycler.depth) { (_, _) throws(TemplateError) in
        if cycler.index == 0 { return cycler.next() }
        return cycler.current
      })
  }

  private static func raiseException(
    _ interpreter: TemplateInterpreter, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let bound = try arguments.bound(to: "message", function: "raise_exception", interpreter.budget)
    let message = try bound[0].map { (value) throws(TemplateError) in
      try interpreter.string(value)
    }
    throw TemplateError(.raised, message?.text ?? "", at: interpreter.budget.position)
  }

  /// The function that tells the time handed in, in the words of C's `strftime`.
  static func clock(_ date: TemplateDate) -> TemplateValue {
    function("strftime_now") { (interpreter, arguments) throws(TemplateError) in
      let bound = try arguments.bound(to: "format", function: "strftime_now", interpreter.budget)
      let format = try interpreter.text(bound[0])
      return .string(try date.formatted(format, interpreter.budget))
    }
  }
}
