/// The methods of dictionaries. Those that change one are missing, as in Jinja's sandbox.
enum DictionaryMethods {
  /// The method of a name, bound to a dictionary.
  static func method(_ name: String, of members: TemplateDictionary) -> TemplateValue? {
    guard let body = table[name] else { return refused(name) }
    return .function(
      TemplateFunction(name, depth: members.depth + 1) {
        (interpreter, arguments) throws(TemplateError) in
        try body(interpreter, members, arguments)
      })
  }

  private typealias Body =
    @Sendable (TemplateInterpreter, TemplateDictionary, TemplateArguments) throws(TemplateError)
    -> TemplateValue

  private static let table: [String: Body] = [
    "get": { (interpreter, members, arguments) throws(TemplateError) in
      guard (1...2).contains(arguments.positional.count), arguments.keywords.isEmpty else {
        throw interpreter.budget.fault("get takes a key and a default")
      }
      let key = arguments.positional[0]
      if TemplateKey(key) == nil {
        throw interpreter.budget.fault("a \(key.typeName) cannot be a dictionary's key")
      }
      return members.find(key)
        ?? (arguments.positional.count == 2 ? arguments.positional[1] : .none)
    },
    "keys": { (interpreter, members, _) throws(TemplateError) in
      .view("dict_keys", try TemplateList(members.keys, interpreter.budget))
    },
    "values": { (interpreter, members, _) throws(TemplateError) in
      .view("dict_values", try TemplateList(members.values, interpreter.budget))
    },
    "items": { (interpreter, members, _) throws(TemplateError) in
      let items = try members.items(interpreter.budget)
      return .view("dict_items", try TemplateList(items, interpreter.budget))
    },
    "copy": { (_, members, _) throws(TemplateError) in .dictionary(members) },
  ]

  private static func refused(_ name: String) -> TemplateValue? {
    switch name {
    case "clear", "pop", "popitem", "setdefault", "update":
      .undefined("a dictionary cannot be changed, so it has no '\(name)'")
    default: nil
    }
  }
}

/// The methods of lists and tuples. Those that change one are missing, as in Jinja's sandbox.
enum ListMethods {
  /// The method of a name, bound to a list.
  static func method(_ name: String, of list: TemplateList) -> TemplateValue? {
    switch name {
    case "count", "index":
      let isCount = name == "count"
      return .function(
        TemplateFunction(name, depth: list.depth + 1) {
          (interpreter, arguments) throws(TemplateError) in
          try search(list, interpreter, arguments, isCount)
        })
    case "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort":
      return .undefined("a list cannot be changed, so it has no '\(name)'")
    default: return nil
    }
  }

  private static func search(
    _ list: TemplateList, _ interpreter: TemplateInterpreter, _ arguments: TemplateArguments,
    _ isCount: Bool
  ) throws(TemplateError) -> TemplateValue {
    let bound = try arguments.bound(to: "value", function: "the method", interpreter.budget)
    guard let value = bound[0] else { throw interpreter.budget.fault("the method takes a value") }
    var count = 0
    for (index, element) in list.elements.enumerated() {
      guard try interpreter.equal(element, value) else { continue }
      if !isCount { return .integer(index) }
      count += 1
    }
    if !isCount { throw interpreter.budget.fault("the value is not in the list") }
    return .integer(count)
  }
}
