/// Reads an event stream however it is cut into pieces; keeps the data of events, nothing else.
///
/// Lines end with a line feed, a carriage return, or both. Comments and fields other than `data` are
/// skipped, and an event that the stream ends in is dropped, as the HTML standard has it.
struct ServerSentEventParser: Sendable {
  /// An event has more bytes than may be kept.
  struct EventTooLong: Error, Hashable {
    /// Bytes that are allowed.
    let limit: Int
  }

  private let maximumEventBytes: Int
  private var line: [UInt8] = []
  private var data: [UInt8] = []
  private var hasData = false
  private var endsWithCarriageReturn = false
  private var isFirstLine = true

  /// Begins before the first byte.
  init(maximumEventBytes: Int = 1 << 20) {
    self.maximumEventBytes = maximumEventBytes
  }

  /// Takes the next bytes in and returns the data of the events that end in them.
  mutating func append(_ bytes: [UInt8]) throws(EventTooLong) -> [[UInt8]] {
    var events: [[UInt8]] = []
    for byte in bytes {
      let completesPair = endsWithCarriageReturn && byte == UInt8(ascii: "\n")
      endsWithCarriageReturn = byte == UInt8(ascii: "\r")
      if completesPair { continue }
      guard byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") else {
        if let event = endLine() { events.append(event) }
        continue
      }
      guard line.count + data.count < maximumEventBytes else {
        throw EventTooLong(limit: maximumEventBytes)
      }
      line.append(byte)
    }
    return events
  }

  /// Returns an event's data where an empty line ends it.
  private mutating func endLine() -> [UInt8]? {
    defer { line.removeAll(keepingCapacity: true) }
    if isFirstLine {
      isFirstLine = false
      if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
    }
    guard line.isEmpty else {
      keepData()
      return nil
    }
    defer {
      data = []
      hasData = false
    }
    return hasData ? data : nil
  }

  private mutating func keepData() {
    let name = line.prefix { $0 != UInt8(ascii: ":") }
    guard name.elementsEqual("data".utf8) else { return }
    var value = line.dropFirst(name.count + 1)
    if value.first == UInt8(ascii: " ") { value.removeFirst() }
    if hasData { data.append(UInt8(ascii: "\n")) }
    data += value
    hasData = true
  }
}
