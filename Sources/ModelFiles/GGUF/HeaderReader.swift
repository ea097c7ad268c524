/// A cursor over a file's header that never reads past the file nor holds more than its budget.
package struct HeaderReader {
  /// The position of the next byte.
  package private(set) var offset: UInt64 = 0
  /// The memory that the parsed header has been granted so far.
  package private(set) var memory: UInt64 = 0
  /// The largest single grant.
  package private(set) var largestGrant: UInt64 = 0

  /// The bounds in force.
  package let limits: ModelFileLimits
  private let source: any ByteSource
  private var window: [UInt8]
  private var windowStart: UInt64 = 0
  private var windowCount = 0

  private static let windowLength = 64 << 10

  /// Creates a cursor at the start of a source.
  package init(_ source: any ByteSource, limits: ModelFileLimits = .standard) {
    self.source = source
    self.limits = limits
    let length = Int(clamping: min(source.byteCount, UInt64(Self.windowLength)))
    window = [UInt8](repeating: 0, count: length)
  }

  /// The size of the whole file.
  package var fileSize: UInt64 { source.byteCount }
  /// The bytes between the cursor and the end of the file.
  package var remaining: UInt64 { source.byteCount - offset }

  /// Grants memory for a part of the header, or refuses when the header grows too large.
  package mutating func grant(_ bytes: UInt64, field: String) throws(ModelError) {
    let (total, overflow) = memory.addingReportingOverflow(bytes)
    guard !overflow, total <= limits.headerMemory else {
      throw ModelError(
        .limit, field: field, offset: offset,
        "the header needs \(bytes) bytes more than the \(memory) it has,"
          + " and may hold \(limits.headerMemory)")
    }
    memory = total
    largestGrant = max(largestGrant, bytes)
  }

  /// Moves the cursor over bytes without reading them.
  package mutating func skip(_ count: UInt64, field: String) throws(ModelError) {
    try require(count, field: field)
    offset += count
  }

  /// Moves the cursor back to a place that it has passed.
  package mutating func rewind(to earlier: UInt64) {
    offset = min(offset, earlier)
  }

  /// Reads a little-endian integer.
  package mutating func integer<Value: FixedWidthInteger>(
    _ type: Value.Type, field: String
  ) throws(ModelError) -> Value {
    let length = Value.bitWidth / 8
    try require(UInt64(length), field: field)
    if offset < windowStart || offset + UInt64(length) > windowStart + UInt64(windowCount) {
      try refill(field: field)
    }
    let start = Int(offset - windowStart)
    var value: Value = 0
    for index in (0..<length).reversed() {
      value = value << 8 | Value(truncatingIfNeeded: window[start + index])
    }
    offset += UInt64(length)
    return value
  }

  /// Reads bytes into memory granted for them.
  package mutating func bytes(_ count: UInt64, field: String) throws(ModelError) -> [UInt8] {
    try require(count, field: field)
    try grant(count, field: field)
    var result = [UInt8](repeating: 0, count: Int(count))
    let (place, source) = (offset, source)
    let fault = result.withUnsafeMutableBytes { source.fill($0, at: place, field: field) }
    if let fault { throw fault }
    offset += count
    return result
  }

  /// Reads a string with its length in front: valid UTF-8 of at most the given size.
  package mutating func string(
    atMost limit: UInt64, field: String
  ) throws(ModelError) -> String {
    let start = offset
    let count = try stringLength(atMost: limit, field: field)
    let bytes = try bytes(count, field: field)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ModelError(.invalid, field: field, offset: start, "the string is not valid UTF-8")
    }
    return text
  }

  /// Reads the length in front of a string and checks that such a string can follow.
  package mutating func stringLength(
    atMost limit: UInt64, field: String
  ) throws(ModelError) -> UInt64 {
    let start = offset
    let count = try integer(UInt64.self, field: field)
    guard count <= limit else {
      throw ModelError(
        .limit, field: field, offset: start,
        "a string of \(count) bytes; at most \(limit) are allowed")
    }
    try require(count, field: field)
    return count
  }

  private func require(_ count: UInt64, field: String) throws(ModelError) {
    guard count <= remaining else {
      throw ModelError(
        .truncated, field: field, offset: offset,
        "\(count) bytes are declared and \(remaining) are left in the file")
    }
  }

  private mutating func refill(field: String) throws(ModelError) {
    let count = Int(clamping: min(UInt64(window.count), remaining))
    windowStart = offset
    windowCount = 0
    let (place, source) = (offset, source)
    let fault = window.withUnsafeMutableBytes {
      source.fill(.init(rebasing: $0[..<count]), at: place, field: field)
    }
    if let fault { throw fault }
    windowCount = count
  }
}
