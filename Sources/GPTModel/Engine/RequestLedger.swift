/// The requests that were taken and have not ended: how far each has come, and on whose account.
///
/// Places in the queue are counted here, not by the engine's thread, so that a request that is cancelled
/// while it waits gives its place back at once, however long the step takes that is running. A plain value.
package struct RequestLedger: Sendable {
  /// Why a request is not taken.
  package enum Refusal: Error, Sendable, Hashable {
    /// As many requests wait as may.
    case queueFull(limit: Int)
    /// As many tokens wait as may.
    case tokensQueued(limit: Int)
    /// The client has as many requests as it may.
    case clientLimit(limit: Int)
  }

  private struct Entry {
    let client: String
    var phase = GenerationPhase.queued
    /// Tokens to be computed once it is started.
    var tokens: Int
  }

  private var entries: [SequenceID: Entry] = [:]
  /// Those cancelled while they waited, of which the engine's thread has not said yet that they ended.
  private var withdrawn: Set<SequenceID> = []
  /// Requests of each client that have not ended.
  private var active: [String: Int] = [:]
  /// Requests that wait.
  package private(set) var waiting = 0
  /// Tokens of those that wait.
  package private(set) var waitingTokens = 0

  /// Creates a ledger without requests.
  package init() {}

  /// Whether all requests have ended, and the engine's thread knows it.
  package var isEmpty: Bool { entries.isEmpty && withdrawn.isEmpty }

  /// Why another request with so many tokens has no place; nil when it has one.
  package func refusal(of client: String, tokens: Int, limits: SchedulerLimits) -> Refusal? {
    guard waiting < limits.waitingSequences else {
      return .queueFull(limit: limits.waitingSequences)
    }
    let room = limits.waitingTokens - min(waitingTokens, limits.waitingTokens)
    guard tokens <= room else { return .tokensQueued(limit: limits.waitingTokens) }
    return isFull(for: client, limits: limits)
      ? .clientLimit(limit: limits.sequencesPerClient) : nil
  }

  /// Whether a client has as many requests as it may.
  package func isFull(for client: String, limits: SchedulerLimits) -> Bool {
    active[client, default: 0] >= limits.sequencesPerClient
  }

  /// Enters a request, which waits.
  package mutating func add(_ id: SequenceID, of client: String, tokens: Int) {
    let entry = Entry(client: client, tokens: tokens)
    entries[id] = entry
    active[entry.client, default: 0] += 1
    countIfQueued(entry, by: 1)
  }

  /// How far a request has come; nil when it has ended.
  package func phase(of id: SequenceID) -> GenerationPhase? { entries[id]?.phase }

  /// Notes how far a request has come; does nothing when it has ended.
  package mutating func apply(_ change: PhaseChange) {
    guard var entry = entries[change.id] else { return }
    countIfQueued(entry, by: -1)
    entry.phase = change.phase
    entry.tokens = change.tokens ?? entry.tokens
    countIfQueued(entry, by: 1)
    entries[change.id] = entry
  }

  /// Ends a request that waits before the engine's thread knows of it.
  package mutating func withdraw(_ id: SequenceID) {
    guard remove(id) else { return }
    withdrawn.insert(id)
  }

  /// Notes that the engine's thread has ended a request.
  package mutating func end(_ id: SequenceID) {
    if !remove(id) { withdrawn.remove(id) }
  }

  private mutating func remove(_ id: SequenceID) -> Bool {
    guard let entry = entries.removeValue(forKey: id) else { return false }
    countIfQueued(entry, by: -1)
    let left = active[entry.client, default: 1] - 1
    active[entry.client] = left > 0 ? left : nil
    return true
  }

  private mutating func countIfQueued(_ entry: Entry, by sign: Int) {
    guard entry.phase == .queued else { return }
    waiting += sign
    waitingTokens += sign * entry.tokens
  }
}
