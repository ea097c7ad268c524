import DequeModule
import Tokenizers

/// Waiting sequences, in the order in which they get cache pages.
///
/// Lower priorities go first. Within a priority clients take turns by the tokens they used: each
/// client's clock advances with its tokens, and the client whose clock is furthest behind is next
/// (Golestani, "A Self-Clocked Fair Queueing Scheme", 1994). Within a client the oldest is next.
struct RequestQueue: Sendable {
  /// A sequence that waits.
  struct WaitingSequence: Sendable {
    let id: SequenceID
    var tokens: [Token]
    let terms: RequestTerms
    /// Positions at the end of the prompt whose rows are still wanted.
    var outputs = 0..<0
    /// The attachments of the prompt, in order of position.
    var attachments: [AttachmentPlace] = []
  }

  private struct Client {
    var clock = 0
    var waiting: [Int: Deque<WaitingSequence>] = [:]
  }

  private var clients: [String: Client] = [:]
  /// The clock of the client served last, from which newcomers start.
  private var clock = 0
  /// Preempted sequences, which precede all others of their priority.
  private var returning: [WaitingSequence] = []
  /// Sequences that wait.
  private(set) var count = 0
  /// Tokens that they know.
  private(set) var tokens = 0

  /// Creates an empty queue.
  init() {}

  /// All identities, in no particular order.
  var ids: [SequenceID] {
    returning.map(\.id)
      + clients.values.flatMap { $0.waiting.values.flatMap { $0.map(\.id) } }
  }

  /// Clients whose clocks are known.
  var clientCount: Int { clients.count }

  /// Appends a sequence to its client's queue.
  mutating func append(_ sequence: WaitingSequence) {
    var client = clients[sequence.terms.client] ?? Client(clock: clock)
    // A client that was idle accumulates no credit: all of its turns would come at once.
    if client.waiting.isEmpty { client.clock = max(client.clock, clock) }
    client.waiting[sequence.terms.priority, default: []].append(sequence)
    clients[sequence.terms.client] = client
    note(sequence, by: 1)
  }

  /// Queues a preempted sequence again.
  mutating func putBack(_ sequence: WaitingSequence) {
    let index = returning.firstIndex { sequence.precedes($0) } ?? returning.count
    returning.insert(sequence, at: index)
    note(sequence, by: 1)
  }

  /// The next sequence that is not among those to skip.
  func next(without skipped: Set<SequenceID>) -> WaitingSequence? {
    let back = returning.first { !skipped.contains($0.id) }
    var best: (sequence: WaitingSequence, clock: Int)?
    for client in clients.values {
      for queue in client.waiting.values {
        guard let sequence = queue.first(where: { !skipped.contains($0.id) }) else { continue }
        let key = (sequence.terms.priority, client.clock, sequence.id.number)
        if let best, (best.sequence.terms.priority, best.clock, best.sequence.id.number) < key {
          continue
        }
        best = (sequence, client.clock)
      }
    }
    guard let back else { return best?.sequence }
    guard let best else { return back }
    return best.sequence.terms.priority < back.terms.priority ? best.sequence : back
  }

  /// Removes a sequence; nil when it does not wait.
  mutating func remove(_ id: SequenceID) -> WaitingSequence? {
    if let index = returning.firstIndex(where: { $0.id == id }) {
      let sequence = returning.remove(at: index)
      note(sequence, by: -1)
      return sequence
    }
    for (name, client) in clients {
      for (priority, queue) in client.waiting {
        guard let index = queue.firstIndex(where: { $0.id == id }) else { continue }
        let sequence = queue[index]
        clients[name]?.waiting[priority]?.remove(at: index)
        if queue.count == 1 { clients[name]?.waiting[priority] = nil }
        note(sequence, by: -1)
        return sequence
      }
    }
    return nil
  }

  /// Advances a client's clock by tokens that were computed for it.
  mutating func charge(_ terms: RequestTerms, tokens: Int) {
    clients[terms.client, default: Client(clock: clock)].clock += tokens
  }

  /// Notes that a client is served now: clients that come later start from its clock.
  mutating func serve(_ terms: RequestTerms) {
    clock = max(clock, clients[terms.client]?.clock ?? clock)
  }

  /// Clients whose clocks are remembered at most while they have no sequence.
  private static let remembered = 4096

  /// Forgets a client that neither waits nor runs, unless its clock is ahead of the others.
  mutating func forget(_ client: String) {
    guard let state = clients[client], state.waiting.isEmpty,
      state.clock <= clock || clients.count > Self.remembered
    else { return }
    clients[client] = nil
  }

  /// Sequences of a client that wait.
  func waiting(of client: String) -> Int {
    (clients[client]?.waiting.values.reduce(0) { $0 + $1.count } ?? 0)
      + returning.count { $0.terms.client == client }
  }

  /// Removes the sequences whose deadline has passed.
  mutating func removeExpired(at now: Double) -> [WaitingSequence] {
    // Preempted sequences have begun to answer, and have no deadline any more.
    clients.values.flatMap { $0.waiting.values.joined() }
      .filter { $0.terms.deadline.map { $0 <= now } ?? false }.map(\.id).sorted()
      .compactMap { remove($0) }
  }

  private mutating func note(_ sequence: WaitingSequence, by sign: Int) {
    count += sign
    tokens += sign * sequence.tokens.count
  }
}

extension RequestQueue.WaitingSequence {
  /// The tokens to look up in the prefix cache: those before the first position whose row is wanted, and
  /// one more, which a lookup always leaves out.
  var findable: [Token] {
    outputs.isEmpty ? tokens : Array(tokens.prefix(outputs.lowerBound + 1))
  }

  /// Whether this sequence precedes another preempted one.
  fileprivate func precedes(_ other: Self) -> Bool {
    (terms.priority, id.number) < (other.terms.priority, other.id.number)
  }
}
