extension TemplateFilters {
  /// Filters that take sequences apart.
  static let sequences: [String: Body] = [
    "length": length,
    "count": length,
    "first": first,
    "last": last,
    "list": { (interpreter, value, _) throws(TemplateError) in
      try interpreter.list(try interpreter.iterate(value))
    },
    "reverse": reverse,
    "items": { (interpreter, value, _) throws(TemplateError) in
      switch value {
      case .undefined: return try interpreter.iterator([])
      case .dictionary(let members):
        return try interpreter.iterator(try members.items(interpreter.budget))
      default: throw interpreter.budget.fault("only a mapping has items")
      }
    },
    "batch": batch,
    "slice": slice,
  ]

  private static func length(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    switch value {
    case .undefined: return .integer(0)
    case .string(let text):
      try interpreter.budget.charge(bytes: text.bytes.count)
      return .integer(text.count)
    case .list(let list), .tuple(let list), .view(_, let list):
      return .integer(list.elements.count)
    case .dictionary(let members): return .integer(members.entries.count)
    case .range(let range): return .integer(range.count)
    case .loop(let loop): return .integer(loop.elements.count)
    default: throw interpreter.budget.fault("a \(value.typeName) has no length")
    }
  }

  private static func first(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    switch value {
    case .iterator(let iterator): iterator.next() ?? .undefined("there is no first item")
    case .list, .tuple, .string, .range: try interpreter.item(.integer(0), of: value)
    default: try interpreter.iterate(value).first ?? .undefined("there is no first item")
    }
  }

  private static func last(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    switch value {
    case .iterator, .loop:
      throw interpreter.budget.fault("a \(value.typeName) cannot be read backward")
    case .list, .tuple, .string, .range: return try interpreter.item(.integer(-1), of: value)
    default:
      return try interpreter.iterate(value).last ?? .undefined("there is no last item")
    }
  }

  private static func reverse(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    switch value {
    case .string(let text):
      try interpreter.budget.charge(text.bytes.count)
      let reversed = text.text.unicodeScalars.reversed()
      var view = String.UnicodeScalarView()
      view.append(contentsOf: reversed)
      return .string(TemplateString(String(view), from: text.source))
    case .iterator(let iterator): return try interpreter.list(iterator.takeAll().reversed())
    default: return try interpreter.iterator(try interpreter.iterate(value).reversed())
    }
  }

  private static func batch(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let bound = try arguments.bound(
      to: "linecount", "fill_with", function: "batch", interpreter.budget)
    let size = try interpreter.integer(bound[0], or: 0)
    guard size > 0 else { throw interpreter.budget.fault("a batch holds at least one item") }
    let elements = try interpreter.iterate(value)
    var result: [TemplateValue] = []
    var start = 0
    while start < elements.count {
      let end = min(elements.count, start + min(size, elements.count))
      var part = Array(elements[start..<end])
      if let fill = bound[1], !isNone(fill), part.count < size {
        try interpreter.budget.reserve(elements: size)
        part += Array(repeating: fill, count: size - part.count)
      }
      result.append(try interpreter.list(part))
      start = end
    }
    return try interpreter.iterator(result)
  }

  private static func slice(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let bound = try arguments.bound(
      to: "slices", "fill_with", function: "slice", interpreter.budget)
    let count = try interpreter.integer(bound[0], or: 0)
    let elements = try interpreter.iterate(value)
    guard count > 0 else { throw interpreter.budget.fault("there is at least one slice") }
    try interpreter.budget.reserve(elements: count)
    var result: [TemplateValue] = []
    var start = 0
    for index in 0..<count {
      let isLonger = index < elements.count % count
      let end = start + elements.count / count + (isLonger ? 1 : 0)
      var part = Array(elements[start..<end])
      if let fill = bound[1], !isNone(fill), !isLonger { part.append(fill) }
      result.append(try interpreter.list(part))
      start = end
    }
    return try interpreter.iterator(result)
  }

  private static func isNone(_ value: TemplateValue) -> Bool {
    if case .none = value { true } else { false }
  }
}
