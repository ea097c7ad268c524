extension TemplateInterpreter {
  /// `format % value`: a tuple's elements, a dictionary's members, or the value itself.
  func percentFormat(
    _ format: TemplateString, _ value: TemplateValue
  ) throws(TemplateError) -> TemplateString {
    switch value {
    case .tuple(let list): try percentFormat(format, list.elements, nil)
    case .dictionary(let members): try percentFormat(format, [value], members)
    // Python takes these for mappings too: a format may leave them unused.
    case .list, .range: try percentFormat(format, [value], TemplateDictionary())
    default: try percentFormat(format, [value], nil)
    }
  }

  /// A format of C's kind with its fields filled.
  func percentFormat(
    _ format: TemplateString, _ values: [TemplateValue], _ members: TemplateDictionary?
  ) throws(TemplateError) -> TemplateString {
    var formatter = PercentFormatter(format, values, members, self)
    return try formatter.result()
  }
}

/// Fills the fields of a format from left to right.
private struct PercentFormatter {
  private let format: TemplateString
  private let interpreter: TemplateInterpreter
  private let members: TemplateDictionary?
  private var values: ArraySlice<TemplateValue>
  private var offset = 0

  init(
    _ format: TemplateString, _ values: [TemplateValue], _ members: TemplateDictionary?,
    _ interpreter: TemplateInterpreter
  ) {
    self.format = format
    self.values = values[...]
    self.members = members
    self.interpreter = interpreter
  }

  mutating func result() throws(TemplateError) -> TemplateString {
    try interpreter.budget.charge(bytes: format.bytes.count)
    var result = TemplateString()
    var cursor = PieceCursor(format)
    while offset < format.bytes.count {
      let end = format.bytes[offset...].firstIndex(of: 0x25) ?? format.bytes.count
      cursor.append(offset..<end, to: &result)
      offset = end
      guard byte != nil else { break }
      offset += 1
      let field = try field()
      try interpreter.budget.charge(1 + field.runs.count)
      try interpreter.budget.reserve(bytes: result.bytes.count + field.bytes.count)
      result.append(field)
    }
    if !values.isEmpty, members == nil { throw fault("a format does not use all its values") }
    return result
  }

  private var byte: UInt8? { offset < format.bytes.count ? format.bytes[offset] : nil }

  private func fault(_ message: String) -> TemplateError { interpreter.budget.fault(message) }

  private mutating func field() throws(TemplateError) -> TemplateString {
    let named = try member()
    var specification = FormatSpecification()
    readFlags(into: &specification)
    specification.width = try number() ?? 0
    if byte == 0x2E {
      offset += 1
      specification.precision = try number() ?? 0
    }
    while let letter = byte, "hlL".utf8.contains(letter) { offset += 1 }
    guard let letter = byte else { throw fault("an incomplete format") }
    offset += 1
    if letter == 0x25 { return TemplateString("%") }
    guard let value = named ?? values.popFirst() else {
      throw fault("a format has more fields than values")
    }
    return try fill(Character(Unicode.Scalar(letter)), specification, value)
  }

  private mutating func member() throws(TemplateError) -> TemplateValue? {
    guard byte == 0x28 else { return nil }
    guard let members, let end = format.bytes[offset...].firstIndex(of: 0x29) else {
      throw fault("a format names a member of nothing")
    }
    let name = format[(offset + 1)..<end]
    offset = end + 1
    guard let value = members.find(.string(name)) else {
      throw fault("a format names a member that is not there")
    }
    return value
  }

  private mutating func readFlags(into specification: inout FormatSpecification) {
    while let flag = byte {
      switch flag {
      case 0x23: specification.isAlternate = true
      case 0x2D: specification.alignment = .left
      case 0x30 where specification.alignment != .left:
        specification.fill = "0"
        specification.alignment = .afterSign
      case 0x30: break
      case 0x20 where specification.positiveSign.isEmpty: specification.positiveSign = " "
      case 0x20: break
      case 0x2B: specification.positiveSign = "+"
      default: return
      }
      if flag == 0x2D { specification.fill = " " }
      offset += 1
    }
  }

  private mutating func number() throws(TemplateError) -> Int? {
    let start = offset
    while let digit = byte, (0x30...0x39).contains(digit) { offset += 1 }
    if start == offset { return nil }
    let text = String(decoding: format.bytes[start..<offset], as: UTF8.self)
    guard let value = Int(text), value <= TemplateBudget.maximumOutput else {
      throw interpreter.budget.exceeded(.output, "a format's field is too wide")
    }
    return value
  }

  private func fill(
    _ letter: Character, _ given: FormatSpecification, _ value: TemplateValue
  ) throws(TemplateError) -> TemplateString {
    var specification = given
    let budget = interpreter.budget
    switch letter {
    case "s", "r", "a":
      if specification.alignment == .afterSign { specification.alignment = nil }
      specification.fill = " "
      if specification.alignment == nil { specification.alignment = .right }
      let text =
        letter == "s"
        ? try interpreter.string(value) : try PythonRepresentation.repr(value, budget)
      return try specification.text(text, budget)
    case "d", "i", "u":
      specification.type = "d"
      specification.precision = nil
      guard case .float(let float) = value else { break }
      guard let whole = Int(exactly: float.rounded(.towardZero)) else {
        throw fault("an integer beyond 64 bits")
      }
      return try specification.format(.integer(whole), interpreter)
    case "x", "X", "o", "e", "E", "f", "F", "g", "G": specification.type = letter
    default: throw fault("no format '%\(letter)'")
    }
    return try specification.format(value, interpreter)
  }
}
