import DequeModule

/// Requests that wait for room in the engine's queue, in the order in which they get it.
///
/// Lower priorities go first. Within a priority clients take turns by the tokens of the prompts that were let
/// in for them, as in `RequestQueue`; within a client the oldest is next. A client that has as many
/// requests as it may is passed over; nobody else is overtaken, however long the prompt. A plain value.
struct RoomQueue: Sendable {
  /// A request that waits.
  struct Applicant: Sendable {
    let id: SequenceID
    let client: String
    let priority: Int
    /// Tokens of the prompt.
    let tokens: Int
    /// When waiting has no point any more; nil for never.
    let deadline: ContinuousClock.Instant?
  }

  private struct Client {
    var clock: Int
    var waiting: [Int: Deque<Applicant>] = [:]

    /// The next of this client.
    var first: Applicant? { waiting.min { $0.key < $1.key }?.value.first }
  }

  private var clients: [String: Client] = [:]
  /// The clock of the client served last, from which newcomers start.
  private var clock = 0
  /// Requests that wait.
  private(set) var count = 0
  /// How many of them have a deadline.
  private var deadlines = 0

  /// Creates an empty queue.
  init() {}

  /// Whether nobody waits.
  var isEmpty: Bool { count == 0 }

  /// Lets a request wait behind those of its client that are as urgent.
  mutating func append(_ applicant: Applicant) {
    clients[applicant.client, default: Client(clock: clock)]
      .waiting[applicant.priority, default: []].append(applicant)
    note(applicant, by: 1)
  }

  /// The request that is next, unless only clients wait that have as many as they may.
  func next(_ ledger: RequestLedger, _ limits: SchedulerLimits) -> Applicant? {
    var best: (applicant: Applicant, clock: Int)?
    for (name, client) in clients where !ledger.isFull(for: name, limits: limits) {
      guard let first = client.first else { continue }
      let key = (first.priority, client.clock, first.id.number)
      if let best, (best.applicant.priority, best.clock, best.applicant.id.number) < key {
        continue
      }
      best = (first, client.clock)
    }
    return best?.applicant
  }

  /// Removes the next request, which is let in; nil where there is no room for it.
  mutating func admit(_ ledger: RequestLedger, _ limits: SchedulerLimits) -> Applicant? {
    guard let next = next(ledger, limits),
      ledger.refusal(of: next.client, tokens: next.tokens, limits: limits) == nil
    else { return nil }
    if let start = clients[next.client]?.clock {
      clock = max(clock, start)
      clients[next.client]?.clock = start + next.tokens
    }
    remove(next)
    return next
  }

  /// Removes a request; false when it does not wait.
  mutating func remove(_ id: SequenceID) -> Bool {
    let found = all.first { $0.id == id }
    if let found { remove(found) }
    return found != nil
  }

  /// Removes all.
  mutating func removeAll() -> [SequenceID] {
    let ids = all.map(\.id).sorted()
    self = RoomQueue()
    return ids
  }

  /// Removes the requests whose deadline has passed.
  mutating func removeExpired(at now: ContinuousClock.Instant) -> [SequenceID] {
    guard deadlines > 0 else { return [] }
    let expired = all.filter { $0.deadline.map { $0 <= now } ?? false }
    for applicant in expired { remove(applicant) }
    return expired.map(\.id).sorted()
  }

  private var all: some Sequence<Applicant> {
    clients.values.lazy.flatMap { $0.waiting.values.lazy.joined() }
  }

  private mutating func remove(_ applicant: Applicant) {
    let (name, priority) = (applicant.client, applicant.priority)
    clients[name]?.waiting[priority]?.removeAll { $0.id == applicant.id }
    if clients[name]?.waiting[priority]?.isEmpty == true { clients[name]?.waiting[priority] = nil }
    // A client that is idle keeps no credit, and no debt.
    if clients[name]?.waiting.isEmpty == true { clients[name] = nil }
    note(applicant, by: -1)
  }

  private mutating func note(_ applicant: Applicant, by sign: Int) {
    count += sign
    if applicant.deadline != nil { deadlines += sign }
  }
}
