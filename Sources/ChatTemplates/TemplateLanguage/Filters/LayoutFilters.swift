extension TemplateFilters {
  /// Filters that lay a text out.
  static let layout: [String: Body] = [
    "indent": indent,
    "center": center,
    "truncate": truncate,
    "join": join,
    "format": { (interpreter, value, arguments) throws(TemplateError) in
      let format = try interpreter.string(value)
      if arguments.keywords.isEmpty {
        return .string(try interpreter.percentFormat(format, arguments.positional, nil))
      }
      guard arguments.positional.isEmpty else {
        throw interpreter.budget.fault("format takes values or keywords, not both")
      }
      let members = arguments.keywords.map { (key: TemplateValue.text($0.name), value: $0.value) }
      let dictionary = try TemplateDictionary(members, interpreter.budget)
      return .string(
        try interpreter.percentFormat(format, [.dictionary(dictionary)], dictionary))
    },
  ]

  private static func indent(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let budget = interpreter.budget
    let bound = try arguments.bound(to: "width", "first", "blank", function: "indent", budget)
    var indentation: TemplateString
    if case .string(let text)? = bound[0] {
      indentation = text
    } else {
      let width = max(0, try interpreter.integer(bound[0], or: 4))
      try budget.reserve(bytes: width)
      indentation = TemplateString(" ").repeated(width)
    }
    let text = try interpreter.text(value)
    let first = bound[1]?.isTrue ?? false
    let blank = bound[2]?.isTrue ?? false
    // The final newline makes an empty last line count as one.
    var ended = text
    ended.append(TemplateString("\n"))
    let lines = ended.lines(keepingEnds: false)
    let added = lines.count.multipliedReportingOverflow(by: indentation.bytes.count + 1)
    try budget.reserve(bytes: added.overflow ? .max : text.bytes.count + added.partialValue)
    try budget.charge(lines.count + text.runs.count)
    var result = TemplateString()
    var cursor = PieceCursor(ended)
    if first { result.append(indentation) }
    for (index, line) in lines.enumerated() {
      if index > 0 {
        result.append(TemplateString("\n"))
        if blank || !line.isEmpty { result.append(indentation) }
      }
      cursor.append(line, to: &result)
    }
    return .string(result)
  }

  private static func center(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let bound = try arguments.bound(to: "width", function: "center", interpreter.budget)
    let width = try interpreter.integer(bound[0], or: 80)
    return .string(try interpreter.centered(try interpreter.string(value), in: width))
  }

  private static func truncate(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let budget = interpreter.budget
    let bound = try arguments.bound(
      to: "length", "killwords", "end", "leeway", function: "truncate", budget)
    let length = try interpreter.integer(bound[0], or: 255)
    let end =
      try bound[2].map { (end) throws(TemplateError) in try interpreter.text(end) }
      ?? TemplateString("...")
    let leeway = try interpreter.integer(bound[3], or: 5)
    guard length >= end.count, leeway >= 0 else {
      throw budget.fault("truncate leaves no room for what ends the text")
    }
    // Anything that has a length passes while it is short.
    let limit = length.addingReportingOverflow(leeway)
    let count = try interpreter.integer(
      try interpreter.filter("length", value, TemplateArguments()), or: 0)
    if limit.overflow || count <= limit.partialValue { return value }
    let text = try interpreter.text(value)
    try budget.charge(text.bytes.count / 16 + text.runs.count)
    let offsets = text.offsets
    var result = text[0..<offsets[length - end.count]]
    if !(bound[1]?.isTrue ?? false), let blank = result.bytes.lastIndex(of: 0x20) {
      result = result[0..<blank]
    }
    result.append(end)
    return .string(result)
  }

  private static func join(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let bound = try arguments.bound(to: "d", "attribute", function: "join", interpreter.budget)
    var elements = try interpreter.iterate(value)
    switch bound[1] {
    case nil, .some(.none): break
    case let attribute?:
      let path = try interpreter.attributePath(attribute)
      for index in elements.indices {
        elements[index] = try interpreter.follow(path, from: elements[index])
      }
    }
    let separator = try interpreter.string(bound[0] ?? .text(""))
    return .string(try interpreter.joined(elements, separator))
  }
}

extension TemplateInterpreter {
  /// A text with blanks on both sides, as wide as asked for.
  func centered(
    _ text: TemplateString, in width: Int
  ) throws(TemplateError) -> TemplateString {
    let missing = max(0, width < 0 ? 0 : width - text.count)
    try budget.reserve(bytes: missing)
    // Python leaves the odd blank on the left where the field is odd as well.
    let before = missing / 2 + (missing & width & 1)
    var result = TemplateString(" ").repeated(before)
    result.append(text)
    result.append(TemplateString(" ").repeated(missing - before))
    return result
  }

  /// The texts of values with a separator between them.
  func joined(
    _ elements: [TemplateValue], _ separator: TemplateString
  ) throws(TemplateError) -> TemplateString {
    var result = TemplateString()
    for (index, element) in elements.enumerated() {
      let text = try string(element)
      let length = text.bytes.count + separator.bytes.count
      try budget.charge(1 + length / TemplateBudget.bytesPerStep + text.runs.count)
      if result.bytes.count + length > TemplateBudget.maximumOutput {
        try budget.reserve(bytes: result.bytes.count + length)
      }
      if index > 0 { result.append(separator) }
      result.append(text)
    }
    return result
  }
}
