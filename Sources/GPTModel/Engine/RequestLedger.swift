/// The requests that were taken and have not ended: how far each has come, and on whose account.
///
/// Places in the queue are counted here, not by the engine's thread, so that a request that is cancelled
/// while it waits gives its place back at once, however long the step takes that is running.
struct RequestLedger {
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
  private(set) var waiting = 0
  /// Tokens of those that wait.
  private(set) var waitingTokens = 0

  /// Whether all requests have ended, and the engine's thread knows it.
  var isEmpty: Bool { entries.isEmpty && withdrawn.isEmpty }

  /// Why another request with so many tokens has no place; nil when it has one.
  func refusal(of client: String, tokens: Int, limits: SchedulerLimits) -> EngineError? {
    guard waiting < limits.waitingSequences else {
      return .queueFull(limit: limits.waitingSequences)
    }
    let room = limits.waitingTokens - min(waitingTokens, limits.waitingTokens)
    guard tokens <= room else { return .tokensQueued(limit: limits.waitingTokens) }
    guard active[client, default: 0] < limits.sequencesPerClient else {
      return .tooManyForClient(limit: limits.sequencesPerClient)
    }
    return nil
  }

  /// Enters a request, which waits.
  mutating func add(_ id: SequenceID, _ request: GenerationRequest) {
    let entry = Entry(client: request.terms.client, tokens: request.prompt.count)
    entries[id] = entry
    active[entry.client, default: 0] += 1
    countIfQueued(entry, by: 1)
  }

  /// How far a request has come; nil when it has ended.
  func phase(of id: SequenceID) -> GenerationPhase? { entries[id]?.phase }

  /// Notes how far a request has come; does nothing when it has ended.
  mutating func apply(_ change: PhaseChange) {
    guard var entry = entries[change.id] else { return }
    countIfQueued(entry, by: -1)
    entry.phase = change.phase
    entry.tokens = change.tokens ?? entry.tokens
    countIfQueued(entry, by: 1)
    entries[change.id] = entry
  }

  /// Ends a request that waits before the engine's thread knows of it.
  mutating func withdraw(_ id: SequenceID) {
    guard remove(id) else { return }
    withdrawn.insert(id)
  }

  /// Notes that the engine's thread has ended a request.
  mutating func end(_ id: SequenceID) {
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

/// How far a generation has come now.
struct PhaseChange {
  let id: SequenceID
  let phase: GenerationPhase
  /// Tokens to be computed, where it waits again.
  var tokens: Int?
}
