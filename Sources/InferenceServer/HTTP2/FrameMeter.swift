import NIOCore

/// Watches a client's frames go by, whatever becomes of them, and notices floods.
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

  private var prefaceLeft = PrefaceSniffer.preface.count
  private var payloadLeft = 0
  private var head: [UInt8] = []
  private var continuations = 0
  private var control = TokenBucket(
    ConnectionLimits.events, per: ConnectionLimits.period,
    most: ConnectionLimits.controlFramesSaved)
  private var resets = TokenBucket(ConnectionLimits.events, per: ConnectionLimits.period)

  /// Begins before the preface of a connection.
  init() { head.reserveCapacity(9) }

  /// Looks at bytes in the order in which they come; tells why the connection has to end, if it has.
  mutating func fault(in bytes: UnsafeRawBufferPointer, at now: NIODeadline) -> HTTP2Reason? {
    var bytes = bytes[...]
    skip(&prefaceLeft, of: &bytes)
    while !bytes.isEmpty {
      skip(&payloadLeft, of: &bytes)
      while head.count < 9, let byte = bytes.popFirst() { head.append(byte) }
      guard head.count == 9 else { return nil }
      defer { head.removeAll(keepingCapacity: true) }
      payloadLeft = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
      let kind = Kind(rawValue: head[3])
      // The library looks at no priority, not even at one for all streams, which cannot be.
      if kind == .priority, head.suffix(4).allSatisfy({ $0 == 0 }) { return .protocolError }
      guard admits(kind, flags: head[4], at: now) else { return .enhanceYourCalm }
    }
    return nil
  }

  /// Tells that a stream was opened or data was sent, which clients acknowledge.
  mutating func earn() {
    control.add(ConnectionLimits.controlFramesEarned)
  }

  private func skip(_ count: inout Int, of bytes: inout Slice<UnsafeRawBufferPointer>) {
    let skipped = min(count, bytes.count)
    bytes.removeFirst(skipped)
    count -= skipped
  }

  private mutating func admits(_ kind: Kind?, flags: UInt8, at now: NIODeadline) -> Bool {
    if kind != .continuation { continuations = 0 }
    switch kind {
    case .headers, .pushPromise:
      return true
    case .data:
      // A frame of padding only is as empty as one without any bytes.
      let least = flags & Self.padded == 0 ? 0 : 256
      return payloadLeft > least || flags & Self.endStream != 0 || control.take(at: now) == nil
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
