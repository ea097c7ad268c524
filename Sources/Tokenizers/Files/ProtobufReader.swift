/// Reads the fields of a message in Protocol Buffers' wire format.
struct ProtobufReader {
  /// What a field holds.
  enum Value {
    /// A number of up to 64 bits.
    case number(UInt64)
    /// Four bytes, the first the lowest.
    case word(UInt32)
    /// Bytes: a string, or a message.
    case bytes(ArraySlice<UInt8>)
    /// Eight bytes, which nothing here asks for.
    case longWord
  }

  private var rest: ArraySlice<UInt8>

  /// Begins at the first field of a message.
  init(_ message: ArraySlice<UInt8>) {
    rest = message
  }

  /// Returns the next field, or nil at the end of the message.
  ///
  /// - Throws: An error where the message ends within a field or has groups.
  mutating func next() throws(VocabularyError) -> (field: UInt64, value: Value)? {
    guard !rest.isEmpty else { return nil }
    let key = try number()
    guard key >> 3 > 0 else { throw Self.fault("a field of number 0") }
    switch key & 7 {
    case 0: return (key >> 3, .number(try number()))
    case 1:
      _ = try take(8)
      return (key >> 3, .longWord)
    case 2:
      let count = try number()
      guard count <= UInt64(rest.count) else {
        throw Self.fault("a field of \(count) bytes where \(rest.count) are left")
      }
      return (key >> 3, .bytes(try take(Int(count))))
    case 5:
      let word = try take(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return (key >> 3, .word(word))
    default: throw Self.fault("a field of wire type \(key & 7)")
    }
  }

  private mutating func number() throws(VocabularyError) -> UInt64 {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { throw Self.fault("it ends within a number") }
      guard shift < 63 || byte < 2 else { break }
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return number }
    }
    throw Self.fault("a number of more than 64 bits")
  }

  private mutating func take(_ count: Int) throws(VocabularyError) -> ArraySlice<UInt8> {
    guard count <= rest.count else {
      throw Self.fault("a field of \(count) bytes where \(rest.count) are left")
    }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private static func fault(_ detail: String) -> VocabularyError {
    VocabularyError(.invalid, field: .model, "the file is no model of SentencePiece: \(detail)")
  }
}
