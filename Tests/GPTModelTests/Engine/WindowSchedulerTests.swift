import GPTModel
import TestSupport
import Testing

@Suite("Pages that no position sees any more")
struct WindowSchedulerTests {
  private static func limits(window: Int, pages: Int = 40, rows: Int = 8) -> SchedulerLimits {
    var limits = SchedulerLimits(
      rowsPerStep: rows, runningSequences: 3, waitingSequences: 4, pages: pages,
      positionsPerPage: 4)
    limits.windows = [window]
    return limits
  }

  @Test(
    "A sequence has exactly the pages that its rows see, whatever the window",
    arguments: [1, 2, 3, 4, 5, 7, 8, 9, 12], [1, 3, 8])
  func seen(window: Int, rows: Int) {
    var scheduler = Scheduler(limits: Self.limits(window: window, rows: rows))
    scheduler.submit(SequenceID(0), tokens: .counting(30))
    scheduler.write(0, to: 60) { entry, _ in
      #expect(entry.count <= min(window, rows))
      let first = max(0, entry.first - window + 1)
      let isThere = entry.pages.map { $0 != PageLease.none }
      #expect(isThere == entry.pages.indices.map { $0 >= first / 4 }, "\(entry.first)")
    }
  }

  @Test("A text of ten windows and more holds the pages of one", arguments: [4, 5, 8, 10])
  func bounded(window: Int) {
    var scheduler = Scheduler(limits: Self.limits(window: window, rows: 4))
    scheduler.submit(SequenceID(0), tokens: .counting(3), terms: .withoutCache)
    var most = 0
    scheduler.write(0, to: 12 * window) { most = max(most, 40 - $1) }
    // A window that begins with the last position of a page.
    #expect(most == (window - 1 + 3) / 4 + 1)
    scheduler.remove(SequenceID(0))
    #expect(scheduler.freePages == 40)
  }

  @Test("A sequence may be longer than the pool, which has to hold a window at the least")
  func longest() {
    // The first of five positions may be the last of its page, and so needs two pages.
    #expect(Self.limits(window: 5, pages: 2).longestSequence == .max)
    #expect(Self.limits(window: 6, pages: 2).longestSequence == 8)
    var scheduler = Scheduler(limits: Self.limits(window: 5, pages: 2))
    scheduler.submit(SequenceID(0), tokens: .counting(50))
    var counts: [Int] = []
    scheduler.write(0, to: 60) { entry, _ in counts.append(entry.count) }
    #expect(counts.reduce(0, +) == 60)
    #expect(counts.contains { $0 > 1 })
    #expect(scheduler.preemptions == 0)
  }

  @Test("What is found takes the pages that are seen, and leaves the others to be found")
  func hits() throws {
    var scheduler = Scheduler(limits: Self.limits(window: 6, pages: 12))
    scheduler.submit(SequenceID(0), tokens: .counting(30))
    scheduler.write(0, to: 30)
    scheduler.confirm(SequenceID(0))
    scheduler.remove(SequenceID(0))
    for id in 1...2 as ClosedRange<UInt64> {
      scheduler.submit(SequenceID(id), tokens: .counting(29) + [Token(1000 + id)])
      let entry = try #require(scheduler.planned().entries.first { $0.id.number == id })
      #expect(entry.first == 28)
      // Positions 23 to 28 are in the sixth page and two more; the seventh is the last that was found.
      #expect(entry.pages.prefix(5).allSatisfy { $0 == PageLease.none })
      #expect(entry.pages.dropFirst(5).allSatisfy { $0 != PageLease.none })
    }
    // Two pages that both hold, and one of each.
    #expect(scheduler.freePages == 12 - 2 - 2)
  }

  @Test("When memory runs out, the ends of what was left are forgotten before the beginnings")
  func evicted() {
    var scheduler = Scheduler(limits: Self.limits(window: 4, pages: 9))
    scheduler.submit(SequenceID(0), tokens: .counting(33))
    scheduler.write(0, to: 33)
    scheduler.confirm(SequenceID(0))
    scheduler.remove(SequenceID(0))
    // Eight pages are known and one is free; another sequence takes two at a time.
    scheduler.submit(SequenceID(1), tokens: .counting(16, from: 500), terms: .withoutCache)
    scheduler.write(1, to: 16)
    scheduler.remove(SequenceID(1))
    scheduler.submit(SequenceID(2), tokens: .counting(33))
    #expect(scheduler.planned().entries.first?.first == 28)
  }

  @Test("A sequence that lost its pages computes anew what is gone, within a window's pages")
  func preempted() throws {
    var limits = Self.limits(window: 6, pages: 6)
    limits.runningSequences = 2
    var scheduler = Scheduler(limits: limits)
    var terms = RequestTerms.withoutCache
    terms.priority = 5
    scheduler.submit(SequenceID(0), tokens: .counting(20), terms: terms)
    scheduler.write(0, to: 40)
    terms.priority = 1
    for id in 1...2 as ClosedRange<UInt64> {
      scheduler.submit(SequenceID(id), tokens: .counting(20, from: 500), terms: terms)
    }
    #expect(scheduler.planned().moves.contains(.preempted(SequenceID(0), tokens: 41)))
    for id in 1...2 as ClosedRange<UInt64> { scheduler.remove(SequenceID(id)) }
    var next = 0
    scheduler.write(0, to: 50) { entry, freePages in
      #expect(entry.first == next)
      next = entry.end
      #expect(6 - freePages <= 4)
    }
    #expect(next == 50)
  }

  @Test("What no row was seen to see is not left to others")
  func soundness() {
    // Of a step that was not found finite, the next one sees but a part.
    var scheduler = Scheduler(limits: Self.limits(window: 4))
    scheduler.submit(SequenceID(0), tokens: .counting(12))
    var plan = StepPlan()
    scheduler.plan(into: &plan)
    for _ in 0..<2 {
      scheduler.plan(into: &plan)
      scheduler.confirm(SequenceID(0))
    }
    scheduler.remove(SequenceID(0))
    scheduler.submit(SequenceID(1), tokens: .counting(12))
    #expect(scheduler.planned().entries.first?.first == 0)
  }
}
