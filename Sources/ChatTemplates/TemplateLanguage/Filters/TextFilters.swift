extension TemplateFilters {
  /// Filters that change the letters of a text.
  static let text: [String: Body] = [
    "upper": mapped { $0.uppercased },
    "lower": mapped { $0.lowercased },
    "capitalize": mapped { $0.capitalized },
    "title": mapped { $0.filterTitlecased },
    "escape": mapped { escaped($0) },
    "e": mapped { escaped($0) },
    "forceescape": mapped { escaped($0) },
    "string": { (interpreter, value, _) throws(TemplateError) in
      .string(try interpreter.string(value))
    },
    "safe": { (interpreter, value, _) throws(TemplateError) in
      .string(try interpreter.string(value))
    },
    "trim": trim,
    "replace": replace,
    "urlencode": urlEncode,
    "wordcount": { (interpreter, value, _) throws(TemplateError) in
      .integer(wordCount(try interpreter.string(value)))
    },
    "tojson": toJSON,
  ]

  private static func mapped(
    _ transform: @escaping @Sendable (TemplateString) -> TemplateString
  ) -> Body {
    { (interpreter, value, _) throws(TemplateError) in
      let text = try interpreter.string(value)
      // Looking up a scalar's case costs more than copying it; escapes may lengthen the text.
      try interpreter.budget.charge(bytes: text.bytes.count * 8)
      let result = transform(text)
      try interpreter.budget.reserve(bytes: result.bytes.count)
      return .string(result)
    }
  }

  private static func escaped(_ text: TemplateString) -> TemplateString {
    let names: [UInt8: String] = [
      0x26: "&amp;", 0x3C: "&lt;", 0x3E: "&gt;", 0x22: "&#34;", 0x27: "&#39;",
    ]
    var bytes: [UInt8] = []
    for byte in text.bytes {
      if let name = names[byte] { bytes.append(contentsOf: name.utf8) } else { bytes.append(byte) }
    }
    return TemplateString(bytes: bytes, from: text.source)
  }

  private static func trim(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let chars = try arguments.bound(to: "chars", function: "trim", interpreter.budget)[0]
    return .string(try interpreter.trimmed(try interpreter.string(value), chars))
  }

  private static func replace(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let bound = try arguments.bound(
      to: "old", "new", "count", function: "replace", interpreter.budget)
    guard let old = bound[0], let new = bound[1] else {
      throw interpreter.budget.fault("replace takes what to replace and with what")
    }
    var limit = -1
    if case .none? = bound[2] {} else { limit = try interpreter.integer(bound[2], or: -1) }
    let text = try interpreter.string(value)
    return .string(
      try text.replacing(
        try interpreter.string(old), with: try interpreter.string(new),
        limit: limit < 0 ? .max : limit, interpreter.budget))
  }

  private static func urlEncode(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    switch value {
    case .list, .tuple, .dictionary, .iterator, .view:
      throw interpreter.budget.fault("urlencode takes a text")
    default: break
    }
    let text = try interpreter.string(value)
    try interpreter.budget.reserve(bytes: text.bytes.count * 3)
    var bytes: [UInt8] = []
    for byte in text.bytes {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x2F, 0x5F, 0x7E: bytes.append(byte)
      default: bytes += Array("%\(UInt32(byte).hexadecimal(width: 2).uppercased())".utf8)
      }
    }
    return .string(TemplateString(bytes: bytes, from: text.source))
  }

  private static func wordCount(_ text: TemplateString) -> Int {
    var count = 0
    var isInside = false
    for scalar in text.scalars {
      let properties = scalar.properties
      let isWord = scalar == "_" || properties.isAlphabetic || properties.numericType != nil
      if isWord, !isInside { count += 1 }
      isInside = isWord
    }
    return count
  }

  private static func toJSON(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let budget = interpreter.budget
    let bound = try arguments.bound(
      to: "ensure_ascii", "indent", "separators", "sort_keys", function: "tojson", budget)
    var style = TemplateJSONStyle()
    style.isASCII = bound[0]?.isTrue ?? false
    style.sortsKeys = bound[3]?.isTrue ?? false
    switch bound[1] {
    case nil, .some(.none): break
    case .string(let text)?: style.indentation = text
    case let width?:
      let count = max(0, try interpreter.integer(width, or: 0))
      try budget.reserve(bytes: count)
      style.indentation = TemplateString(" ").repeated(count)
    }
    if style.indentation != nil { style.itemSeparator = TemplateString(",") }
    switch bound[2] {
    case nil, .some(.none): break
    case let pair?:
      let parts = try interpreter.iterate(pair)
      guard parts.count == 2 else { throw budget.fault("tojson takes two separators") }
      style.itemSeparator = try interpreter.text(parts[0])
      style.keySeparator = try interpreter.text(parts[1])
    }
    return .string(try TemplateJSON.text(of: value, style, interpreter))
  }
}

extension TemplateInterpreter {
  /// A text without white space, or without given scalars, at its ends.
  func trimmed(
    _ text: TemplateString, _ chars: TemplateValue?, start: Bool = true, end: Bool = true
  ) throws(TemplateError) -> TemplateString {
    try budget.charge(text.bytes.count / TemplateBudget.bytesPerStep + text.runs.count)
    switch chars {
    case nil, .some(.none):
      return text[text.trimmed(start: start, end: end) { $0.isPythonSpace }]
    case let chars?:
      let set = Set(try self.text(chars).scalars)
      try budget.charge(set.count)
      return text[text.trimmed(start: start, end: end) { set.contains($0) }]
    }
  }
}
