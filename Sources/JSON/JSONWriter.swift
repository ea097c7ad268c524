/// Writes one JSON document as bytes on a single line, commas and escapes included.
///
/// ```swift
/// var json = JSONWriter()
/// json.object { json in
///   json.member("id", "a")
///   json.member("values") { $0.array { $0.value(1); $0.value(2.5) } }
/// }
/// // json.bytes spells {"id":"a","values":[1,2.5]}
/// ```
public struct JSONWriter: Sendable {
  /// What has been written so far.
  public private(set) var bytes: [UInt8] = []
  private var needsComma = false

  /// Creates a writer without content.
  public init() {}

  /// Writes an object whose members the closure writes.
  public mutating func object(_ members: (inout JSONWriter) -> Void) {
    open(UInt8(ascii: "{"))
    members(&self)
    close(UInt8(ascii: "}"))
  }

  /// Writes an array whose elements the closure writes.
  public mutating func array(_ elements: (inout JSONWriter) -> Void) {
    open(UInt8(ascii: "["))
    elements(&self)
    close(UInt8(ascii: "]"))
  }

  /// Writes a member of an object; the closure must write exactly one value.
  public mutating func member(_ name: String, _ value: (inout JSONWriter) -> Void) {
    separate()
    quote(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
    value(&self)
    needsComma = true
  }

  /// Writes `null`.
  public mutating func null() {
    separate()
    append("null")
  }

  /// Writes a boolean.
  public mutating func value(_ value: Bool) {
    separate()
    append(value ? "true" : "false")
  }

  /// Writes an integer.
  public mutating func value(_ value: some BinaryInteger) {
    separate()
    append(String(value))
  }

  /// Writes the shortest decimal that reads back equal; what is not finite has no JSON and is null.
  public mutating func value(_ value: some BinaryFloatingPoint & CustomStringConvertible) {
    separate()
    append(value.isFinite ? value.description : "null")
  }

  /// Writes a string, or null.
  public mutating func value(_ value: String?) {
    separate()
    if let value { quote(value) } else { append("null") }
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    needsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    bytes.append(bracket)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func append(_ text: String) {
    bytes.append(contentsOf: text.utf8)
  }
}

// MARK: - Members in one call

extension JSONWriter {
  /// Writes a member that is a string, or null.
  public mutating func member(_ name: String, _ value: String?) {
    member(name) { $0.value(value) }
  }

  /// Writes a member that is an integer.
  public mutating func member(_ name: String, _ value: some BinaryInteger) {
    member(name) { $0.value(value) }
  }
}

// MARK: - Strings

extension JSONWriter {
  private mutating func quote(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    if text.utf8.contains(where: Self.mustEscape) {
      for byte in text.utf8 {
        if Self.mustEscape(byte) { escape(byte) } else { bytes.append(byte) }
      }
    } else {
      bytes.append(contentsOf: text.utf8)
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func mustEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func escape(_ byte: UInt8) {
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case 0x08: bytes.append(UInt8(ascii: "b"))
    case 0x09: bytes.append(UInt8(ascii: "t"))
    case 0x0A: bytes.append(UInt8(ascii: "n"))
    case 0x0C: bytes.append(UInt8(ascii: "f"))
    case 0x0D: bytes.append(UInt8(ascii: "r"))
    case 0x00..<0x20:
      append(byte < 0x10 ? "u000" : "u00")
      append(String(byte, radix: 16))
    default: bytes.append(byte)
    }
  }
}

// MARK: - Documents

extension JSONWriter {
  private enum Frame {
    case array(ArraySlice<JSONValue>)
    case object(ArraySlice<JSONObject.Member>)
  }

  /// Writes a document; its depth costs heap, not stack.
  public mutating func value(_ value: JSONValue) {
    var frames: [Frame] = []
    begin(value, &frames)
    while let frame = frames.popLast() {
      switch frame {
      case .array(var rest):
        guard let next = rest.popFirst() else {
          close(UInt8(ascii: "]"))
          continue
        }
        frames.append(.array(rest))
        begin(next, &frames)
      case .object(var rest):
        guard let next = rest.popFirst() else {
          close(UInt8(ascii: "}"))
          continue
        }
        frames.append(.object(rest))
        member(next.name) { $0.begin(next.value, &frames) }
        needsComma = !Self.isContainer(next.value)
      }
    }
  }

  private mutating func begin(_ value: JSONValue, _ frames: inout [Frame]) {
    switch value {
    case .null: null()
    case .bool(let bool): self.value(bool)
    case .integer(let integer): self.value(integer)
    case .number(let number): self.value(number)
    case .string(let string): self.value(string)
    case .array(let elements):
      open(UInt8(ascii: "["))
      frames.append(.array(elements[...]))
    case .object(let object):
      open(UInt8(ascii: "{"))
      frames.append(.object(object.members[...]))
    }
  }

  private static func isContainer(_ value: JSONValue) -> Bool {
    switch value {
    case .array, .object: true
    default: false
    }
  }
}
