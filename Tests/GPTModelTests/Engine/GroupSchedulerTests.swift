import GPTModel
import Testing

@Suite("Page tables by groups of layers")
struct GroupSchedulerTests {
  private static func limits(
    _ windows: [Int?], pages: Int = 80, rows: Int = 8
  ) -> SchedulerLimits {
    var limits = SchedulerLimits(
      rowsPerStep: rows, runningSequences: 3, waitingSequences: 4, pages: pages,
      positionsPerPage: 4)
    limits.windows = windows
    return limits
  }

  @Test(
    "A sequence has exactly the pages that its rows see in each group, whatever the window",
    arguments: [1, 2, 3, 4, 5, 7, 8, 9, 12], [1, 3, 8])
  func seen(window: Int, rows: Int) {
    let windows = [nil, window, max(1, window - 1)]
    var scheduler = Scheduler(limits: Self.limits(windows, rows: rows))
    scheduler.submit(SequenceID(0), tokens: .counting(30))
    scheduler.write(0, to: 60) { entry, freePages in
      #expect(entry.count <= rows)
      var held = 0
      for (window, table) in zip(windows, entry.tables) {
        let first = window.map { max(0, entry.first - $0 + 1) } ?? 0
        #expect(table.count == (entry.end + 3) / 4)
        let isThere = table.map { $0 != PageLease.none }
        #expect(isThere == table.indices.map { $0 >= first / 4 }, "\(entry.first)")
        held += isThere.count { $0 }
      }
      #expect(Set(entry.tables.joined()).subtracting([PageLease.none]).count == held)
    }
  }

  @Test("A long text holds the pages of a window where there is one", arguments: [4, 5, 8, 10])
  func bounded(window: Int) {
    var scheduler = Scheduler(limits: Self.limits([nil, window, window], rows: 4))
    scheduler.submit(SequenceID(0), tokens: .counting(3), terms: .withoutCache)
    var most = 0
    scheduler.write(0, to: 120) { entry, freePages in
      most = max(most, 80 - freePages - (entry.end + 3) / 4)
    }
    // In each of two groups a window that begins with the last position of a page.
    #expect(most == 2 * ((window - 1 + 3) / 4 + 1))
    scheduler.remove(SequenceID(0))
    #expect(scheduler.freePages == 80)
  }

  @Test("A sequence may have as many positions as the pool has pages for in all groups")
  func longest() {
    #expect(Self.limits([nil, 5], pages: 2).longestSequence == 4)
    #expect(Self.limits([nil, 5], pages: 3).longestSequence == 4)
    // Five positions may need two pages, and never more.
    #expect(Self.limits([nil, 5], pages: 4).longestSequence == 8)
    #expect(Self.limits([nil, 5], pages: 27).longestSequence == 100)
    #expect(Self.limits([nil, nil, 5], pages: 27).longestSequence == 48)
    #expect(Self.limits([9, 5], pages: 4).longestSequence == 8)
    #expect(Self.limits([9, 5], pages: 5).longestSequence == .max)
    var scheduler = Scheduler(limits: Self.limits([nil, 5], pages: 27))
    scheduler.submit(SequenceID(0), tokens: .counting(40))
    var counts: [Int] = []
    scheduler.write(0, to: 100) { entry, _ in counts.append(entry.count) }
    #expect(counts.reduce(0, +) == 100)
    #expect(counts.contains { $0 > 1 })
    #expect(scheduler.preemptions == 0)
  }

  /// Has a text of so many positions computed and left to others.
  ///
  /// - Returns: The pages that it used in each group.
  @discardableResult
  private func leave(_ count: Int, in scheduler: inout Scheduler) -> [[Int32]] {
    var tables = scheduler.limits.windows.map { _ in [Int32]() }
    scheduler.submit(SequenceID(0), tokens: .counting(count))
    scheduler.write(0, to: count) { entry, _ in
      for (group, table) in entry.tables.enumerated() {
        for (place, page) in table.enumerated() where page != PageLease.none {
          if place == tables[group].count { tables[group].append(page) }
          tables[group][place] = page
        }
      }
    }
    scheduler.confirm(SequenceID(0))
    scheduler.remove(SequenceID(0))
    return tables
  }

  @Test(
    "A prompt finds the pages of each group that it sees, wherever it leaves the text",
    arguments: [5, 8, 9, 12, 13, 20, 29])
  func hits(common: Int) throws {
    var scheduler = Scheduler(limits: Self.limits([nil, 6, 3]))
    let tables = leave(30, in: &scheduler)
    scheduler.submit(SequenceID(1), tokens: .counting(common) + .counting(3, from: 900))
    let entry = try #require(scheduler.planned().entries.first)
    #expect(entry.first == common / 4 * 4)
    for group in 0..<3 {
      let hidden = max(0, entry.first - [100, 6, 3][group] + 1) / 4
      #expect(entry.tables[group].prefix(hidden).allSatisfy { $0 == PageLease.none })
      #expect(
        entry.tables[group][hidden..<(common / 4)] == tables[group][hidden..<(common / 4)])
    }
  }

  @Test("Where a window is gone, as much is found as there is a window for, or nothing")
  func gone() throws {
    // Of 20 pages 4 are free in the end, and those of the text's beginning in the second group are oldest.
    // Another text of so many positions takes 4, 5 and 7.
    let cases = [
      (taken: 8, common: 13, found: 12), (8, 5, 4), (12, 13, 12), (12, 5, 0), (16, 13, 0),
      (16, 17, 16), (16, 33, 32),
    ]
    for (taken, common, found) in cases {
      var scheduler = Scheduler(limits: Self.limits([nil, 4], pages: 20))
      leave(33, in: &scheduler)
      scheduler.submit(
        SequenceID(1), tokens: .counting(taken, from: 500), terms: .withoutCache)
      scheduler.write(1, to: taken)
      scheduler.remove(SequenceID(1))
      scheduler.submit(SequenceID(2), tokens: .counting(common) + .counting(4, from: 900))
      let entry = try #require(scheduler.planned().entries.first)
      #expect(entry.first == found, "\(taken) and \(common)")
    }
  }

  @Test("What loses its page in the first group is free in all")
  func evicted() throws {
    var scheduler = Scheduler(limits: Self.limits([nil, 40], pages: 18))
    leave(33, in: &scheduler)
    #expect(scheduler.freePages == 18)
    // All pages of eight and a half are taken but those of the first five, whose end is oldest.
    scheduler.submit(SequenceID(1), tokens: .counting(14, from: 500), terms: .withoutCache)
    scheduler.write(1, to: 14)
    scheduler.remove(SequenceID(1))
    scheduler.submit(SequenceID(2), tokens: .counting(33))
    #expect(scheduler.planned().entries.first?.first == 20)
  }

  @Test("Equal prompts wait for one of them, wherever it is")
  func waiting() throws {
    var scheduler = Scheduler(limits: Self.limits([nil, 6]))
    for id in 0..<3 as Range<UInt64> { scheduler.submit(SequenceID(id), tokens: .counting(30)) }
    var rows = 0
    while scheduler.runningCount + scheduler.waitingCount > 0 {
      let plan = scheduler.planned()
      rows += plan.rows
      for entry in plan.entries where scheduler.isCaughtUp(entry.id) {
        scheduler.confirm(entry.id)
        scheduler.remove(entry.id)
      }
      try #require(rows < 1000)
    }
    // One computes 30 positions, and each of the others two.
    #expect(rows == 34)
  }

  @Test("A sequence that lost its pages lost those of all groups, and computes them anew")
  func preempted() throws {
    var limits = Self.limits([nil, 6], pages: 20)
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
    #expect(scheduler.freePages == 20)
    var next = 0
    scheduler.write(0, to: 60) { entry, _ in
      #expect(entry.first == next)
      next = entry.end
    }
    #expect(next == 60)
  }
}
