import Testing

@testable import GPTModel

@Suite("Who waits for room")
struct RoomQueueTests {
  private static let limits: SchedulerLimits = {
    var limits = SchedulerLimits(
      rowsPerStep: 8, runningSequences: 1, waitingSequences: 2, pages: 6, positionsPerPage: 4)
    limits.waitingTokens = 10
    limits.sequencesPerClient = 2
    return limits
  }()

  private var queue = RoomQueue()

  private mutating func wait(
    _ id: UInt64, _ client: String, tokens: Int = 1, priority: Int = 0,
    until deadline: ContinuousClock.Instant? = nil
  ) {
    queue.append(
      RoomQueue.Applicant(
        id: SequenceID(id), client: client, priority: priority, tokens: tokens,
        deadline: deadline))
  }

  /// Lets all in, one after the other, as if each ended at once.
  private mutating func order() -> [UInt64] {
    var order: [UInt64] = []
    while let next = queue.admit(RequestLedger(), Self.limits) { order.append(next.id.number) }
    #expect(queue.isEmpty)
    return order
  }

  @Test("Clients take turns, however many requests each has; within one the oldest goes first")
  mutating func turns() {
    for id in 0..<4 { wait(UInt64(id), "a") }
    for id in 4..<6 { wait(UInt64(id), "b") }
    let order = order()
    #expect(order == [0, 4, 1, 5, 2, 3])
  }

  @Test("A client whose prompts are longer has fewer turns")
  mutating func tokens() {
    for id in 0..<2 { wait(UInt64(id), "a", tokens: 4) }
    for id in 2..<8 { wait(UInt64(id), "b", tokens: 2) }
    let order = order()
    #expect(order == [0, 2, 3, 1, 4, 5, 6, 7])
  }

  @Test("What is more urgent goes first, in a client and between clients")
  mutating func priorities() {
    wait(0, "a", priority: 1)
    wait(1, "a", priority: 0)
    wait(2, "b", priority: -1)
    wait(3, "b", priority: 1)
    let order = order()
    #expect(order == [2, 1, 0, 3])
  }

  @Test("A client that has as many requests as it may is passed over until one ends")
  mutating func clientLimit() {
    var ledger = RequestLedger()
    for id: UInt64 in [0, 1] {
      ledger.add(SequenceID(id), of: "a", tokens: 1)
      ledger.apply(PhaseChange(id: SequenceID(id), phase: .decoding))
    }
    wait(2, "a")
    wait(3, "b")
    let first = queue.admit(ledger, Self.limits)
    #expect(first?.id.number == 3)
    let nobody = queue.admit(ledger, Self.limits)
    #expect(nobody == nil)
    #expect(queue.next(ledger, Self.limits) == nil)
    ledger.end(SequenceID(0))
    let second = queue.admit(ledger, Self.limits)
    #expect(second?.id.number == 2)
  }

  @Test("Nobody overtakes one whose prompt is too long for now")
  mutating func longPrompt() {
    var ledger = RequestLedger()
    ledger.add(SequenceID(0), of: "c", tokens: 4)
    wait(1, "a", tokens: 7)
    wait(2, "b", tokens: 1)
    let nobody = queue.admit(ledger, Self.limits)
    #expect(nobody == nil)
    #expect(queue.next(ledger, Self.limits)?.id.number == 1)
    ledger.end(SequenceID(0))
    let order = order()
    #expect(order == [1, 2])
  }

  @Test("Who leaves, and whose time is over, is gone")
  mutating func leaving() {
    let now = ContinuousClock.now
    wait(0, "a", until: now - .seconds(1))
    wait(1, "a", until: now + .seconds(60))
    wait(2, "b")
    wait(3, "b", until: now - .seconds(1))
    let isGone = queue.remove(SequenceID(2))
    #expect(isGone)
    let isGoneTwice = queue.remove(SequenceID(2))
    #expect(!isGoneTwice)
    let expired = queue.removeExpired(at: now)
    #expect(expired.map(\.number) == [0, 3])
    #expect(queue.count == 1)
    let left = queue.removeAll()
    #expect(left.map(\.number) == [1])
    #expect(queue.isEmpty)
  }
}
