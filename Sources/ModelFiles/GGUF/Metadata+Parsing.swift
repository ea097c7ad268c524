extension Metadata {
  // What a dictionary, its key list and its folded set take for an entry beside the key's bytes.
  private static let entryMemory: UInt64 = 160

  /// Reads `count` entries.
  init(_ count: UInt64, from reader: inout HeaderReader) throws(ModelError) {
    self.init()
    for number in 0..<count {
      let start = reader.offset
      let label = "metadata key \(number)"
      let key = try reader.string(atMost: reader.limits.keyBytes, field: label)
      guard !key.isEmpty, !key.utf8.contains(0) else {
        throw ModelError(
          .invalid, field: label, offset: start,
          key.isEmpty ? "the key is empty" : "the key holds a NUL")
      }
      try reader.grant(Self.entryMemory + UInt64(key.utf8.count), field: key)
      let value = try reader.value(of: key, notes)
      try add(key, Entry(value: value, offset: start))
    }
  }
}

extension HeaderReader {
  /// Reads the type and the value of a metadata entry.
  fileprivate mutating func value(
    of key: String, _ notes: LoadingNotes
  ) throws(ModelError) -> MetadataValue {
    let type = try metadataType(of: key)
    switch type {
    case .uint8: return .unsigned(UInt64(try integer(UInt8.self, field: key)))
    case .uint16: return .unsigned(UInt64(try integer(UInt16.self, field: key)))
    case .uint32: return .unsigned(UInt64(try integer(UInt32.self, field: key)))
    case .uint64: return .unsigned(try integer(UInt64.self, field: key))
    case .int8: return .signed(Int64(try integer(Int8.self, field: key)))
    case .int16: return .signed(Int64(try integer(Int16.self, field: key)))
    case .int32: return .signed(Int64(try integer(Int32.self, field: key)))
    case .int64: return .signed(try integer(Int64.self, field: key))
    case .float32:
      return .float(Double(Float(bitPattern: try integer(UInt32.self, field: key))))
    case .float64: return .float(Double(bitPattern: try integer(UInt64.self, field: key)))
    case .bool: return .bool(try truth(of: key))
    case .string: return .string(try text(of: key, notes))
    case .array: return try array(of: key)
    }
  }

  /// Reads a string; one that only describes the model may be in another encoding than UTF-8.
  private mutating func text(
    of key: String, _ notes: LoadingNotes
  ) throws(ModelError) -> String {
    guard key.hasPrefix("general."), key != "general.architecture" else {
      return try string(atMost: limits.stringBytes, field: key)
    }
    let count = try stringLength(atMost: limits.stringBytes, field: key)
    let bytes = try bytes(count, field: key)
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    notes.warn(key, "the text is not UTF-8; bytes that are none are shown as U+FFFD")
    return String(decoding: bytes, as: UTF8.self)
  }

  private mutating func metadataType(of key: String) throws(ModelError) -> MetadataType {
    let start = offset
    let number = try integer(UInt32.self, field: key)
    guard let type = MetadataType(rawValue: number) else {
      throw ModelError(.invalid, field: key, offset: start, "there is no value type \(number)")
    }
    return type
  }

  private mutating func truth(of key: String) throws(ModelError) -> Bool {
    let start = offset
    let byte = try integer(UInt8.self, field: key)
    guard byte <= 1 else {
      throw ModelError(.invalid, field: key, offset: start, "a truth value of \(byte)")
    }
    return byte == 1
  }

  private mutating func array(of key: String) throws(ModelError) -> MetadataValue {
    let start = offset
    let type = try metadataType(of: key)
    guard type != .array else {
      throw ModelError(.invalid, field: key, offset: start, "arrays of arrays are not supported")
    }
    let count = try integer(UInt64.self, field: key)
    guard count <= limits.arrayElements else {
      throw ModelError(
        .limit, field: key, offset: start,
        "\(count) elements; at most \(limits.arrayElements) are allowed")
    }
    guard let size = type.byteCount else { return .strings(try stringTable(count, field: key)) }
    let bytes = try bytes(count * UInt64(size), field: key)
    if type == .bool, let wrong = bytes.firstIndex(where: { $0 > 1 }) {
      throw ModelError(
        .invalid, field: key, offset: offset - count + UInt64(wrong),
        "a truth value of \(bytes[wrong])")
    }
    guard let numbers = NumberArray(type: type, count: Int(count), bytes: bytes) else {
      throw ModelError(.invalid, field: key, offset: start, "the array's size is inconsistent")
    }
    return .numbers(numbers)
  }
}
