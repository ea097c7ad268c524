import JSON

/// Reads the fields of a JSON object by type and range; every complaint names the field.
///
/// `null` is as good as absent, integers may be written `16.0`, and unknown fields are nobody's
/// business.
struct FieldReader {
  var object: JSONObject
  /// What stands before a field's name in an error: empty, or like `messages[0].`.
  var prefix = ""

  /// The value of a field unless it is absent or null.
  func value(_ name: String) -> JSONValue? {
    object[name].flatMap { $0 == .null ? nil : $0 }
  }

  /// Whether a field has a value.
  func has(_ name: String) -> Bool { value(name) != nil }

  /// The first of several spellings that has a value.
  func spelling(_ names: String...) -> String {
    names.first(where: has) ?? names.first ?? ""
  }

  /// A string of limited size.
  func string(_ name: String, maximumBytes: Int = .max) throws(APIError) -> String? {
    guard let value = value(name) else { return nil }
    guard case .string(let string) = value else { throw mismatch(name, "a string") }
    guard string.utf8.count <= maximumBytes else {
      throw invalid(name, "may have at most \(maximumBytes) bytes")
    }
    return string
  }

  /// `true` or `false`; 0 and 1 are numbers.
  func boolean(_ name: String) throws(APIError) -> Bool? {
    guard let value = value(name) else { return nil }
    guard case .bool(let bool) = value else { throw mismatch(name, "true or false") }
    return bool
  }

  /// An integer within a range.
  func integer(_ name: String, in range: ClosedRange<Int>) throws(APIError) -> Int? {
    guard let value = value(name) else { return nil }
    guard let integer = value.asInteger else { throw mismatch(name, "an integer") }
    guard range.contains(integer) else {
      throw invalid(name, "must be \(range.sentence), not \(integer)")
    }
    return integer
  }

  /// A number within a range.
  func number(_ name: String, in range: ClosedRange<Double>) throws(APIError) -> Float? {
    guard let number = try number(name) else { return nil }
    guard range.contains(number) else {
      throw invalid(name, "must be between \(range.lowerBound) and \(range.upperBound)")
    }
    return Float(number)
  }

  /// A number above zero, as a `Float` too, and up to a limit.
  func positive(_ name: String, upTo limit: Double) throws(APIError) -> Float? {
    guard let number = try number(name) else { return nil }
    guard number <= limit, Float(number) > 0 else {
      throw invalid(name, "must be greater than 0 and at most \(limit)")
    }
    return Float(number)
  }

  /// The elements of an array of limited length.
  func array(_ name: String, maximumCount: Int) throws(APIError) -> [JSONValue]? {
    guard let value = value(name) else { return nil }
    guard case .array(let elements) = value else { throw mismatch(name, "an array") }
    guard elements.count <= maximumCount else {
      throw invalid(name, "may have at most \(maximumCount) elements, not \(elements.count)")
    }
    return elements
  }

  /// A reader of an object inside this one.
  func reader(_ name: String) throws(APIError) -> FieldReader? {
    guard let value = value(name) else { return nil }
    guard case .object(let object) = value else { throw mismatch(name, "an object") }
    return FieldReader(object: object, prefix: "\(path(name)).")
  }

  /// A reader of an object that is an element of an array in this one.
  func reader(_ name: String, element index: Int, _ value: JSONValue) throws(APIError)
    -> FieldReader
  {
    guard case .object(let object) = value else { throw mismatch("\(name)[\(index)]", "an object") }
    return FieldReader(object: object, prefix: "\(path(name))[\(index)].")
  }

  /// An error that names a field and says what it must be.
  func invalid(_ name: String, _ rule: String, code: String? = nil) -> APIError {
    .invalid(path(name), "\(path(name)) \(rule)", code: code)
  }

  /// An error for a value of the wrong type.
  func mismatch(_ name: String, _ expected: String) -> APIError {
    invalid(name, "must be \(expected)")
  }

  /// An error for a field that must not be left out.
  func missing(_ name: String) -> APIError { invalid(name, "is required") }

  /// A field's full name.
  func path(_ name: String) -> String { prefix + name }

  private func number(_ name: String) throws(APIError) -> Double? {
    switch value(name) {
    case nil: nil
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: throw mismatch(name, "a number")
    }
  }
}

extension JSONValue {
  /// The integer that a number is, however it was written.
  var asInteger: Int? {
    switch self {
    case .integer(let integer): integer
    // Beyond 2^53 a number may have been rounded to the integer that it is.
    case .number(let number) where number.magnitude <= 0x1p53: Int(exactly: number)
    default: nil
    }
  }
}

extension ClosedRange<Int> {
  fileprivate var sentence: String {
    upperBound == .max ? "at least \(lowerBound)" : "between \(lowerBound) and \(upperBound)"
  }
}
