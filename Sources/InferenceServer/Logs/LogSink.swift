import NIOConcurrencyHelpers

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The destination of log lines, which never blocks.
///
/// A line that does not fit at once is dropped and counted: a log that nobody reads must not stop the
/// server. What was dropped is told by the next line that fits.
public final class LogSink: Sendable {
  /// Bytes that a pipe or terminal takes whole once it says that it takes any.
  static let lineBytes = 4096

  /// The process's standard error.
  public static let standardError = LogSink(descriptor: 2)

  private let descriptor: CInt
  private let state = NIOLockedValueBox((dropped: 0, untold: 0))

  /// Writes to an open file, which it does not close.
  public init(descriptor: CInt) {
    self.descriptor = descriptor
  }

  /// Lines that were dropped so far.
  public var dropped: Int { state.withLockedValue { $0.dropped } }

  /// Writes a line, or drops it.
  ///
  /// - Parameters:
  ///   - line: The line and its end, at most `lineBytes`.
  ///   - notice: Makes a line that tells how many were dropped before.
  func write(_ line: [UInt8], notice: (Int) -> [UInt8]) {
    state.withLockedValue { state in
      if state.untold > 0, put(notice(state.untold)) { state.untold = 0 }
      guard state.untold > 0 || !put(line) else { return }
      state.dropped += 1
      state.untold += 1
    }
  }

  private func put(_ line: [UInt8]) -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    guard line.count <= Self.lineBytes, poll(&request, 1, 0) == 1,
      request.revents == Int16(POLLOUT)
    else { return false }
    #if canImport(Darwin)
      return Darwin.write(descriptor, line, line.count) == line.count
    #elseif canImport(Musl)
      return Musl.write(descriptor, line, line.count) == line.count
    #else
      return Glibc.write(descriptor, line, line.count) == line.count
    #endif
  }
}
