import NIOConcurrencyHelpers
import Synchronization

/// How much of a connection's answers has not been sent.
final class Backlog: Sendable {
  fileprivate let bytes = Atomic(0)
}

/// Makes the writer of an answer wait while too much of it has not been sent.
///
/// On a connection with a backlog each answer may buffer less.
///
/// The writer comes from its task, and what was sent is told from the connection's event loop.
final class SendGate: Sendable {
  private typealias Writer = CheckedContinuation<Void, any Error>

  private struct State {
    var waitingBytes = 0
    var isShut = false
    var writers: [Writer] = []
  }

  private let state = NIOLockedValueBox(State())
  private let backlog: Backlog

  /// Opens a gate on a connection.
  init(_ backlog: Backlog) { self.backlog = backlog }

  /// Whether a writer waits.
  var holdsWriter: Bool { state.withLockedValue { !$0.writers.isEmpty } }

  /// Counts bytes that are to be sent.
  func add(_ count: Int) throws(ClientConnection.Gone) {
    let isShut = state.withLockedValue { state in
      guard !state.isShut else { return true }
      state.waitingBytes += count
      backlog.bytes.add(count, ordering: .relaxed)
      return false
    }
    if isShut { throw ClientConnection.Gone() }
  }

  /// Waits until few enough bytes are left.
  func pass() async throws {
    guard state.withLockedValue({ $0.isShut || $0.waitingBytes > limit }) else { return }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { wait($0) }
    } onCancel: {
      shut()
    }
  }

  /// Counts bytes that were sent.
  func remove(_ count: Int) {
    let writers = state.withLockedValue { state -> [Writer] in
      guard !state.isShut else { return [] }
      state.waitingBytes -= count
      backlog.bytes.subtract(count, ordering: .relaxed)
      guard state.waitingBytes <= ConnectionLimits.lowWater else { return [] }
      defer { state.writers = [] }
      return state.writers
    }
    for writer in writers { writer.resume() }
  }

  /// Closes the gate, because the client has disconnected.
  func shut() {
    let writers = state.withLockedValue { state -> [Writer] in
      guard !state.isShut else { return [] }
      state.isShut = true
      backlog.bytes.subtract(state.waitingBytes, ordering: .relaxed)
      defer { state.writers = [] }
      return state.writers
    }
    for writer in writers { writer.resume(throwing: ClientConnection.Gone()) }
  }

  private var limit: Int {
    let isCrowded = backlog.bytes.load(ordering: .relaxed) > ConnectionLimits.backlogBytes
    return isCrowded ? ConnectionLimits.crowdedHighWater : ConnectionLimits.highWater
  }

  private func wait(_ writer: Writer) {
    let outcome = state.withLockedValue { state -> Result<Void, any Error>? in
      if state.isShut { return .failure(ClientConnection.Gone()) }
      if state.waitingBytes <= limit { return .success(()) }
      state.writers.append(writer)
      return nil
    }
    if let outcome { writer.resume(with: outcome) }
  }
}
