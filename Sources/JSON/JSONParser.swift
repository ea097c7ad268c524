/// How large a JSON document may be.
public struct JSONLimits: Sendable, Hashable {
  /// Containers that may be open at the same time.
  public var depth: Int
  /// Values in the whole document, containers included.
  public var values: Int
  /// Bytes that one number may be written with.
  public var numberLength = 1024
  /// Whether `Infinity` is a number, as Python writes it.
  public var allowsInfinity = false

  /// The limits for documents from a client.
  public static let request = JSONLimits(depth: 64, values: 100_000)

  /// Creates limits.
  public init(depth: Int = 64, values: Int) {
    self.depth = depth
    self.values = values
  }
}

extension JSONValue {
  /// Reads a document strictly as RFC 8259 has it, and refuses what parsers disagree about.
  ///
  /// Beyond the grammar, duplicate names, lone surrogates, byte order marks and numbers that no
  /// double can hold are errors. Integers stay exact where they fit `Int`.
  ///
  /// - Complexity: O(n) in the number of bytes.
  public init(parsing bytes: [UInt8], limits: JSONLimits = .request) throws(JSONError) {
    var parser = JSONParser(bytes: bytes, limits: limits)
    self = try parser.document()
  }
}

/// A recursive-descent reader; the depth limit bounds its stack.
private struct JSONParser {
  let bytes: [UInt8]
  let limits: JSONLimits
  var position = 0
  var valuesLeft: Int

  init(bytes: [UInt8], limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
    valuesLeft = limits.values
  }

  mutating func document() throws(JSONError) -> JSONValue {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw JSONError(.byteOrderMark, at: 0) }
    skipSpace()
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw JSONError(.trailingBytes, at: position) }
    return value
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    guard valuesLeft > 0 else { throw JSONError(.tooManyValues, at: position) }
    valuesLeft -= 1
    switch try peek() {
    case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
    case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "I") where limits.allowsInfinity:
      return try literal("Infinity", .number(.infinity))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw JSONError(.unexpectedByte, at: position)
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
    try enter(depth)
    var object = JSONObject()
    if try closes(with: UInt8(ascii: "}")) { return object }
    repeat {
      skipSpace()
      let start = position
      guard try peek() == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: start) }
      let name = try string()
      guard object[name] == nil else { throw JSONError(.duplicateName, at: start) }
      skipSpace()
      try expect(UInt8(ascii: ":"))
      skipSpace()
      object[name] = try value(depth: depth)
    } while try continues(orClosesWith: UInt8(ascii: "}"))
    return object
  }

  private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
    try enter(depth)
    var elements: [JSONValue] = []
    if try closes(with: UInt8(ascii: "]")) { return elements }
    repeat {
      skipSpace()
      elements.append(try value(depth: depth))
    } while try continues(orClosesWith: UInt8(ascii: "]"))
    return elements
  }

  private mutating func enter(_ depth: Int) throws(JSONError) {
    guard depth <= limits.depth else { throw JSONError(.tooDeep, at: position) }
    position += 1
  }

  private mutating func closes(with end: UInt8) throws(JSONError) -> Bool {
    skipSpace()
    guard try peek() == end else { return false }
    position += 1
    return true
  }

  private mutating func continues(orClosesWith end: UInt8) throws(JSONError) -> Bool {
    skipSpace()
    let byte = try peek()
    guard byte == end || byte == UInt8(ascii: ",") else {
      throw JSONError(.unexpectedByte, at: position)
    }
    position += 1
    return byte != end
  }

  private mutating func literal(
    _ text: StaticString, _ value: JSONValue
  ) throws(JSONError) -> JSONValue {
    for offset in 0..<text.utf8CodeUnitCount {
      try expect(text.utf8Start[offset])
    }
    return value
  }

  private mutating func expect(_ byte: UInt8) throws(JSONError) {
    guard try peek() == byte else { throw JSONError(.unexpectedByte, at: position) }
    position += 1
  }

  private func peek() throws(JSONError) -> UInt8 {
    guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
    return bytes[position]
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }
}

// MARK: - Numbers

extension JSONParser {
  private mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    var isInteger = true
    skip(UInt8(ascii: "-"))
    if !skip(UInt8(ascii: "0")) { try digits() }
    if skip(UInt8(ascii: ".")) {
      isInteger = false
      try digits()
    }
    if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
      isInteger = false
      if !skip(UInt8(ascii: "+")) { skip(UInt8(ascii: "-")) }
      try digits()
    }
    guard position - start <= limits.numberLength else {
      throw JSONError(.numberOutOfRange, at: start)
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let integer = Int(text) { return .integer(integer) }
    guard let double = Double(text), double.isFinite else {
      throw JSONError(.numberOutOfRange, at: start)
    }
    return .number(double)
  }

  private mutating func digits() throws(JSONError) {
    let start = position
    while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
    {
      position += 1
    }
    guard position > start else {
      throw JSONError(position < bytes.count ? .invalidNumber : .unexpectedEnd, at: position)
    }
  }

  @discardableResult
  private mutating func skip(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }
}

// MARK: - Strings

extension JSONParser {
  private mutating func string() throws(JSONError) -> String {
    position += 1
    let start = position
    try skipPlainBytes()
    if bytes[position] == UInt8(ascii: "\"") {
      defer { position += 1 }
      return try text(bytes[start..<position], at: start)
    }
    var unescaped = Array(bytes[start..<position])
    while bytes[position] != UInt8(ascii: "\"") {
      try escape(into: &unescaped)
      let plain = position
      try skipPlainBytes()
      unescaped += bytes[plain..<position]
    }
    position += 1
    return try text(unescaped[...], at: start)
  }

  /// Stops at the next quotation mark or backslash.
  private mutating func skipPlainBytes() throws(JSONError) {
    while true {
      let byte = try peek()
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
      guard byte >= 0x20 else { throw JSONError(.controlCharacter, at: position) }
      position += 1
    }
  }

  private func text(_ slice: ArraySlice<UInt8>, at start: Int) throws(JSONError) -> String {
    guard let text = String(validating: slice, as: UTF8.self) else {
      throw JSONError(.invalidUTF8, at: start)
    }
    return text
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
    let start = position
    position += 1
    let letter = try peek()
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text += Array(String(try scalar(from: start)).utf8)
    default: throw JSONError(.invalidEscape, at: start)
    }
  }

  /// Reads the digits after `\u`, and the second half of a pair where the first asks for one.
  private mutating func scalar(from start: Int) throws(JSONError) -> Unicode.Scalar {
    let high = try hexadecimal(from: start)
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard high < 0xDC00, skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) else {
      throw JSONError(.loneSurrogate, at: start)
    }
    let low = try hexadecimal(from: start)
    guard (0xDC00...0xDFFF).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    else { throw JSONError(.loneSurrogate, at: start) }
    return scalar
  }

  private mutating func hexadecimal(from start: Int) throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(try peek())).hexDigitValue else {
        throw JSONError(.invalidEscape, at: start)
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
