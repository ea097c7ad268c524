import Tokenizers

/// Writes values as Python's `str` and `repr` do, in bounded space.
struct PythonRepresentation {
  private let budget: TemplateBudget
  private var bytes: [UInt8] = []
  private var source = PromptSegment.Source.template
  private var depth = 0

  private init(_ budget: TemplateBudget) {
    self.budget = budget
  }

  /// What `repr` writes of a value.
  static func repr(
    _ value: TemplateValue, _ budget: TemplateBudget
  ) throws(TemplateError) -> TemplateString {
    var representation = PythonRepresentation(budget)
    try representation.write(value)
    return TemplateString(bytes: representation.bytes, from: representation.source)
  }

  private mutating func write(text: String) throws(TemplateError) {
    bytes.append(contentsOf: text.utf8)
    if bytes.count > TemplateBudget.maximumOutput { try budget.reserve(bytes: bytes.count) }
  }

  private mutating func write(_ value: TemplateValue) throws(TemplateError) {
    try budget.charge(2)
    switch value {
    case .undefined: try write(text: "Undefined")
    case .none: try write(text: "None")
    case .boolean(let flag): try write(text: flag ? "True" : "False")
    case .integer(let integer): try write(text: String(integer))
    case .float(let float): try write(text: PythonFloat.repr(float))
    case .string(let string): try write(quoted: string)
    case .range(let range):
      let step = range.step == 1 ? "" : ", \(range.step)"
      try write(text: "range(\(range.start), \(range.stop)\(step))")
    case .macro(let macro):
      try write(text: "<Macro \(macro.definition.name.map { "'\($0)'" } ?? "anonymous")>")
    case .loop(let loop):
      try write(text: "<LoopContext \(loop.index + 1)/\(loop.elements.count)>")
    case .function(let function): try write(text: "<function \(function.name)>")
    case .iterator, .cycler: try write(text: "<\(value.typeName) object>")
    case .list, .tuple, .view, .dictionary, .namespace: try write(compound: value)
    }
  }

  private mutating func write(compound value: TemplateValue) throws(TemplateError) {
    // A namespace can hold itself.
    if depth > TemplateBudget.maximumValueDepth {
      throw budget.exceeded(.depth, "values nest too deeply to be written")
    }
    depth += 1
    defer { depth -= 1 }
    switch value {
    case .list(let list): try write(list.elements, "[", "]")
    case .tuple(let list):
      try write(list.elements, "(", list.elements.count == 1 ? ",)" : ")")
    case .view(let name, let list): try write(list.elements, "\(name)([", "])")
    case .dictionary(let dictionary): try write(dictionary)
    case .namespace(let namespace):
      try write(text: "<Namespace ")
      try write(namespace.members)
      try write(text: ">")
    default: break
    }
  }

  private mutating func write(
    _ elements: [TemplateValue], _ opening: String, _ closing: String
  ) throws(TemplateError) {
    try write(text: opening)
    for (index, element) in elements.enumerated() {
      if index > 0 { try write(text: ", ") }
      try write(element)
    }
    try write(text: closing)
  }

  private mutating func write(_ dictionary: TemplateDictionary) throws(TemplateError) {
    try write(text: "{")
    for (index, entry) in dictionary.entries.enumerated() {
      if index > 0 { try write(text: ", ") }
      try write(entry.key)
      try write(text: ": ")
      try write(entry.value)
    }
    try write(text: "}")
  }

  private mutating func write(quoted string: TemplateString) throws(TemplateError) {
    try budget.charge(bytes: string.bytes.count)
    if string.source == .content { source = .content }
    let quote: Unicode.Scalar =
      string.bytes.contains(0x27) && !string.bytes.contains(0x22) ? "\"" : "'"
    bytes.append(UInt8(ascii: quote))
    for scalar in string.scalars {
      switch scalar {
      case quote, "\\": bytes.append(contentsOf: [0x5C, UInt8(ascii: scalar)])
      case "\n": bytes.append(contentsOf: "\\n".utf8)
      case "\r": bytes.append(contentsOf: "\\r".utf8)
      case "\t": bytes.append(contentsOf: "\\t".utf8)
      case _ where scalar.isPythonPrintable:
        bytes.append(contentsOf: UTF8.encode(scalar) ?? .init())
      default: bytes.append(contentsOf: scalar.pythonEscape.utf8)
      }
    }
    try write(text: String(quote))
  }
}

extension Unicode.Scalar {
  /// Whether Python's `str.isprintable` holds.
  var isPythonPrintable: Bool {
    if isASCII { return (0x20..<0x7F).contains(value) }
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator, .spaceSeparator:
      return false
    default: return true
    }
  }

  /// The escape by which Python writes a scalar that cannot be shown.
  var pythonEscape: String {
    if value < 0x100 { return "\\x" + value.hexadecimal(width: 2) }
    if value < 0x10000 { return "\\u" + value.hexadecimal(width: 4) }
    return "\\U" + value.hexadecimal(width: 8)
  }
}

extension UInt32 {
  /// The number in lower-case hexadecimal digits, at least so many.
  func hexadecimal(width: Int) -> String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: Swift.max(0, width - digits.utf8.count)) + digits
  }
}

extension TemplateInterpreter {
  /// The text by which a value is printed: `str`, and nothing for what is undefined.
  func string(_ value: TemplateValue) throws(TemplateError) -> TemplateString {
    switch value {
    case .undefined: TemplateString()
    case .string(let text): text
    default: try PythonRepresentation.repr(value, budget)
    }
  }
}
