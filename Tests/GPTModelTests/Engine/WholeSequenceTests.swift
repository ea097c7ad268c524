import GPTModel
import TestSupport
import Testing

@Suite("Sequences that are computed whole")
struct WholeSequenceTests {
  private static func limits(pages: Int = 20, rows: Int = 64) -> SchedulerLimits {
    var limits = SchedulerLimits(
      rowsPerStep: rows, runningSequences: 4, waitingSequences: 64, pages: pages,
      positionsPerPage: 8)
    limits.takesWholeSequences = true
    return limits
  }

  private func tokens(_ count: Int) -> [Token] { (0..<count).map { Token($0) } }

  /// Plans steps until nothing is left, and removes each sequence once it is computed, as the engine does.
  private func steps(_ scheduler: inout Scheduler) -> [[UInt64: Range<Int>]] {
    var steps: [[UInt64: Range<Int>]] = []
    var plan = StepPlan()
    while scheduler.waitingCount + scheduler.runningCount > 0, steps.count < 1000 {
      scheduler.plan(into: &plan)
      #expect(scheduler.checkInvariants() == [])
      steps.append(
        Dictionary(uniqueKeysWithValues: plan.entries.map { ($0.id.number, $0.first..<$0.end) }))
      for entry in plan.entries where scheduler.isCaughtUp(entry.id) { scheduler.remove(entry.id) }
    }
    return steps
  }

  @Test(
    "No sequence is divided, and each is computed once, whatever the lengths", arguments: 0..<20)
  func whole(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var scheduler = Scheduler(limits: Self.limits())
    let lengths = (0..<30).map { _ in Int.random(in: 1...64, using: &generator) }
    for (index, length) in lengths.enumerated() {
      scheduler.submit(
        SequenceID(UInt64(index)), tokens: tokens(length), outputs: 0..<length)
    }
    var computed: [UInt64: Int] = [:]
    for step in steps(&scheduler) {
      #expect(!step.isEmpty && step.values.reduce(0) { $0 + $1.count } <= 64)
      for (id, range) in step {
        #expect(range == 0..<lengths[Int(id)])
        computed[id, default: 0] += 1
      }
    }
    #expect(computed.count == 30 && computed.values.allSatisfy { $0 == 1 })
    #expect(scheduler.freePages == 20)
  }

  @Test("The first in line goes on, however little a step should take; others wait for room")
  func longest() {
    var scheduler = Scheduler(limits: Self.limits())
    for (index, length) in [64, 40, 30, 24].enumerated() {
      scheduler.submit(SequenceID(UInt64(index)), tokens: tokens(length), outputs: 0..<length)
    }
    #expect(steps(&scheduler).map { $0.keys.sorted() } == [[0], [1], [2, 3]])
  }

  @Test("What a sequence computed is not left to one that begins like it")
  func nothingShared() {
    var scheduler = Scheduler(limits: Self.limits())
    for round in 0..<3 {
      scheduler.submit(SequenceID(UInt64(round)), tokens: tokens(40), outputs: 0..<40)
      #expect(steps(&scheduler).map { Array($0.values) } == [[0..<40]])
    }
    #expect(scheduler.prefixHits.positions == 0)
  }
}
