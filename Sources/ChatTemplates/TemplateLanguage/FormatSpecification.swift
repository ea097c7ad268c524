import Tokenizers

/// How one value is laid out, by the rules of Python's `%` and of `str.format`.
struct FormatSpecification {
  /// Where a value stands in a wider field.
  enum Alignment {
    case left, right, center, afterSign
  }

  var fill: Unicode.Scalar = " "
  var alignment: Alignment?
  /// `+` or a blank before a number that is not negative.
  var positiveSign = ""
  var isAlternate = false
  var width = 0
  var precision: Int?
  var groupSeparator: Unicode.Scalar?
  var type: Character?
  /// The longest precision for numbers; a double has no more digits that matter.
  static let maximumPrecision = 1_000

  /// The text of a value, in the field.
  func format(
    _ value: TemplateValue, _ interpreter: TemplateInterpreter
  ) throws(TemplateError) -> TemplateString {
    switch type {
    case nil, "s":
      if type == nil, let number = TemplateNumber(value), !isBoolean(value) {
        return try self.number(number, interpreter)
      }
      if case .string = value {
      } else if type == "s", isNumber(value) {
        throw interpreter.budget.fault("'s' is no format for a number")
      }
      return try text(try interpreter.string(value), interpreter.budget)
    default:
      guard let number = TemplateNumber(value) else {
        throw interpreter.budget.fault("a \(value.typeName) cannot be formatted as a number")
      }
      return try self.number(number, interpreter)
    }
  }

  private func isBoolean(_ value: TemplateValue) -> Bool {
    if case .boolean = value { true } else { false }
  }

  private func isNumber(_ value: TemplateValue) -> Bool { TemplateNumber(value) != nil }

  /// A text cut to the precision, in the field.
  func text(
    _ value: TemplateString, _ budget: TemplateBudget
  ) throws(TemplateError) -> TemplateString {
    var shown = value
    if let precision {
      let offsets = value.offsets
      if precision < offsets.count - 1 { shown = value[0..<offsets[max(0, precision)]] }
    }
    return try padded(shown, sign: "", or: .left, budget)
  }

  private func number(
    _ number: TemplateNumber, _ interpreter: TemplateInterpreter
  ) throws(TemplateError) -> TemplateString {
    let budget = interpreter.budget
    if let precision, precision > Self.maximumPrecision {
      throw budget.fault("a precision of more than \(Self.maximumPrecision) digits")
    }
    var isNegative = false
    var digits = ""
    switch (number, type ?? "?") {
    case (.integer(let value), "?"), (.integer(let value), "d"), (.integer(let value), "n"):
      (isNegative, digits) = (value < 0, String(value.magnitude))
    case (.integer(let value), "x"), (.integer(let value), "X"):
      (isNegative, digits) = (value < 0, radix(value, 16, "0x"))
    case (.integer(let value), "o"): (isNegative, digits) = (value < 0, radix(value, 8, "0o"))
    case (.integer(let value), "b"): (isNegative, digits) = (value < 0, radix(value, 2, "0b"))
    case (.float(let value), "?") where precision == nil:
      (isNegative, digits) = (value.sign == .minus, PythonFloat.repr(value.magnitude))
    case (_, "e"), (_, "E"), (_, "f"), (_, "F"), (_, "g"), (_, "G"), (_, "%"), (.float, "?"):
      (isNegative, digits) = (number.double.sign == .minus, floating(number.double))
    default: throw budget.fault("no such format for a number")
    }
    if let separator = groupSeparator { digits = grouped(digits, separator) }
    if let type, type.isUppercase { digits = digits.uppercased() }
    let sign = isNegative ? "-" : positiveSign
    return try padded(TemplateString(digits), sign: sign, or: .right, budget)
  }

  private func radix(_ value: Int, _ radix: Int, _ prefix: String) -> String {
    (isAlternate ? prefix : "") + String(value.magnitude, radix: radix)
  }

  private func floating(_ value: Double) -> String {
    let kind: Character = type == "%" ? "f" : Character((type ?? "g").lowercased())
    let shown = value.magnitude * (type == "%" ? 100 : 1)
    let text = PythonFloat.format(
      shown, type: kind, precision: precision ?? 6, alternate: isAlternate)
    return type == "%" ? text + "%" : text
  }

  private func grouped(_ digits: String, _ separator: Unicode.Scalar) -> String {
    let whole = digits.prefix { $0.isNumber }
    var result = ""
    for (index, digit) in whole.enumerated() {
      if index > 0, (whole.count - index).isMultiple(of: 3) {
        result.unicodeScalars.append(separator)
      }
      result.append(digit)
    }
    return result + digits.dropFirst(whole.count)
  }

  private func padded(
    _ text: TemplateString, sign: String, or standard: Alignment, _ budget: TemplateBudget
  ) throws(TemplateError) -> TemplateString {
    let missing = max(0, width - text.count - sign.utf8.count)
    try budget.reserve(bytes: missing.multipliedReportingOverflow(by: 4).partialValue)
    try budget.reserve(bytes: missing)
    let fill = TemplateString(bytes: Array(UTF8.encode(self.fill) ?? .init()), from: .template)
    let signText = TemplateString(sign)
    var result = TemplateString()
    let alignment = self.alignment ?? standard
    let before = alignment == .left ? 0 : alignment == .center ? missing / 2 : missing
    if alignment == .afterSign { result.append(signText) }
    result.append(fill.repeated(before))
    if alignment != .afterSign { result.append(signText) }
    result.append(text)
    result.append(fill.repeated(missing - before))
    return result
  }
}
