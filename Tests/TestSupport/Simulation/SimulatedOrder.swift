import GPTModel

/// Who should be next, by the rules alone: lower priorities first; within one those that lost their
/// pages, then the client that used the fewest tokens, then the oldest.
struct SimulatedOrder {
  /// Tokens used by each client, as far as they count.
  private var clocks: [Int]
  private var clock = 0
  /// Clients that have sequences, or used more than others until theirs ended.
  private(set) var remembered: Set<Int> = []

  init(clients: Int) {
    clocks = Array(repeating: 0, count: clients)
  }

  /// Notes that a sequence joins the line; a client that had nothing in it gains nothing by that.
  mutating func join(_ sequence: SimulatedSequence, waiting: some Sequence<SimulatedSequence>) {
    let client = sequence.client
    if !waiting.contains(where: { $0.client == client && !$0.wasStarted }) {
      clocks[client] = max(clocks[client], clock)
    }
    remembered.insert(client)
  }

  /// Notes that a client has no sequence any more.
  mutating func leave(_ client: Int) {
    if clocks[client] <= clock { remembered.remove(client) }
  }

  /// Notes that a sequence is started, with so many positions to compute.
  mutating func start(_ sequence: SimulatedSequence, missing: Int) {
    clock = max(clock, clocks[sequence.client])
    clocks[sequence.client] += missing
  }

  /// Notes a token written.
  mutating func write(_ sequence: SimulatedSequence) {
    clocks[sequence.client] += 1
  }

  /// The one of several that is next.
  func next(of waiting: [SimulatedSequence]) -> SimulatedSequence? {
    waiting.min { key($0) < key($1) }
  }

  private func key(_ sequence: SimulatedSequence) -> (Int, Int, Int, SequenceID) {
    (
      sequence.terms.priority, sequence.wasStarted ? 0 : 1,
      sequence.wasStarted ? 0 : clocks[sequence.client], sequence.id
    )
  }
}
