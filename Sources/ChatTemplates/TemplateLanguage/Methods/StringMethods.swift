/// The methods of strings.
enum StringMethods {
  /// What a method does.
  typealias Body =
    @Sendable (TemplateInterpreter, TemplateString, TemplateArguments) throws(TemplateError) ->
    TemplateValue

  /// The method of a name, bound to a string.
  static func method(_ name: String, of text: TemplateString) -> TemplateValue? {
    table[name].map { (body) in
      .function(
        TemplateFunction(name, depth: 1) { (interpreter, arguments) throws(TemplateError) in
          try body(interpreter, text, arguments)
        })
    }
  }

  private static let table: [String: Body] = [
    "upper": mapped { $0.uppercased },
    "lower": mapped { $0.lowercased },
    "title": mapped { $0.titlecased },
    "capitalize": mapped { $0.capitalized },
    "strip": stripping(start: true, end: true),
    "lstrip": stripping(start: true, end: false),
    "rstrip": stripping(start: false, end: true),
    "center": { (interpreter, text, arguments) throws(TemplateError) in
      let bound = try arguments.bound(to: "width", function: "center", interpreter.budget)
      return .string(try interpreter.centered(text, in: try interpreter.integer(bound[0], or: 0)))
    },
    "startswith": matching { $0.hasPrefix($1) },
    "endswith": matching { $0.hasSuffix($1) },
    "removeprefix": { (interpreter, text, arguments) throws(TemplateError) in
      let prefix = try single(interpreter, arguments)
      try interpreter.budget.charge(bytes: text.bytes.count)
      return .string(
        text.hasPrefix(prefix) ? text[prefix.bytes.count..<text.bytes.count] : text)
    },
    "removesuffix": { (interpreter, text, arguments) throws(TemplateError) in
      let suffix = try single(interpreter, arguments)
      try interpreter.budget.charge(bytes: text.bytes.count)
      return .string(
        text.hasSuffix(suffix) ? text[0..<(text.bytes.count - suffix.bytes.count)] : text)
    },
    "split": { (interpreter, text, arguments) throws(TemplateError) in
      try split(interpreter, text, arguments, fromEnd: false)
    },
    "rsplit": { (interpreter, text, arguments) throws(TemplateError) in
      try split(interpreter, text, arguments, fromEnd: true)
    },
    "splitlines": { (interpreter, text, arguments) throws(TemplateError) in
      let bound = try arguments.bound(
        to: "keepends", function: "splitlines", interpreter.budget)
      try interpreter.budget.charge(text.bytes.count / 16 + text.runs.count)
      var cursor = PieceCursor(text)
      let lines = text.lines(keepingEnds: bound[0]?.isTrue ?? false)
      return try interpreter.list(lines.map { .string(cursor.piece($0)) })
    },
    "replace": { (interpreter, text, arguments) throws(TemplateError) in
      let bound = try arguments.bound(
        to: "old", "new", "count", function: "replace", interpreter.budget)
      let limit = try interpreter.integer(bound[2], or: -1)
      return .string(
        try text.replacing(
          try interpreter.text(bound[0]), with: try interpreter.text(bound[1]),
          limit: limit < 0 ? .max : limit, interpreter.budget))
    },
    "join": { (interpreter, text, arguments) throws(TemplateError) in
      let bound = try arguments.bound(to: "iterable", function: "join", interpreter.budget)
      let elements = try interpreter.iterate(bound[0] ?? .none)
      for element in elements { _ = try interpreter.text(element) }
      return .string(try interpreter.joined(elements, text))
    },
    "find": { (interpreter, text, arguments) throws(TemplateError) in
      try find(interpreter, text, arguments, fromEnd: false)
    },
    "rfind": { (interpreter, text, arguments) throws(TemplateError) in
      try find(interpreter, text, arguments, fromEnd: true)
    },
    "index": { (interpreter, text, arguments) throws(TemplateError) in
      let found = try find(interpreter, text, arguments, fromEnd: false)
      guard case .integer(0...) = found else {
        throw interpreter.budget.fault("the substring is not there")
      }
      return found
    },
    "count": { (interpreter, text, arguments) throws(TemplateError) in
      let part = try single(interpreter, arguments)
      if part.isEmpty { return .integer(text.count + 1) }
      return .integer(try text.occurrences(of: part, interpreter.budget).count)
    },
    "format": { (interpreter, text, arguments) throws(TemplateError) in
      .string(try BraceFormatter.fill(text, arguments, interpreter))
    },
    "isdigit": everyScalar { $0.properties.numericType == .digit || $0.isDecimalNumber },
    "isdecimal": everyScalar { $0.isDecimalNumber },
    "isnumeric": everyScalar { $0.properties.numericType != nil },
    "isalpha": everyScalar { $0.isPythonLetter },
    "isalnum": everyScalar { $0.isPythonLetter || $0.properties.numericType != nil },
    "isspace": everyScalar { $0.isPythonSpace },
    "isupper": { (_, text, _) throws(TemplateError) in .boolean(text.allCased { $0.isUppercase }) },
    "islower": { (_, text, _) throws(TemplateError) in .boolean(text.allCased { $0.isLowercase }) },
  ]

  private static func mapped(
    _ transform: @escaping @Sendable (TemplateString) -> TemplateString
  ) -> Body {
    { (interpreter, text, arguments) throws(TemplateError) in
      _ = try arguments.bound(function: "the method", interpreter.budget)
      try interpreter.budget.charge(bytes: text.bytes.count * 8)
      let result = transform(text)
      try interpreter.budget.reserve(bytes: result.bytes.count)
      return .string(result)
    }
  }

  private static func stripping(start: Bool, end: Bool) -> Body {
    { (interpreter, text, arguments) throws(TemplateError) in
      let chars = try arguments.bound(to: "chars", function: "strip", interpreter.budget)[0]
      return .string(try interpreter.trimmed(text, chars, start: start, end: end))
    }
  }

  private static func matching(
    _ holds: @escaping @Sendable (TemplateString, TemplateString) -> Bool
  ) -> Body {
    { (interpreter, text, arguments) throws(TemplateError) in
      guard arguments.positional.count == 1, arguments.keywords.isEmpty else {
        throw interpreter.budget.fault("the method takes one argument")
      }
      try interpreter.budget.charge(bytes: text.bytes.count)
      guard case .tuple(let choices) = arguments.positional[0] else {
        return .boolean(holds(text, try single(interpreter, arguments)))
      }
      for choice in choices.elements {
        try interpreter.budget.charge(1 + text.bytes.count / TemplateBudget.bytesPerStep)
        if holds(text, try interpreter.text(choice)) { return .boolean(true) }
      }
      return .boolean(false)
    }
  }

  private static func everyScalar(
    _ holds: @escaping @Sendable (Unicode.Scalar) -> Bool
  ) -> Body {
    { (interpreter, text, _) throws(TemplateError) in
      try interpreter.budget.charge(bytes: text.bytes.count * 8)
      return .boolean(!text.isEmpty && text.scalars.allSatisfy(holds))
    }
  }

  private static func single(
    _ interpreter: TemplateInterpreter, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateString {
    guard arguments.positional.count == 1, arguments.keywords.isEmpty else {
      throw interpreter.budget.fault("the method takes one argument")
    }
    return try interpreter.text(arguments.positional[0])
  }

  private static func split(
    _ interpreter: TemplateInterpreter, _ text: TemplateString, _ arguments: TemplateArguments,
    fromEnd: Bool
  ) throws(TemplateError) -> TemplateValue {
    let budget = interpreter.budget
    let bound = try arguments.bound(to: "sep", "maxsplit", function: "split", budget)
    let given = try interpreter.integer(bound[1], or: -1)
    let limit = given < 0 ? Int.max : given
    try budget.charge(text.bytes.count / TemplateBudget.bytesPerStep + text.runs.count)
    switch bound[0] {
    case nil, .some(.none):
      return try interpreter.list(try words(of: text, limit, fromEnd, budget))
    case let separator?:
      let separator = try interpreter.text(separator)
      if separator.isEmpty { throw budget.fault("the separator is empty") }
      let found =
        fromEnd
        ? try text.occurrencesFromEnd(of: separator, limit: limit, budget).reversed()
        : try text.occurrences(of: separator, limit: limit, budget)
      try budget.reserve(elements: found.count + 1)
      let pieces = text.pieces(between: found, separatorLength: separator.bytes.count)
      return try interpreter.list(pieces.map { .string($0) })
    }
  }

  /// The words of a text, at most as many cuts as asked for; the rest stays as it is.
  private static func words(
    of text: TemplateString, _ limit: Int, _ fromEnd: Bool, _ budget: TemplateBudget
  ) throws(TemplateError) -> [TemplateValue] {
    var ranges = text.words
    try budget.reserve(elements: ranges.count)
    if ranges.count > limit {
      if fromEnd {
        let cut = ranges.count - limit
        let end = ranges[cut - 1].upperBound
        let start = 0
        ranges.replaceSubrange(0..<cut, with: [start..<end])
      } else {
        ranges.replaceSubrange(limit..., with: [ranges[limit].lowerBound..<text.bytes.count])
      }
    }
    var cursor = PieceCursor(text)
    return ranges.map { .string(cursor.piece($0)) }
  }

  private static func find(
    _ interpreter: TemplateInterpreter, _ text: TemplateString, _ arguments: TemplateArguments,
    fromEnd: Bool
  ) throws(TemplateError) -> TemplateValue {
    let budget = interpreter.budget
    let bound = try arguments.bound(to: "sub", "start", "end", function: "find", budget)
    let part = try interpreter.text(bound[0])
    try budget.charge(text.bytes.count / 16 + text.runs.count)
    let offsets = text.offsets
    let first = try interpreter.integer(bound[1], or: 0)
    if first > offsets.count - 1 { return .integer(-1) }
    let range = SliceIndices(
      first, try interpreter.integer(bound[2], or: offsets.count - 1), 1,
      count: offsets.count - 1)
    let inner = text[offsets[range.first]..<offsets[range.end]]
    if part.isEmpty { return .integer(fromEnd ? range.end : range.first) }
    let found =
      fromEnd
      ? try inner.occurrencesFromEnd(of: part, limit: 1, budget)
      : try inner.occurrences(of: part, limit: 1, budget)
    guard let offset = found.first else { return .integer(-1) }
    return .integer(range.first + inner[0..<offset].count)
  }
}

extension Unicode.Scalar {
  /// Whether the scalar is a decimal digit of some script.
  var isDecimalNumber: Bool { properties.generalCategory == .decimalNumber }

  /// Whether Python's `str.isalpha` holds.
  var isPythonLetter: Bool {
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }
}
