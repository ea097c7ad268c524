import NIOCore

/// Watches a client's frames go by, whatever becomes of them, and notices floods and frames on streams
/// that the client has ended.
///
/// The library that handles the frames does not report those that it ignores.
struct FrameMeter {
  /// The types of frames that RFC 9113 defines.
  private enum Kind: UInt8 {
    case data, headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate
    case continuation
  }

  private static let endStream: UInt8 = 0x1
  private static let padded: UInt8 = 0x8
  private static let prioritized: UInt8 = 0x20
  private static let headBytes = 9

  private var prefaceLeft = PrefaceSniffer.preface.count
  private var payloadLeft = 0
  /// The head of a frame, and the stream on which it says to depend.
  private var head: [UInt8] = []
  private var continuations = 0
  private var control = TokenBucket(
    ConnectionLimits.events, per: ConnectionLimits.period,
    most: ConnectionLimits.controlFramesSaved)
  private var resets = TokenBucket(ConnectionLimits.events, per: ConnectionLimits.period)
  private var streams = ClientStreams()

  /// Begins before the preface of a connection.
  init() { head.reserveCapacity(Self.headBytes + 5) }

  /// Looks at bytes in the order in which they come; tells why the connection has to end, if it has.
  mutating func fault(in bytes: UnsafeRawBufferPointer, at now: NIODeadline) -> HTTP2Reason? {
    var bytes = bytes[...]
    skip(&prefaceLeft, of: &bytes)
    while !bytes.isEmpty {
      skip(&payloadLeft, of: &bytes)
      while head.count < wantedBytes, let byte = bytes.popFirst() { head.append(byte) }
      guard head.count == wantedBytes else { return nil }
      payloadLeft = length - (head.count - Self.headBytes)
      let fault = fault(at: now)
      head.removeAll(keepingCapacity: true)
      if let fault { return fault }
    }
    return nil
  }

  /// Tells that a stream was opened or data was sent, which clients acknowledge.
  mutating func earn() {
    control.add(ConnectionLimits.controlFramesEarned)
  }

  /// Tells that a stream has ended at the server.
  mutating func ended(_ stream: Int32) {
    streams.endedByServer(stream)
  }

  private func skip(_ count: inout Int, of bytes: inout Slice<UnsafeRawBufferPointer>) {
    let skipped = min(count, bytes.count)
    bytes.removeFirst(skipped)
    count -= skipped
  }

  /// Bytes of the frame that have to be known to judge it.
  private var wantedBytes: Int {
    guard head.count >= Self.headBytes else { return Self.headBytes }
    return Self.headBytes + min(dependencyOffset.map { $0 + 4 } ?? 0, length)
  }

  private var length: Int { Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2]) }
  private var kind: Kind? { Kind(rawValue: head[3]) }
  private var flags: UInt8 { head[4] }
  private var stream: Int32 { number(at: 5) }

  /// Where in its payload a frame names the stream on which its own depends.
  private var dependencyOffset: Int? {
    switch kind {
    case .priority: 0
    case .headers where flags & Self.prioritized != 0: flags & Self.padded == 0 ? 0 : 1
    default: nil
    }
  }

  private func number(at index: Int) -> Int32 {
    let number = head[index..<index + 4].reduce(0) { $0 << 8 | UInt32($1) }
    return Int32(bitPattern: number & 0x7FFF_FFFF)
  }

  private var dependsOnItself: Bool {
    guard let offset = dependencyOffset, length >= offset + 4 else { return false }
    return number(at: Self.headBytes + offset) == stream
  }

  /// The fault of the present frame or of the number of frames; nil where there is none.
  private mutating func fault(at now: NIODeadline) -> HTTP2Reason? {
    let (kind, stream, flags) = (kind, stream, flags)
    // The library looks at no priority, not even at one for all streams, which cannot be.
    if dependsOnItself || (kind == .priority && stream == 0) { return .protocolError }
    guard admits(kind, flags: flags, at: now) else { return .enhanceYourCalm }
    switch kind {
    case .data, .headers:
      return streams.fault(
        ofHead: kind == .headers, on: stream, ending: flags & Self.endStream != 0)
    case .reset:
      streams.reset(stream)
      return nil
    default: return nil
    }
  }

  private mutating func admits(_ kind: Kind?, flags: UInt8, at now: NIODeadline) -> Bool {
    if kind != .continuation { continuations = 0 }
    switch kind {
    case .headers, .pushPromise:
      return true
    case .data:
      // A frame of padding only is as empty as one without any bytes.
      let least = flags & Self.padded == 0 ? 0 : 256
      return length > least || flags & Self.endStream != 0 || control.take(at: now) == nil
    case .continuation:
      continuations += 1
      return continuations <= ConnectionLimits.continuations
    case .reset:
      return resets.take(at: now) == nil
    case .priority, .settings, .ping, .goAway, .windowUpdate, nil:
      return control.take(at: now) == nil
    }
  }
}
