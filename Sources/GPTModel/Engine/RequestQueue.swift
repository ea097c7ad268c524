import DequeModule
import Tokenizers

/// Sequences without pages, in the order in which they should get some.
///
/// Lower priorities go first. Within a priority clients take turns by the tokens they used: each
/// client's clock advances with its tokens, and the client whose clock is furthest behind is next
/// (Golestani, "A Self-Clocked Fair Queueing Scheme", 1994). Within a client the oldest is next.
struct RequestQueue: Sendable {
  /// A sequence that waits.
  struct Entry: Sendable {
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
    var waiting: [Int: Deque<Entry>] = [:]
  }

  private var clients: [String: Client] = [:]
  /// The clock of the client served last, from which newcomers start.
  private var clock = 0
  /// Sequences that had pages and lost them: they go before all of their priority.
  private var returning: [Entry] = []
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

  /// Adds a sequence at the end of its client's line.
  mutating func append(_ entry: Entry) {
    var client = clients[entry.terms.client] ?? Client(clock: clock)
    // A client that was idle accumulates no credit: all of its turns would come at once.
    if client.waiting.isEmpty { client.clock = max(client.clock, clock) }
    client.waiting[entry.terms.priority, default: []].append(entry)
    clients[entry.terms.client] = client
    note(entry, by: 1)
  }

  /// Puts a sequence back that lost its pages.
  mutating func putBack(_ entry: Entry) {
    let place = returning.firstIndex { entry.precedes($0) } ?? returning.count
    returning.insert(entry, at: place)
    note(entry, by: 1)
  }

  /// The sequence that is next, leaving out those that a caller set aside.
  func next(without aside: Set<SequenceID>) -> Entry? {
    let back = returning.first { !aside.contains($0.id) }
    var best: (entry: Entry, clock: Int)?
    for client in clients.values {
      for (_, line) in client.waiting {
        guard let entry = line.first(where: { !aside.contains($0.id) }) else { continue }
        let key = (entry.terms.priority, client.clock, entry.id.number)
        if let best, (best.entry.terms.priority, best.clock, best.entry.id.number) < key {
          continue
        }
        best = (entry, client.clock)
      }
    }
    guard let back else { return best?.entry }
    guard let best else { return back }
    return best.entry.terms.priority < back.terms.priority ? best.entry : back
  }

  /// Takes a sequence out; nil when it does not wait.
  mutating func remove(_ id: SequenceID) -> Entry? {
    if let place = returning.firstIndex(where: { $0.id == id }) {
      let entry = returning.remove(at: place)
      note(entry, by: -1)
      return entry
    }
    for (name, client) in clients {
      for (priority, line) in client.waiting {
        guard let place = line.firstIndex(where: { $0.id == id }) else { continue }
        let entry = line[place]
        clients[name]?.waiting[priority]?.remove(at: place)
        if line.count == 1 { clients[name]?.waiting[priority] = nil }
        note(entry, by: -1)
        return entry
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

  /// Takes out the sequences whose deadline has passed.
  mutating func removeExpired(at now: Double) -> [Entry] {
    // Those that had pages have answered in part already, and go on.
    clients.values.flatMap { $0.waiting.values.joined() }
      .filter { $0.terms.deadline.map { $0 <= now } ?? false }.map(\.id).sorted()
      .compactMap { remove($0) }
  }

  private mutating func note(_ entry: Entry, by sign: Int) {
    count += sign
    tokens += sign * entry.tokens.count
  }
}

extension RequestQueue.Entry {
  /// The tokens among whose pages what others computed may be found: those before the first position
  /// whose row is wanted, and one that is left out in any case.
  var findable: [Token] {
    outputs.isEmpty ? tokens : Array(tokens.prefix(outputs.lowerBound + 1))
  }

  /// Whether this one goes before another that lost its pages too.
  fileprivate func precedes(_ other: Self) -> Bool {
    (terms.priority, id.number) < (other.terms.priority, other.id.number)
  }
}
