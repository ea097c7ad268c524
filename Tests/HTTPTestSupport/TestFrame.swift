/// An HTTP/2 frame as a test sends or sees it.
package struct TestFrame: Hashable, Sendable, CustomStringConvertible {
  /// The types of frames that RFC 9113 defines.
  package enum Kind: UInt8, Sendable {
    case data, headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate
    case continuation
  }

  /// The flag of a stream's last frame.
  package static let endStream: UInt8 = 0x1
  /// The flag of an answer to settings or a ping.
  package static let acknowledgment: UInt8 = 0x1
  /// The flag of a head's last frame.
  package static let endHeaders: UInt8 = 0x4
  /// A request for the server's health.
  package static let get = [
    (":method", "GET"), (":scheme", "http"), (":path", "/health/live"), (":authority", "localhost"),
  ]
  /// A request whose body follows.
  package static let post = [
    (":method", "POST"), (":scheme", "http"), (":path", "/v1/chat/completions"),
    (":authority", "localhost"),
  ]

  /// The number of the type.
  package var kind: UInt8
  /// The flags, by type.
  package var flags: UInt8 = 0
  /// The stream; 0 for the connection.
  package var stream: Int32 = 0
  /// What follows the head.
  package var payload: [UInt8] = []

  /// Makes a frame.
  package init(_ kind: Kind, _ flags: UInt8 = 0, _ stream: Int32 = 0, _ payload: [UInt8] = []) {
    self.kind = kind.rawValue
    self.flags = flags
    self.stream = stream
    self.payload = payload
  }

  /// A request's head, each field as a literal that no table remembers.
  package static func head(
    _ stream: Int32 = 1, _ fields: [(String, String)] = get,
    flags: UInt8 = endStream | endHeaders
  ) -> TestFrame {
    TestFrame(.headers, flags, stream, block(fields))
  }

  /// Fields as HPACK writes them.
  package static func block(_ fields: [(String, String)]) -> [UInt8] {
    fields.flatMap { name, value in [0] + text(name) + text(value) }
  }

  /// A piece of a body.
  package static func data(_ stream: Int32 = 1, _ count: Int, flags: UInt8 = 0) -> TestFrame {
    TestFrame(.data, flags, stream, Array(repeating: 120, count: count))
  }

  /// Settings, each a number and a value.
  package static func settings(_ pairs: (UInt16, UInt32)...) -> TestFrame {
    let payload = pairs.flatMap { id, value in
      [UInt8(id >> 8), UInt8(id & 255)] + number(value)
    }
    return TestFrame(.settings, 0, 0, payload)
  }

  /// Room for further bytes.
  package static func windowUpdate(_ stream: Int32, _ count: UInt32) -> TestFrame {
    TestFrame(.windowUpdate, 0, stream, number(count))
  }

  /// A stream's end before its time, for a reason that RFC 9113 section 7 numbers.
  package static func reset(_ stream: Int32 = 1, reason: UInt32) -> TestFrame {
    TestFrame(.reset, 0, stream, number(reason))
  }

  /// A number as frames have it.
  package static func number(_ value: UInt32) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  private static func text(_ text: String) -> [UInt8] {
    var count = text.utf8.count
    guard count >= 127 else { return [UInt8(count)] + text.utf8 }
    var length: [UInt8] = [127]
    count -= 127
    while count >= 128 {
      length.append(UInt8(count % 128 + 128))
      count /= 128
    }
    return length + [UInt8(count)] + text.utf8
  }

  /// The frame on the wire.
  package var bytes: [UInt8] {
    var bytes = Array(Self.number(UInt32(payload.count)).dropFirst())
    bytes += [kind, flags]
    bytes += Self.number(UInt32(bitPattern: stream))
    return bytes + payload
  }

  /// The number that stands at a place in the payload.
  package func number(at place: Int) -> UInt32 {
    payload.dropFirst(place).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The status at the beginning of an answer's head, as HPACK's static table has it.
  package var status: Int? {
    let known: [UInt8: Int] = [0x88: 200, 0x89: 204, 0x8b: 304, 0x8c: 400, 0x8d: 404, 0x8e: 500]
    guard payload.first == 0x48, payload.dropFirst().first == 3 else {
      return payload.first.flatMap { known[$0] }
    }
    return Int(String(decoding: payload[2..<5], as: UTF8.self))
  }

  /// Whether it is of a kind, and of a stream if one is given.
  package func matches(_ kind: Kind, _ stream: Int32? = nil) -> Bool {
    self.kind == kind.rawValue && (stream == nil || stream == self.stream)
  }

  package var description: String { "\(kind) \(flags) \(stream) \(payload.prefix(16))" }

  /// Takes whole frames from the front of bytes.
  package static func take(from bytes: inout [UInt8]) -> [TestFrame] {
    var frames: [TestFrame] = []
    while bytes.count >= 9 {
      let count = Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])
      guard bytes.count >= 9 + count else { break }
      var frame = TestFrame(.data, bytes[4], 0, Array(bytes[9..<9 + count]))
      frame.kind = bytes[3]
      frame.stream = Int32(bitPattern: bytes[5..<9].reduce(0) { $0 << 8 | UInt32($1) })
      frames.append(frame)
      bytes.removeFirst(9 + count)
    }
    return frames
  }
}
