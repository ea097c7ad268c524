import GPTModel
import Testing

@Suite("Positions that are wanted one by one")
struct WantedPositionsTests {
  private static let limits = SchedulerLimits(
    rowsPerStep: 8, runningSequences: 3, waitingSequences: 4, pages: 8, positionsPerPage: 4)

  private func plan(_ scheduler: inout Scheduler) -> StepPlan {
    var plan = StepPlan()
    for (id, _) in scheduler.progress { scheduler.confirm(id) }
    scheduler.plan(into: &plan)
    return plan
  }

  @Test("Each is named once by the plans, and what follows the prompt is not")
  func chunks() {
    var scheduler = Scheduler(limits: Self.limits)
    let tokens = (0..<18).map { Token($0) }
    scheduler.submit(SequenceID(0), tokens: tokens, outputs: 3..<18)
    var seen: [Range<Int>] = []
    for _ in 0..<3 { seen += plan(&scheduler).entries.map(\.outputs) }
    #expect(seen == [3..<8, 8..<16, 16..<18])
    scheduler.append(5, to: SequenceID(0))
    #expect(plan(&scheduler).entries.map(\.outputs) == [18..<19])
    #expect(scheduler.checkInvariants() == [])
  }

  @Test(
    "What others computed is used for the pages before them",
    arguments: [(0, 0), (3, 0), (4, 4), (11, 8), (12, 12), (15, 12)])
  func hits(from: Int, found: Int) throws {
    var scheduler = Scheduler(limits: Self.limits)
    let tokens = (0..<16).map { Token($0) }
    scheduler.submit(SequenceID(0), tokens: tokens)
    for _ in 0..<2 { _ = plan(&scheduler) }
    scheduler.confirm(SequenceID(0))
    scheduler.remove(SequenceID(0))
    scheduler.submit(SequenceID(1), tokens: tokens, outputs: from..<16)
    let entry = try #require(plan(&scheduler).entries.first)
    #expect(entry.first == found)
    #expect(scheduler.cachedPositions(of: SequenceID(1)) == found)
    #expect(entry.outputs == max(from, entry.first)..<(entry.first + entry.count))
  }

  @Test("A sequence that lost its pages does not want again what it had")
  func preempted() {
    var scheduler = Scheduler(limits: Self.limits)
    scheduler.submit(
      SequenceID(0), tokens: (0..<20).map { Token($0) },
      terms: terms(priority: 1), outputs: 0..<20)
    _ = plan(&scheduler)
    scheduler.submit(SequenceID(1), tokens: (100..<124).map { Token($0) }, terms: terms())
    var seen: [Range<Int>] = []
    for _ in 0..<12 {
      let plan = plan(&scheduler)
      seen += plan.entries.filter { $0.id == SequenceID(0) && !$0.outputs.isEmpty }.map(\.outputs)
      for entry in plan.entries where entry.id == SequenceID(1) && scheduler.isCaughtUp(entry.id) {
        scheduler.remove(SequenceID(1))
      }
    }
    #expect(scheduler.preemptions == 1)
    // When they are computed again only the last row is wanted, to see whether they are finite.
    #expect(seen.flatMap(Array.init) == Array(8..<16) + [15] + Array(16..<20))
  }

  private func terms(priority: Int = 0) -> RequestTerms {
    var terms = RequestTerms()
    terms.priority = priority
    return terms
  }
}
