import NIOCore

/// One request and its answer; lives on the event loop of its connection.
final class HTTP2Stream {
  /// How an answer ends.
  enum Ending {
    /// All was said.
    case complete
    /// Something went wrong after the answer had begun.
    case failed
  }

  /// The number by which frames name it.
  let id: Int32
  /// When it was opened.
  let opened: NIODeadline
  /// Makes the writer of the answer wait.
  let gate: SendGate
  /// Knows whether anybody waits for the answer.
  let client: ClientConnection
  /// The request's head, as far as it has come.
  var head = HTTP2RequestHead()
  /// Writes the answer.
  var task: Task<Void, Never>?

  /// Whether the request's head has come.
  var hasHead = false
  /// Whether all of the request has come.
  private(set) var hasWholeRequest = false
  /// Whether the answer's head was handed over.
  var hasAnswer = false
  /// How the answer ends, as soon as that is known.
  private(set) var ending: Ending?
  /// Whether the end of the answer has left.
  var hasSentAll = false
  /// Whether the client was told to send no more.
  var wasStopped = false
  /// Whether the session waits to be told that there is more to send.
  var isDeferred = false
  /// When bytes of the answer last left, or had none before them.
  private(set) var lastProgress: NIODeadline

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
  init(id: Int32, at now: NIODeadline, backlog: Backlog, executor: (any TaskExecutor)?) {
    self.id = id
    client = ClientConnection(executor: executor)
    gate = SendGate(backlog)
    opened = now
    lastProgress = now
  }

  /// Whether part of the answer waits to be sent.
  var hasUnsent: Bool { !unsent.isEmpty }
  /// Bytes of the body that nobody has read.
  var unreadBytes: Int { unread.readableBytes }

  /// Whether more of the body would come to nothing than is worth waiting for.
  var isWaste: Bool {
    max(discardedBytes, head.declaredBytes - receivedBytes) > HTTP2Limits.discardedBytes
  }

  /// When the request's body must be there; bytes that came have bought time.
  var bodyDeadline: NIODeadline {
    opened + HTTP2Limits.bodyDeadline
      + .milliseconds(Int64(receivedBytes / (HTTP2Limits.bodyBytesPerSecond / 1000)))
  }

  /// Takes a piece of the body; returns how much of it has been used up.
  func receive(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    receivedBytes += bytes.count
    guard !discardsBody else {
      discardedBytes += bytes.count
      return bytes.count
    }
    unread.writeBytes(bytes)
    return deliver()
  }

  /// Takes the end of the request.
  func endRequest() {
    hasWholeRequest = true
    _ = deliver()
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
