import GPTModel
import TestSupport
import Testing

@Suite("Scheduler")
struct SchedulerTests {
  private static let limits = SchedulerLimits(
    rowsPerStep: 8, runningSequences: 3, waitingSequences: 4, pages: 6, positionsPerPage: 4)

  /// Plans a step; what the one before it computed is known to be finite.
  private func plan(_ scheduler: inout Scheduler) -> StepPlan {
    var plan = StepPlan()
    for (id, _) in scheduler.progress { scheduler.confirm(id) }
    scheduler.plan(into: &plan)
    return plan
  }

  /// Tokens that no other sequence of a test has.
  private func tokens(_ id: UInt64, _ count: Int) -> [Token] {
    (0..<count).map { Token(Int(id) * 1000 + $0) }
  }

  private func submit(
    _ id: UInt64, _ tokens: [Token], _ change: (inout RequestTerms) -> Void = { _ in },
    to scheduler: inout Scheduler
  ) {
    var terms = RequestTerms()
    change(&terms)
    scheduler.submit(SequenceID(id), tokens: tokens, terms: terms)
  }

  private func expect(
    _ scheduler: borrowing Scheduler, running: Int, waiting: Int, freePages: Int
  ) {
    let found = [scheduler.runningCount, scheduler.waitingCount, scheduler.freePages]
    #expect(found == [running, waiting, freePages])
  }

  @Test("A prompt longer than the budget is computed in chunks, and completes with the last")
  func chunks() throws {
    var scheduler = Scheduler(limits: Self.limits)
    submit(0, tokens(0, 19), to: &scheduler)
    var seen: [[Int]] = []
    for _ in 0..<3 {
      for entry in plan(&scheduler).entries {
        seen.append([entry.first, entry.count, scheduler.isCaughtUp(entry.id) ? 1 : 0])
        #expect(scheduler.tokens(of: entry).first == Token(entry.first))
      }
    }
    #expect(seen == [[0, 8, 0], [8, 8, 0], [16, 3, 1]])
    #expect(plan(&scheduler).entries.isEmpty)
  }

  @Test("A sequence that lacks one token goes before a long prompt, and both share the step")
  func decodeFirst() {
    var scheduler = Scheduler(limits: Self.limits)
    submit(0, tokens(0, 2), to: &scheduler)
    _ = plan(&scheduler)
    scheduler.append(7, to: SequenceID(0))
    submit(1, tokens(1, 12), to: &scheduler)
    let entries = plan(&scheduler).entries
    #expect(entries.map(\.id.number) == [0, 1])
    #expect(entries.map(\.count) == [1, 7])
  }

  @Test("When pages run out the newest sequence gives all of its pages back and starts over")
  func preemption() throws {
    var scheduler = Scheduler(limits: Self.limits)
    submit(0, tokens(0, 8), { $0.usesCache = false }, to: &scheduler)
    _ = plan(&scheduler)
    submit(1, tokens(1, 8), { $0.usesCache = false }, to: &scheduler)
    _ = plan(&scheduler)
    expect(scheduler, running: 2, waiting: 0, freePages: 2)
    for token in 0..<16 as Range<Token> {
      scheduler.append(token, to: SequenceID(0))
      scheduler.append(token, to: SequenceID(1))
      _ = plan(&scheduler)
      let violations = scheduler.checkInvariants()
      #expect(violations == [])
    }
    expect(scheduler, running: 1, waiting: 1, freePages: 0)
    scheduler.remove(SequenceID(0))
    let entry = plan(&scheduler).entries.first
    #expect(entry?.id == SequenceID(1))
    #expect(entry?.first == 0)
  }

  @Test("A less urgent sequence makes room, and one that is not less urgent does not")
  func priority() {
    var limits = Self.limits
    limits.runningSequences = 1
    var scheduler = Scheduler(limits: limits)
    submit(0, tokens(0, 4), { $0.priority = 5 }, to: &scheduler)
    _ = plan(&scheduler)
    submit(1, tokens(1, 4), { $0.priority = 5 }, to: &scheduler)
    #expect(plan(&scheduler).entries.isEmpty)
    submit(2, tokens(2, 4), { $0.priority = 1 }, to: &scheduler)
    #expect(plan(&scheduler).entries.map(\.id.number) == [2])
    scheduler.remove(SequenceID(2))
    #expect(plan(&scheduler).entries.map(\.id.number) == [0])
  }

  @Test("Clients take turns by the tokens they use, not by the requests they send")
  func fairness() throws {
    var limits = Self.limits
    limits.runningSequences = 1
    limits.waitingSequences = 100
    var scheduler = Scheduler(limits: limits)
    for id in 0..<20 as Range<UInt64> {
      submit(id, tokens(id, 8), { $0.client = "greedy" }, to: &scheduler)
    }
    for id in 20..<24 as Range<UInt64> {
      submit(id, tokens(id, 4), { $0.client = "modest" }, to: &scheduler)
    }
    var order: [UInt64] = []
    for _ in 0..<12 {
      guard let entry = plan(&scheduler).entries.first else { break }
      order.append(entry.id.number)
      scheduler.remove(entry.id)
    }
    // For each request of 8 tokens the other client gets two of 4.
    #expect(Set(order.prefix(6)).isSuperset(of: [0, 1, 20, 21, 22]))
    #expect(order.filter { $0 < 20 } == order.filter { $0 < 20 }.sorted())
  }

  @Test("Of prompts that are read, the one started first goes first, whichever arrived earlier")
  func readingOrder() {
    var limits = Self.limits
    limits.pages = 40
    var scheduler = Scheduler(limits: limits)
    submit(0, tokens(0, 12), { $0.client = "greedy" }, to: &scheduler)
    submit(1, tokens(1, 40), { $0.client = "greedy" }, to: &scheduler)
    _ = plan(&scheduler)
    submit(2, tokens(2, 3), { $0.client = "modest" }, to: &scheduler)
    // The step has room for the rest of the first, all of the last, and a little of the one between.
    let entries = plan(&scheduler).entries
    #expect(entries.map(\.id.number) == [0, 2, 1])
    #expect(entries.map { scheduler.isCaughtUp($0.id) } == [true, true, false])
  }

  @Test("A prompt that begins like one already computed takes over its pages, while that one runs")
  func prefix() throws {
    var scheduler = Scheduler(limits: Self.limits)
    submit(0, tokens(0, 9), to: &scheduler)
    _ = plan(&scheduler)
    _ = plan(&scheduler)
    let shared = Array(tokens(0, 8)) + [5, 6, 7]
    submit(1, shared, to: &scheduler)
    let entry = try #require(plan(&scheduler).entries.first)
    #expect(entry.first == 8)
    #expect(entry.count == 3)
    #expect(scheduler.cachedPositions(of: SequenceID(1)) == 8)
    // Nine positions of the first, and one page for the three of the second.
    expect(scheduler, running: 2, waiting: 0, freePages: 2)
    let violations = scheduler.checkInvariants()
    #expect(violations == [])
  }

  @Test("Nothing is shared across clients, salts, or with those that do not want to")
  func namespaces() {
    let changes: [(inout RequestTerms) -> Void] = [
      { $0.client = "other" }, { $0.cacheSalt = "salt" }, { $0.usesCache = false },
    ]
    for change in changes {
      var scheduler = Scheduler(limits: Self.limits)
      submit(0, tokens(0, 6), to: &scheduler)
      _ = plan(&scheduler)
      submit(1, tokens(0, 6), change, to: &scheduler)
      #expect(plan(&scheduler).entries.first?.first == 0)
      #expect(scheduler.cachedPositions(of: SequenceID(1)) == 0)
    }
  }

  @Test("Forks of a sequence share its full pages, wherever in a page they begin")
  func forks() {
    var limits = Self.limits
    (limits.pages, limits.rowsPerStep, limits.runningSequences) = (20, 64, 8)
    for length in 9...12 {
      var scheduler = Scheduler(limits: limits)
      submit(0, tokens(0, length), to: &scheduler)
      _ = plan(&scheduler)
      for id in 1..<4 as Range<UInt64> {
        submit(id, tokens(0, length) + [Token(id)], to: &scheduler)
      }
      let entries = plan(&scheduler).entries
      // Two or three full pages are found, and each has one more of its own.
      let shared = length / 4 * 4
      #expect(entries.map(\.first) == [shared, shared, shared])
      let own = (length + 3) / 4 - length / 4
      expect(scheduler, running: 4, waiting: 0, freePages: 20 - shared / 4 - own - 3)
      let violations = scheduler.checkInvariants()
      #expect(violations == [])
    }
  }

  @Test("Pages of ended sequences are found again until they are needed, oldest first")
  func keptPages() {
    var scheduler = Scheduler(limits: Self.limits)
    for id in 0..<2 as Range<UInt64> {
      submit(id, tokens(id, 9), to: &scheduler)
      for _ in 0..<2 { _ = plan(&scheduler) }
      scheduler.confirm(SequenceID(id))
      scheduler.remove(SequenceID(id))
    }
    expect(scheduler, running: 0, waiting: 0, freePages: 6)
    // Four pages are known, two for each; a prompt of 12 takes two free ones and the oldest known.
    submit(2, tokens(2, 12), to: &scheduler)
    for _ in 0..<2 { _ = plan(&scheduler) }
    scheduler.confirm(SequenceID(2))
    scheduler.remove(SequenceID(2))
    submit(3, tokens(0, 9), to: &scheduler)
    #expect(plan(&scheduler).entries.first?.first == 4)
    scheduler.remove(SequenceID(3))
    // Its two new pages took the place of the next oldest, those of the second.
    submit(4, tokens(1, 9), to: &scheduler)
    #expect(plan(&scheduler).entries.first?.first == 0)
    let violations = scheduler.checkInvariants()
    #expect(violations == [])
  }

  @Test("Of equal prompts that arrive together one is computed, and the others take over its pages")
  func together() {
    var scheduler = Scheduler(limits: Self.limits)
    for id in 0..<3 as Range<UInt64> { submit(id, tokens(0, 9), to: &scheduler) }
    var rows = 0
    for _ in 0..<4 { rows += plan(&scheduler).rows }
    #expect(rows == 9 + 1 + 1)
    expect(scheduler, running: 3, waiting: 0, freePages: 1)
  }

  @Test("A sequence that waited beyond its deadline is taken out")
  func deadlines() {
    var scheduler = Scheduler(limits: Self.limits)
    submit(0, tokens(0, 4), to: &scheduler)
    #expect(scheduler.removeExpired(at: 1e9).isEmpty)
    expect(scheduler, running: 0, waiting: 1, freePages: 6)
  }

  @Test("A client whose sequences expired is forgotten")
  func expiredClients() {
    var scheduler = Scheduler(limits: Self.limits)
    let change: (inout RequestTerms) -> Void = {
      $0.client = "hasty"
      $0.deadline = 1
    }
    submit(0, tokens(0, 4), change, to: &scheduler)
    #expect(scheduler.clientCount == 1)
    #expect(scheduler.removeExpired(at: 2) == [SequenceID(0)])
    #expect(scheduler.clientCount == 0)
  }

  @Test("A client that sent nothing for a while does not get all of its turns at once")
  func idleClients() throws {
    var limits = Self.limits
    limits.runningSequences = 1
    limits.waitingSequences = 100
    var scheduler = Scheduler(limits: limits)
    // It used more than others when it left, so that it is remembered, and then the others used more.
    submit(0, tokens(0, 8), { $0.client = "idle" }, to: &scheduler)
    _ = plan(&scheduler)
    scheduler.remove(SequenceID(0))
    for id in 1..<40 as Range<UInt64> {
      submit(id, tokens(id, 8), { $0.client = "busy" }, to: &scheduler)
    }
    for _ in 0..<20 {
      let next = try #require(plan(&scheduler).entries.first)
      scheduler.remove(next.id)
    }
    for id in 40..<50 as Range<UInt64> {
      submit(id, tokens(id, 8), { $0.client = "idle" }, to: &scheduler)
    }
    var served: [String] = []
    for _ in 0..<6 {
      let next = try #require(plan(&scheduler).entries.first)
      served.append(next.id.number < 40 ? "busy" : "idle")
      scheduler.remove(next.id)
    }
    #expect(served.count { $0 == "idle" } == 3)
  }

  @Test("A sequence does not wait for what is computed for a less urgent one")
  func prefixOfLessUrgent() {
    var scheduler = Scheduler(limits: Self.limits)
    submit(0, tokens(0, 12), { $0.priority = 5 }, to: &scheduler)
    // Four of its positions are left, and a page of them is what the next one lacks.
    _ = plan(&scheduler)
    submit(1, Array(tokens(0, 12)) + [1], { $0.priority = 1 }, to: &scheduler)
    #expect(plan(&scheduler).entries.first?.id == SequenceID(1))
  }

  @Test("What was computed for a sequence is left to others once it is known to be finite")
  func soundPages() {
    for isSound in [true, false] {
      var scheduler = Scheduler(limits: Self.limits)
      submit(0, tokens(0, 6), to: &scheduler)
      _ = plan(&scheduler)
      if isSound { scheduler.confirm(SequenceID(0)) }
      scheduler.remove(SequenceID(0))
      submit(1, tokens(0, 6), to: &scheduler)
      #expect(plan(&scheduler).entries.first?.first == (isSound ? 4 : 0))
    }
  }

  @Test("The last row of chunks that others may share is wanted, to see whether they are finite")
  func outputs() {
    for usesCache in [true, false] {
      var scheduler = Scheduler(limits: Self.limits)
      submit(0, tokens(0, 19), { $0.usesCache = usesCache }, to: &scheduler)
      let outputs = (0..<3).flatMap { _ in plan(&scheduler).entries.map(\.outputs) }
      #expect(outputs == [usesCache ? 7..<8 : 8..<8, usesCache ? 15..<16 : 16..<16, 18..<19])
    }
  }

  @Test("A plan tells who was started and who lost its pages, in order")
  func moves() {
    var limits = Self.limits
    limits.runningSequences = 1
    var scheduler = Scheduler(limits: limits)
    submit(0, tokens(0, 4), { $0.priority = 5 }, to: &scheduler)
    #expect(plan(&scheduler).moves == [.started(SequenceID(0))])
    scheduler.append(7, to: SequenceID(0))
    submit(1, tokens(1, 4), { $0.priority = 1 }, to: &scheduler)
    // The one that is written goes first in the step, and then makes room.
    #expect(
      plan(&scheduler).moves == [.preempted(SequenceID(0), tokens: 5), .started(SequenceID(1))])
    #expect(plan(&scheduler).moves.isEmpty)
  }
}
