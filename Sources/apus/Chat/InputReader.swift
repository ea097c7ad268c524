import Foundation

/// Waits for what arrives at an open file, and for signals beside it.
struct InputReader: Sendable {
  /// What has arrived.
  enum Event: Sendable {
    /// Bytes, at least one.
    case bytes([UInt8])
    /// A signal, by its number.
    case signal(CInt)
    /// The end of the input.
    case end
  }

  /// The open file.
  let input: CInt
  /// Where signals are read from; nil where none are awaited.
  let signals: CInt?

  private static let blockLength = 64 << 10

  /// Waits for the next event.
  func next() throws(InputFailure) -> Event {
    while true {
      var awaited = [pollfd(fd: input, events: Int16(POLLIN), revents: 0)]
      if let signals { awaited.append(pollfd(fd: signals, events: Int16(POLLIN), revents: 0)) }
      if poll(&awaited, nfds_t(awaited.count), -1) < 0 {
        if errno == EINTR { continue }
        throw InputFailure(code: errno)
      }
      if let signal = takeSignal() { return .signal(signal) }
      if awaited[0].revents != 0, let event = try read() { return event }
    }
  }

  /// The bytes that have arrived, without waiting.
  func arrived() throws(InputFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    var awaited = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
    while poll(&awaited, 1, 0) == 1, case .bytes(let more)? = try read() { bytes += more }
    return bytes
  }

  /// Takes a signal that has arrived; nil where none has.
  func takeSignal() -> CInt? {
    guard let signals else { return nil }
    var number: UInt8 = 0
    return Foundation.read(signals, &number, 1) == 1 ? CInt(number) : nil
  }

  private func read() throws(InputFailure) -> Event? {
    var block = [UInt8](repeating: 0, count: Self.blockLength)
    let count = Foundation.read(input, &block, block.count)
    if count > 0 { return .bytes(Array(block[..<count])) }
    if count == 0 { return .end }
    switch errno {
    case EINTR, EAGAIN: return nil
    // A terminal that has gone.
    case EIO: return .end
    default: throw InputFailure(code: errno)
    }
  }
}

/// Why standard input cannot be read.
struct InputFailure: Error, CustomStringConvertible {
  /// The system's number of the fault.
  let code: CInt

  var description: String { "standard input cannot be read: \(String(cString: strerror(code)))" }
}
