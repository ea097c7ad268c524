/// Reads JSON as it is written, piece by piece; each byte is looked at once.
///
/// Of a text that is not closed there is what was written of it. A number or a literal is there when something
/// follows it, so that no snapshot shows a 1 that becomes 12.
struct PartialJSON: Sendable {
  /// A container that is not closed.
  private enum Container: Sendable {
    case array([JSONValue])
    case object(JSONObject, name: String?)
  }

  /// What is being read.
  private enum Place: Sendable {
    /// Before a value.
    case value
    /// In a text, which is a name or a value.
    case string(isName: Bool)
    /// In a number or a literal.
    case scalar
    /// After a value.
    case after
    /// Before a name, or the end of the object.
    case name
    /// Before the colon.
    case colon
  }

  private static let depthLimit = 64
  private var containers: [Container] = []
  private var place = Place.value
  /// The bytes of the value that is being read, quotes included.
  private var bytes: [UInt8] = []
  private var isEscaped = false
  private var root: JSONValue?
  private var offset = 0

  /// Whether the document is complete, but for white space.
  var isComplete: Bool { root != nil && containers.isEmpty }

  /// Goes on by a piece.
  ///
  /// - Throws: A `JSONError` where what there is now is not the beginning of a document.
  mutating func append(_ piece: String) throws(JSONError) {
    for byte in piece.utf8 {
      try take(byte)
      offset += 1
    }
  }

  private mutating func take(_ byte: UInt8) throws(JSONError) {
    switch place {
    case .string(let isName): try takeInString(byte, isName: isName)
    case .scalar:
      if Self.endsScalar(byte) {
        try finish(parse(bytes))
        try take(byte)
      } else {
        bytes.append(byte)
      }
    case _ where Self.isSpace(byte): return
    case .value: try begin(byte)
    case .after: try separate(byte)
    case .name:
      if byte == UInt8(ascii: "}"), case .object(let object, _)? = containers.last,
        object.members.isEmpty
      {
        return try close()
      }
      guard byte == UInt8(ascii: "\"") else { throw unexpected }
      (bytes, place) = ([byte], .string(isName: true))
    case .colon:
      guard byte == UInt8(ascii: ":") else { throw unexpected }
      place = .value
    }
  }

  private mutating func takeInString(_ byte: UInt8, isName: Bool) throws(JSONError) {
    bytes.append(byte)
    if isEscaped {
      isEscaped = false
    } else if byte == UInt8(ascii: "\\") {
      isEscaped = true
    } else if byte == UInt8(ascii: "\"") {
      let text = try parse(bytes)
      guard isName else { return try finish(text) }
      guard case .string(let name) = text, case .object(let object, _)? = containers.popLast()
      else { throw unexpected }
      guard object[name] == nil else { throw JSONError(.duplicateName, at: offset) }
      containers.append(.object(object, name: name))
      place = .colon
    }
  }

  private mutating func begin(_ byte: UInt8) throws(JSONError) {
    switch byte {
    case UInt8(ascii: "{"):
      try open(.object(JSONObject(), name: nil))
      place = .name
    case UInt8(ascii: "["): try open(.array([]))
    case UInt8(ascii: "]"):
      guard case .array(let elements)? = containers.last, elements.isEmpty else {
        throw unexpected
      }
      try close()
    case UInt8(ascii: "\""): (bytes, place) = ([byte], .string(isName: false))
    default: (bytes, place) = ([byte], .scalar)
    }
  }

  private mutating func open(_ container: Container) throws(JSONError) {
    guard containers.count < Self.depthLimit else { throw JSONError(.tooDeep, at: offset) }
    containers.append(container)
    place = .value
  }

  private mutating func separate(_ byte: UInt8) throws(JSONError) {
    switch (byte, containers.last) {
    case (UInt8(ascii: ","), .array?): place = .value
    case (UInt8(ascii: ","), .object?): place = .name
    case (UInt8(ascii: "]"), .array?), (UInt8(ascii: "}"), .object?): try close()
    case (_, nil): throw JSONError(.trailingBytes, at: offset)
    default: throw unexpected
    }
  }

  private mutating func close() throws(JSONError) {
    switch containers.popLast() {
    case .array(let elements)?: try finish(.array(elements))
    case .object(let object, _)?: try finish(.object(object))
    case nil: throw unexpected
    }
  }

  /// Puts a value where it belongs.
  private mutating func finish(_ value: JSONValue) throws(JSONError) {
    bytes = []
    place = .after
    switch containers.popLast() {
    case .array(var elements)?:
      elements.append(value)
      containers.append(.array(elements))
    case .object(var object, let name?)?:
      object[name] = value
      containers.append(.object(object, name: nil))
    case .object(_, nil)?: throw unexpected
    case nil: root = value
    }
  }

  private var unexpected: JSONError { JSONError(.unexpectedByte, at: offset) }

  private func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
    do {
      return try JSONValue(parsing: bytes)
    } catch {
      throw JSONError(error.kind, at: offset - bytes.count + error.offset)
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  private static func endsScalar(_ byte: UInt8) -> Bool {
    isSpace(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]")
      || byte == UInt8(ascii: "}")
  }
}

// MARK: - What there is

extension PartialJSON {
  /// What there is of the document; nil where there is nothing yet.
  var content: GeneratedContent? {
    if let root { return GeneratedContent(root) }
    var value = openValue
    var open = value == nil ? 0 : 1
    for container in containers.reversed() {
      switch container {
      case .array(var elements):
        if let value { elements.append(value) }
        value = .array(elements)
      case .object(var object, let name):
        if let name, let value { object[name] = value }
        value = .object(object)
      }
      open += 1
    }
    return value.map { GeneratedContent($0, open: open) }
  }

  /// The document, once nothing is missing.
  ///
  /// - Throws: A `JSONError` where something is.
  func finished() throws(JSONError) -> GeneratedContent {
    var reader = self
    if case .scalar = place { try reader.append(" ") }
    guard let root = reader.root, reader.containers.isEmpty else {
      throw JSONError(.unexpectedEnd, at: offset)
    }
    return GeneratedContent(root)
  }

  /// What there is of a text that is not closed.
  private var openValue: JSONValue? {
    guard case .string(isName: false) = place else { return nil }
    // An escape, or half of a pair of them, may be cut: the longest beginning that is a text counts.
    var kept = bytes
    while !kept.isEmpty {
      if let value = try? JSONValue(parsing: kept + [UInt8(ascii: "\"")]) { return value }
      guard bytes.count - kept.count < 12 else { break }
      kept.removeLast()
    }
    return .string("")
  }
}
