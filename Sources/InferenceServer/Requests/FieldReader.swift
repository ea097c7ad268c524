import GPTModel
import JSON

/// Reads the fields of a JSON object by the types and ranges of a table; every complaint names the field.
///
/// `null` means the same as an absent field, integers may be written `16.0`, and fields that are in no
/// table are ignored. To read a field that its table does not have is a bug of this server, and gives
/// nothing, so that every test of the field fails.
struct FieldReader {
  var object: JSONObject
  /// The table of the fields.
  let table: FieldTable
  /// The prefix of a field's name in errors: empty, or like `messages[0].`.
  var prefix = ""
  /// How tokens are chosen where no field says it.
  var usualSampling = SamplingParameters()
  /// The model where no field names one; nil where one must be named.
  var usualModel: String?

  /// The name of the model.
  func model() throws(APIError) -> String {
    guard let model = try string("model") ?? usualModel else { throw missing("model") }
    return model
  }

  /// The value of a field unless it is absent or null.
  func value(_ name: String) -> JSONValue? {
    guard table.knows(name) else {
      assertionFailure("\(path(name)) is in no table")
      return nil
    }
    return object[name].flatMap { $0 == .null ? nil : $0 }
  }

  /// Whether a field has a value.
  func has(_ name: String) -> Bool { value(name) != nil }

  /// The first of several spellings that has a value.
  func spelling(_ names: String...) -> String {
    names.first(where: has) ?? names.first ?? ""
  }

  /// A string.
  func string(_ name: String) throws(APIError) -> String? {
    var limit = Int.max
    switch table[name] {
    case .string(let maximumBytes): limit = maximumBytes
    case .word: break
    default: throw undeclared(name)
    }
    guard let value = value(name) else { return nil }
    guard case .string(let string) = value else { throw mismatch(name, "a string") }
    guard string.utf8.count <= limit else {
      throw invalid(name, "may have at most \(limit) bytes")
    }
    return string
  }

  /// One of the words that a field may have.
  func word(_ name: String) throws(APIError) -> String? {
    guard case .word(let words) = table[name] else { throw undeclared(name) }
    guard let word = try string(name) else { return nil }
    guard words.contains(word) else {
      throw mismatch(name, words.joined(separator: words.count > 2 ? ", " : " or "))
    }
    return word
  }

  /// `true` or `false`; 0 and 1 are numbers.
  func boolean(_ name: String) throws(APIError) -> Bool? {
    guard case .boolean = table[name] else { throw undeclared(name) }
    guard let value = value(name) else { return nil }
    guard case .bool(let bool) = value else { throw mismatch(name, "true or false") }
    return bool
  }

  /// An integer.
  ///
  /// - Parameter limit: What it may be at most where that depends on the model.
  func integer(_ name: String, upTo limit: Int = .max) throws(APIError) -> Int? {
    guard case .integer(let declared) = table[name] else { throw undeclared(name) }
    let range = declared.lowerBound...max(declared.lowerBound, min(declared.upperBound, limit))
    guard let value = value(name) else { return nil }
    guard let integer = value.asInteger else { throw mismatch(name, "an integer") }
    guard range.contains(integer) else {
      throw invalid(name, "must be \(range.sentence), not \(integer)")
    }
    return integer
  }

  /// A number; one that must be above zero is above zero as a `Float` too.
  func number(_ name: String) throws(APIError) -> Float? {
    switch table[name] {
    case .number(let range):
      guard let number = try double(name) else { return nil }
      guard range.contains(number) else {
        throw invalid(name, "must be between \(range.lowerBound) and \(range.upperBound)")
      }
      return Float(number)
    case .positive(let limit):
      guard let number = try double(name) else { return nil }
      guard number <= limit, Float(number) > 0 else {
        throw invalid(name, "must be greater than 0 and at most \(limit)")
      }
      return Float(number)
    default: throw undeclared(name)
    }
  }

  /// The elements of an array.
  func array(_ name: String) throws(APIError) -> [JSONValue]? {
    let limit: Int
    switch table[name] {
    case .array(_, let maximumCount), .objects(_, let maximumCount): limit = maximumCount
    default: throw undeclared(name)
    }
    guard let value = value(name) else { return nil }
    guard case .array(let elements) = value else { throw mismatch(name, "an array") }
    guard elements.count <= limit else {
      throw invalid(name, "may have at most \(limit) elements, not \(elements.count)")
    }
    return elements
  }

  /// A reader of an object inside this one.
  func reader(_ name: String) throws(APIError) -> FieldReader? {
    let inner: FieldTable
    switch table[name] {
    case .object(let table): inner = table
    case .map(let kind): inner = .open(kind)
    default: throw undeclared(name)
    }
    guard let value = value(name) else { return nil }
    guard case .object(let object) = value else { throw mismatch(name, "an object") }
    return FieldReader(object: object, table: inner, prefix: "\(path(name)).")
  }

  /// A reader of a value of a field that may be an object.
  func reader(_ name: String, _ value: JSONValue) throws(APIError) -> FieldReader {
    guard case .special(let expected, let inner?) = table[name] else { throw undeclared(name) }
    guard case .object(let object) = value else { throw mismatch(name, expected) }
    return FieldReader(object: object, table: inner, prefix: "\(path(name)).")
  }

  /// A reader of an object that is an element of an array in this one.
  func reader(_ name: String, element index: Int, _ value: JSONValue) throws(APIError)
    -> FieldReader
  {
    let inner: FieldTable
    switch table[name] {
    case .objects(let table, _), .parts(let table), .special(_, let table?): inner = table
    default: throw undeclared(name)
    }
    guard case .object(let object) = value else { throw mismatch("\(name)[\(index)]", "an object") }
    return FieldReader(object: object, table: inner, prefix: "\(path(name))[\(index)].")
  }
}

extension FieldReader {
  /// An error that names a field and says what it must be.
  func invalid(_ name: String, _ rule: String) -> APIError {
    .invalid(path(name), "\(path(name)) \(rule)")
  }

  /// An error for a value of the wrong type.
  func mismatch(_ name: String, _ expected: String) -> APIError {
    invalid(name, "must be \(expected)")
  }

  /// An error for a field that must not be left out.
  func missing(_ name: String) -> APIError { invalid(name, "is required") }

  /// A field's full name.
  func path(_ name: String) -> String { prefix + name }

  private func undeclared(_ name: String) -> APIError {
    assertionFailure("\(path(name)) is read as what its table does not say")
    return .internal
  }

  private func double(_ name: String) throws(APIError) -> Double? {
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

extension String {
  /// Whether a name has nothing but ASCII letters, digits and some other ASCII characters.
  func hasOnlyLettersDigits(and others: String) -> Bool {
    utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: others.utf8.contains(byte)
      }
    }
  }
}
