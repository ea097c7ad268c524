import Tokenizers

/// How JSON is written: the parameters of the `tojson` filter.
struct TemplateJSONStyle {
  /// What stands before a member for each level, or nil for one line.
  var indentation: TemplateString?
  var itemSeparator = TemplateString(", ")
  var keySeparator = TemplateString(": ")
  var isASCII = false
  var sortsKeys = false
}

/// Writes values as JSON, as Python's `json.dumps` does, in bounded space.
struct TemplateJSON {
  private let style: TemplateJSONStyle
  private let budget: TemplateBudget
  private let interpreter: TemplateInterpreter
  private var bytes: [UInt8] = []
  private var source: PromptSegment.Source
  private var depth = 0

  private init(_ style: TemplateJSONStyle, _ interpreter: TemplateInterpreter) {
    self.style = style
    self.interpreter = interpreter
    budget = interpreter.budget
    let parts = [style.itemSeparator, style.keySeparator, style.indentation ?? TemplateString()]
    source = parts.contains { $0.source == .content } ? .content : .template
  }

  /// The JSON of a value.
  static func text(
    of value: TemplateValue, _ style: TemplateJSONStyle, _ interpreter: TemplateInterpreter
  ) throws(TemplateError) -> TemplateString {
    var json = TemplateJSON(style, interpreter)
    try json.write(value)
    return TemplateString(bytes: json.bytes, from: json.source)
  }

  private mutating func write(text: some Collection<UInt8>) throws(TemplateError) {
    bytes.append(contentsOf: text)
    if bytes.count > TemplateBudget.maximumOutput { try budget.reserve(bytes: bytes.count) }
  }

  private mutating func write(_ value: TemplateValue) throws(TemplateError) {
    try budget.charge(2)
    switch value {
    case .none: try write(text: "null".utf8)
    case .boolean(let flag): try write(text: (flag ? "true" : "false").utf8)
    case .integer(let integer): try write(text: String(integer).utf8)
    case .float(let float): try write(text: Self.text(of: float).utf8)
    case .string(let string): try write(quoted: string)
    case .list(let list), .tuple(let list): try write(list.elements)
    case .dictionary(let dictionary): try write(dictionary)
    default: throw budget.fault("a \(value.typeName) cannot be written as JSON")
    }
  }

  private static func text(of float: Double) -> String {
    if float.isNaN { return "NaN" }
    if float.isInfinite { return float < 0 ? "-Infinity" : "Infinity" }
    return PythonFloat.repr(float)
  }

  private mutating func write(_ elements: [TemplateValue]) throws(TemplateError) {
    if elements.isEmpty { return try write(text: "[]".utf8) }
    try write(text: "[".utf8)
    depth += 1
    for (index, element) in elements.enumerated() {
      if index > 0 { try write(text: style.itemSeparator.bytes) }
      try startLine()
      try write(element)
    }
    depth -= 1
    try startLine()
    try write(text: "]".utf8)
  }

  private mutating func write(_ dictionary: TemplateDictionary) throws(TemplateError) {
    if dictionary.entries.isEmpty { return try write(text: "{}".utf8) }
    try write(text: "{".utf8)
    depth += 1
    for (index, entry) in try ordered(dictionary).enumerated() {
      if index > 0 { try write(text: style.itemSeparator.bytes) }
      try startLine()
      try write(quoted: try name(of: entry.key))
      try write(text: style.keySeparator.bytes)
      try write(entry.value)
    }
    depth -= 1
    try startLine()
    try write(text: "}".utf8)
  }

  private func ordered(
    _ dictionary: TemplateDictionary
  ) throws(TemplateError) -> [TemplateDictionary.Entry] {
    guard style.sortsKeys else { return dictionary.entries }
    let order = try interpreter.sortedIndices(of: dictionary.keys, descending: false)
    return order.map { dictionary.entries[$0] }
  }

  private func name(of key: TemplateValue) throws(TemplateError) -> TemplateString {
    switch key {
    case .string(let string): return string
    case .none: return TemplateString("null")
    case .boolean(let flag): return TemplateString(flag ? "true" : "false")
    case .integer(let integer): return TemplateString(String(integer))
    case .float(let float): return TemplateString(Self.text(of: float))
    default: throw budget.fault("a \(key.typeName) cannot name a JSON member")
    }
  }

  private mutating func startLine() throws(TemplateError) {
    guard let indentation = style.indentation else { return }
    try write(text: "\n".utf8)
    for _ in 0..<depth { try write(text: indentation.bytes) }
  }

  private mutating func write(quoted string: TemplateString) throws(TemplateError) {
    try budget.charge(bytes: string.bytes.count)
    if string.source == .content { source = .content }
    bytes.append(0x22)
    for scalar in string.scalars {
      switch scalar {
      case "\"", "\\": bytes.append(contentsOf: [0x5C, UInt8(ascii: scalar)])
      case "\n": bytes.append(contentsOf: "\\n".utf8)
      case "\r": bytes.append(contentsOf: "\\r".utf8)
      case "\t": bytes.append(contentsOf: "\\t".utf8)
      case "\u{08}": bytes.append(contentsOf: "\\b".utf8)
      case "\u{0C}": bytes.append(contentsOf: "\\f".utf8)
      case _ where scalar.value < 0x20 || (style.isASCII && scalar.value > 0x7E):
        for unit in UTF16.encode(scalar) ?? .init() {
          bytes.append(contentsOf: "\\u\(UInt32(unit).hexadecimal(width: 4))".utf8)
        }
      default: bytes.append(contentsOf: UTF8.encode(scalar) ?? .init())
      }
    }
    try write(text: "\"".utf8)
  }
}
