import Tokenizers

/// Fills the fields of a format of `str.format`'s kind.
struct BraceFormatter {
  private let format: [Unicode.Scalar]
  private let source: PromptSegment.Source
  private let arguments: TemplateArguments
  private let interpreter: TemplateInterpreter
  private var index = 0
  private var nextPosition = 0
  /// Whether fields are numbered by the format; a format may not mix both ways.
  private var isNumbered: Bool?

  private init(
    _ format: TemplateString, _ arguments: TemplateArguments, _ interpreter: TemplateInterpreter
  ) {
    self.format = Array(format.scalars)
    source = format.source
    self.arguments = arguments
    self.interpreter = interpreter
  }

  /// The format with its fields filled.
  static func fill(
    _ format: TemplateString, _ arguments: TemplateArguments, _ interpreter: TemplateInterpreter
  ) throws(TemplateError) -> TemplateString {
    try interpreter.budget.charge(format.bytes.count)
    var formatter = BraceFormatter(format, arguments, interpreter)
    return try formatter.result()
  }

  private func fault(_ message: String) -> TemplateError { interpreter.budget.fault(message) }

  private mutating func result() throws(TemplateError) -> TemplateString {
    var result = TemplateString()
    while index < format.count {
      let scalar = format[index]
      index += 1
      let isDoubled = index < format.count && format[index] == scalar
      if scalar == "{" || scalar == "}", isDoubled {
        index += 1
      } else if scalar == "{" {
        let field = try field()
        try interpreter.budget.charge(1 + field.runs.count)
        try interpreter.budget.reserve(bytes: result.bytes.count + field.bytes.count)
        result.append(field)
        continue
      } else if scalar == "}" {
        throw fault("a format has a single '}'")
      }
      result.append(bytes: UTF8.encode(scalar) ?? .init(), from: source)
    }
    return result
  }

  private mutating func field() throws(TemplateError) -> TemplateString {
    guard let end = format[index...].firstIndex(of: "}") else {
      throw fault("a format's field is not closed")
    }
    let body = format[index..<end]
    if body.contains("{") { throw fault("nested fields are not supported") }
    index = end + 1
    let colon = body.firstIndex(of: ":") ?? body.endIndex
    var path = body[..<colon]
    var value: TemplateValue
    if path.count >= 2, path[path.endIndex - 2] == "!" {
      let conversion = path[path.endIndex - 1]
      path = path.dropLast(2)
      value = try resolve(path)
      guard conversion == "r" || conversion == "s" else { throw fault("no such conversion") }
      value = .string(
        conversion == "r"
          ? try PythonRepresentation.repr(value, interpreter.budget)
          : try interpreter.string(value))
    } else {
      value = try resolve(path)
    }
    let specification = try specification(body[colon...].dropFirst())
    if body[colon...].dropFirst().isEmpty { return try interpreter.string(value) }
    return try specification.format(value, interpreter)
  }

  /// The value of `name`, `0`, or nothing for the next one, with `.attribute` and `[item]`.
  private mutating func resolve(_ path: ArraySlice<Unicode.Scalar>) throws(TemplateError)
    -> TemplateValue
  {
    var rest = path
    let head = Self.text(rest.prefix { $0 != "." && $0 != "[" })
    rest = rest.drop { $0 != "." && $0 != "[" }
    var value: TemplateValue
    if head.isEmpty || head.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      let position = head.isEmpty ? nextPosition : Int(head) ?? .max
      if head.isEmpty { nextPosition += 1 }
      if let isNumbered, isNumbered == head.isEmpty { throw fault("fields numbered in two ways") }
      isNumbered = !head.isEmpty
      guard position < arguments.positional.count else {
        throw fault("a format has more fields than values")
      }
      value = arguments.positional[position]
    } else {
      guard let keyword = arguments.keywords.first(where: { $0.name == head }) else {
        throw fault("a format names a value that is not there")
      }
      value = keyword.value
    }
    while let mark = rest.popFirst() {
      if mark == "." {
        value = try interpreter.attribute(
          Self.text(rest.prefix { $0 != "." && $0 != "[" }), of: value)
        rest = rest.drop { $0 != "." && $0 != "[" }
      } else {
        let name = Self.text(rest.prefix { $0 != "]" })
        rest = rest.drop { $0 != "]" }.dropFirst()
        value = try interpreter.item(Int(name).map { .integer($0) } ?? .text(name), of: value)
      }
    }
    return value
  }

  private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// Reads `[[fill]align][sign][#][0][width][,][.precision][type]`.
  private func specification(
    _ text: ArraySlice<Unicode.Scalar>
  ) throws(TemplateError) -> FormatSpecification {
    var result = FormatSpecification()
    var rest = text
    let alignments: [Unicode.Scalar: FormatSpecification.Alignment] = [
      "<": .left, ">": .right, "^": .center, "=": .afterSign,
    ]
    if rest.count >= 2, let alignment = alignments[rest[rest.startIndex + 1]] {
      result.fill = rest[rest.startIndex]
      result.alignment = alignment
      rest = rest.dropFirst(2)
    } else if let first = rest.first, let alignment = alignments[first] {
      result.alignment = alignment
      rest = rest.dropFirst()
    }
    if let sign = rest.first, "+- ".unicodeScalars.contains(sign) {
      result.positiveSign = sign == "-" ? "" : String(sign)
      rest = rest.dropFirst()
    }
    if rest.first == "#" {
      result.isAlternate = true
      rest = rest.dropFirst()
    }
    if rest.first == "0", result.alignment == nil {
      result.fill = "0"
      result.alignment = .afterSign
    }
    result.width = try number(&rest) ?? 0
    if let separator = rest.first, separator == "," || separator == "_" {
      result.groupSeparator = separator
      rest = rest.dropFirst()
    }
    if rest.first == "." {
      rest = rest.dropFirst()
      result.precision = try number(&rest)
    }
    result.type = rest.popFirst().map { Character($0) }
    if !rest.isEmpty { throw fault("an invalid format") }
    return result
  }

  private func number(_ rest: inout ArraySlice<Unicode.Scalar>) throws(TemplateError) -> Int? {
    let digits = rest.prefix { ("0"..."9").contains($0) }
    guard !digits.isEmpty else { return nil }
    rest = rest.dropFirst(digits.count)
    guard let value = Int(Self.text(digits)), value <= TemplateBudget.maximumOutput else {
      throw interpreter.budget.exceeded(.output, "a format's field is too wide")
    }
    return value
  }
}
