import NIOCore

/// One request and its answer; lives on the event loop of its connection.
final class HTTP2Stream {
  /// The part of a request or answer that is late.
  enum Lateness {
    case head, body, reading
  }

  /// How an answer ends.
  enum Ending {
    /// All was said.
    case complete
    /// Something went wrong after the answer had begun.
    case failed
  }

  /// The number by which frames name it.
  let id: Int32
  /// Makes the writer of the answer wait.
  let gate: SendGate
  /// Knows whether anybody waits for the answer.
  let client: ClientConnection
  /// The request's head, as far as it has come.
  var head: HTTP2RequestHead
  /// Writes the answer.
  var task: Task<Void, Never>?

  /// Whether the request's head has come.
  private(set) var hasHead = false
  /// Whether all of the request has come.
  private(set) var hasWholeRequest = false
  /// Whether the answer's head was handed over.
  var hasAnswer = false
  /// How the answer ends, as soon as that is known.
  private(set) var ending: Ending?
  /// Whether the end of the answer has left.
  private(set) var hasSentAll = false
  /// Whether the client was told to send no more.
  var wasStopped = false
  /// Whether the session waits to be told that there is more to send.
  var isDeferred = false
  /// When bytes of the answer last left, or had none before them.
  private(set) var lastProgress: NIODeadline

  private let rules: RequestRules
  private var pace: RequestPace
  private var unread = ByteBuffer()
  private var receivedBytes = 0
  private var discardedBytes = 0
  private var reader: CheckedContinuation<ByteBuffer?, any Error>?
  private var readError: (any Error)?
  private var discardsBody = false
  private var unsent = CircularBuffer<ByteBuffer>(initialCapacity: 2)

  /// Opens a stream.
  ///
  /// - Parameter executor: Runs the task that answers; nil for anywhere.
  init(
    id: Int32, at now: NIODeadline, rules: RequestRules, backlog: Backlog,
    executor: (any TaskExecutor)?
  ) {
    self.id = id
    head = HTTP2RequestHead(rules)
    self.rules = rules
    pace = RequestPace(rules, at: now)
    pace.begin(at: now)
    client = ClientConnection(executor: executor)
    gate = SendGate(backlog)
    lastProgress = now
  }

  /// Whether part of the answer waits to be sent.
  var hasUnsent: Bool { !unsent.isEmpty }
  /// Whether more of the body is discarded than the limit allows.
  var isWaste: Bool {
    max(discardedBytes, head.check.declaredBytes - receivedBytes) > ConnectionLimits.discardedBytes
  }

  /// Until when the client has to send more or to read, and what; nil while it waits itself.
  var deadline: (time: NIODeadline, lateness: Lateness)? {
    let unread = hasUnsent ? lastProgress + rules.limits.writeTime : nil
    guard let sending = pace.deadline else { return unread.map { ($0, .reading) } }
    if let unread, unread < sending.time { return (unread, .reading) }
    return (sending.time, sending.lateness == .head ? .head : .body)
  }

  /// Takes the end of the request's head.
  func endHead(at now: NIODeadline) {
    hasHead = true
    head.finish()
    pace.takeHead(at: now)
    if hasWholeRequest { pace.takeEnd(at: now) }
  }

  /// Takes a piece of the body; returns how much of it has been used up.
  func receive(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    receivedBytes += bytes.count
    pace.takeBody(bytes: bytes.count)
    if receivedBytes > rules.limits.bodyBytes {
      failReading(RequestRefusal.bodyTooLarge(limit: rules.limits.bodyBytes))
    }
    guard !discardsBody else {
      discardedBytes += bytes.count
      return bytes.count
    }
    unread.writeBytes(bytes)
    return deliver()
  }

  /// Takes the end of the request.
  func endRequest(at now: NIODeadline) {
    hasWholeRequest = true
    if hasHead { pace.takeEnd(at: now) }
    _ = deliver()
  }

  /// Takes note that the end of the answer has left.
  func endAnswer(at now: NIODeadline) {
    hasSentAll = true
    pace.answer(at: now)
  }

  /// Waits for the next piece of the body; returns how much has been used up.
  func read(_ continuation: CheckedContinuation<ByteBuffer?, any Error>) -> Int {
    guard reader == nil else {
      continuation.resume(throwing: ClientConnection.Gone())
      return 0
    }
    reader = continuation
    return deliver()
  }

  /// Ends the reading of the body, now or when it is tried.
  func failReading(_ error: any Error) {
    if readError == nil { readError = error }
    _ = deliver()
  }

  /// Wants no more of the body; returns how much of it is thrown away.
  func discardBody() -> Int {
    discardsBody = true
    defer { unread = ByteBuffer() }
    return unread.readableBytes
  }

  /// Takes a piece of the answer.
  func append(_ bytes: ByteBuffer, at now: NIODeadline) {
    guard ending == nil, bytes.readableBytes > 0 else { return }
    if unsent.isEmpty { lastProgress = now }
    unsent.append(bytes)
  }

  /// Takes the end of the answer; only the first one counts.
  func end(_ ending: Ending) {
    if self.ending == nil { self.ending = ending }
  }

  /// Moves as much of the answer as fits.
  func fill(_ target: UnsafeMutableRawBufferPointer, at now: NIODeadline) -> Int {
    var filled = 0
    while filled < target.count, !unsent.isEmpty {
      let count = min(target.count - filled, unsent[unsent.startIndex].readableBytes)
      unsent[unsent.startIndex].readWithUnsafeReadableBytes { bytes in
        UnsafeMutableRawBufferPointer(rebasing: target[filled...]).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes.prefix(count)))
        return count
      }
      filled += count
      if unsent[unsent.startIndex].readableBytes == 0 { unsent.removeFirst() }
    }
    if filled > 0 {
      lastProgress = now
      gate.remove(filled)
    }
    return filled
  }

  /// Ends all that is being done for a client that is gone.
  func abandon() {
    unsent.removeAll()
    client.markGone()
    gate.shut()
    failReading(ClientConnection.Gone())
    // Who has said all may still have something to put away.
    if ending != .complete { task?.cancel() }
  }

  /// Hands what there is to the reader, if there is one; returns how much was used up.
  private func deliver() -> Int {
    guard let reader else { return 0 }
    if let readError {
      self.reader = nil
      reader.resume(throwing: readError)
    } else if unread.readableBytes > 0 {
      self.reader = nil
      let bytes = unread
      unread = ByteBuffer()
      reader.resume(returning: bytes)
      return bytes.readableBytes
    } else if hasWholeRequest {
      self.reader = nil
      reader.resume(returning: nil)
    }
    return 0
  }
}

@available(*, unavailable)
extension HTTP2Stream: Sendable {}
