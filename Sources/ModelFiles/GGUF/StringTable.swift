/// Many strings in one piece of memory, each known to be valid UTF-8.
package struct StringTable: Sendable, Hashable {
  // As in the file: every string has eight bytes of length in front, so string i lies between
  // starts[i] and starts[i + 1] - 8.
  private let bytes: [UInt8]
  private let starts: [UInt32]

  /// Creates a table from bytes and the start of every string in them, with an end mark behind.
  fileprivate init(bytes: [UInt8], starts: [UInt32]) {
    self.bytes = bytes
    self.starts = starts
  }

  /// The UTF-8 bytes of one string.
  package func utf8(at index: Int) -> ArraySlice<UInt8> {
    bytes[Int(starts[index])..<(Int(starts[index + 1]) - 8)]
  }
}

extension StringTable: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { starts.count - 1 }
  package subscript(index: Int) -> String { String(decoding: utf8(at: index), as: UTF8.self) }
}

extension HeaderReader {
  /// Reads `count` strings with their lengths in front.
  mutating func stringTable(_ count: UInt64, field: String) throws(ModelError) -> StringTable {
    guard count <= remaining / 8 else {
      throw ModelError(
        .limit, field: field, offset: offset,
        "\(count) strings cannot fit the \(remaining) bytes left in the file")
    }
    try grant((count + 1) * 4, field: field)
    var starts: [UInt32] = []
    starts.reserveCapacity(Int(count) + 1)
    let first = offset
    for _ in 0..<count {
      let length = try stringLength(atMost: limits.stringBytes, field: field)
      starts.append(try position(from: first, field: field))
      try skip(length, field: field)
    }
    let total = offset - first
    starts.append(try position(from: first, field: field) &+ 8)
    rewind(to: first)
    let bytes = try bytes(total, field: field)
    let table = StringTable(bytes: bytes, starts: starts)
    for index in table.indices
    where String(validating: table.utf8(at: index), as: UTF8.self) == nil {
      throw ModelError(
        .invalid, field: field, offset: first + UInt64(starts[index]),
        "string \(index) is not valid UTF-8")
    }
    return table
  }

  private func position(from first: UInt64, field: String) throws(ModelError) -> UInt32 {
    // A table this long is beyond the header's memory anyway; saying so here keeps marks short.
    guard let mark = UInt32(exactly: offset - first), mark <= UInt32.max - 8 else {
      throw ModelError(.limit, field: field, offset: offset, "the strings take more than 4 GiB")
    }
    return mark
  }
}
