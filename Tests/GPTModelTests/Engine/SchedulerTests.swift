import GPTModel
import TestSupport
import Testing

@Suite("Scheduler")
struct SchedulerTests {
  private static let limits = SchedulerLimits(
    rowsPerStep: 8, runningSequences: 3, waitingSequences: 4, pages: 6, positionsPerPage: 4)

  private func plan(_ scheduler: inout Scheduler) -> StepPlan {
    var plan = StepPlan()
    scheduler.plan(into: &plan)
    return plan
  }

  private func submit(
    _ id: UInt64, known: Int, to scheduler: inout Scheduler, accepted: Bool = true
  ) {
    let isAccepted = scheduler.submit(SequenceID(id), known: known)
    #expect(isAccepted == accepted)
  }

  private func expect(
    _ scheduler: borrowing Scheduler, running: Int, waiting: Int, freePages: Int
  ) {
    let found = [scheduler.runningCount, scheduler.waitingCount, scheduler.freePages]
    #expect(found == [running, waiting, freePages])
  }

  @Test("A prompt longer than the budget is computed in chunks, and completes with the last")
  func chunks() {
    var scheduler = Scheduler(limits: Self.limits)
    submit(0, known: 19, to: &scheduler)
    var seen: [[Int]] = []
    for _ in 0..<3 {
      for entry in plan(&scheduler).entries {
        seen.append([entry.first, entry.count, entry.completes ? 1 : 0])
      }
    }
    #expect(seen == [[0, 8, 0], [8, 8, 0], [16, 3, 1]])
    #expect(plan(&scheduler).entries.isEmpty)
  }

  @Test("A sequence that lacks one token goes before a long prompt, and both share the step")
  func decodeFirst() {
    var scheduler = Scheduler(limits: Self.limits)
    submit(0, known: 2, to: &scheduler)
    _ = plan(&scheduler)
    scheduler.append(SequenceID(0))
    submit(1, known: 12, to: &scheduler)
    let entries = plan(&scheduler).entries
    #expect(entries.map(\.id.number) == [0, 1])
    #expect(entries.map(\.count) == [1, 7])
  }

  @Test("Beyond the queue's limit a sequence is refused, and nothing changes")
  func queueLimit() {
    var scheduler = Scheduler(limits: Self.limits)
    for id in 0..<4 as Range<UInt64> { submit(id, known: 1, to: &scheduler) }
    submit(4, known: 1, to: &scheduler, accepted: false)
    expect(scheduler, running: 0, waiting: 4, freePages: Self.limits.pages)
  }

  @Test("When pages run out the newest sequence gives all of its pages back and starts over")
  func preemption() {
    var scheduler = Scheduler(limits: Self.limits)
    submit(0, known: 8, to: &scheduler)
    _ = plan(&scheduler)
    submit(1, known: 8, to: &scheduler)
    _ = plan(&scheduler)
    expect(scheduler, running: 2, waiting: 0, freePages: 2)
    var preempted = false
    for _ in 0..<16 {
      scheduler.append(SequenceID(0))
      scheduler.append(SequenceID(1))
      _ = plan(&scheduler)
      let violations = scheduler.checkInvariants()
      #expect(violations == [])
      preempted = preempted || scheduler.waitingCount == 1
    }
    #expect(preempted)
    expect(scheduler, running: 1, waiting: 1, freePages: 0)
    scheduler.remove(SequenceID(0))
    let entry = plan(&scheduler).entries.first
    #expect(entry?.id == SequenceID(1))
    #expect(entry?.first == 0)
  }

  @Test("Removing frees the pages of running and the place of waiting sequences; twice is harmless")
  func removal() {
    var scheduler = Scheduler(limits: Self.limits)
    submit(0, known: 20, to: &scheduler)
    submit(1, known: 20, to: &scheduler)
    _ = plan(&scheduler)
    for _ in 0..<2 {
      scheduler.remove(SequenceID(1))
      scheduler.remove(SequenceID(0))
    }
    expect(scheduler, running: 0, waiting: 0, freePages: Self.limits.pages)
  }

  @Test("Under random arrivals and removals every rule holds after every step, and all get done")
  func randomTraces() {
    for seed in 0..<300 as Range<UInt64> {
      var trace = SchedulerTrace(limits: Self.limits, seed: seed)
      for _ in 0..<60 { trace.step(arrivals: true) }
      var steps = 0
      while !trace.isDone, steps < 2000 {
        trace.step(arrivals: false)
        steps += 1
      }
      let (violations, isDone) = (trace.violations, trace.isDone)
      #expect(violations == [], "seed \(seed)")
      #expect(isDone, "seed \(seed) did not finish")
    }
  }
}

/// Drives a scheduler with random events and checks each plan against its own record.
private struct SchedulerTrace: ~Copyable {
  private struct Record {
    var computed = 0
    var known: Int
    let final: Int
  }

  private var scheduler: Scheduler
  private var generator: SeededGenerator
  private var records: [SequenceID: Record] = [:]
  private var nextID: UInt64 = 0
  private var plan = StepPlan()
  private let limits: SchedulerLimits
  private(set) var violations: [String] = []

  init(limits: SchedulerLimits, seed: UInt64) {
    self.limits = limits
    scheduler = Scheduler(limits: limits)
    generator = SeededGenerator(seed: seed)
  }

  var isDone: Bool { records.isEmpty && scheduler.freePages == limits.pages }

  mutating func step(arrivals: Bool) {
    if arrivals { arrive() }
    if arrivals, Int.random(in: 0..<8, using: &generator) == 0 { cancelOne() }
    scheduler.plan(into: &plan)
    check()
    for entry in plan.entries { record(entry) }
    violations += scheduler.checkInvariants()
  }

  private mutating func arrive() {
    let capacity = limits.pages * limits.positionsPerPage
    for _ in 0..<Int.random(in: 0...1, using: &generator) {
      let known = Int.random(in: 1..<capacity, using: &generator)
      let id = SequenceID(nextID)
      guard scheduler.submit(id, known: known) else { continue }
      nextID += 1
      records[id] = Record(
        known: known, final: Int.random(in: (known + 1)...capacity, using: &generator))
    }
  }

  private mutating func cancelOne() {
    let ids = records.keys.sorted { $0.number < $1.number }
    guard let id = ids.randomElement(using: &generator) else { return }
    scheduler.remove(id)
    records[id] = nil
  }

  private mutating func check() {
    if plan.rows > limits.rowsPerStep { violations.append("a step of \(plan.rows) rows") }
    if !records.isEmpty, plan.entries.isEmpty { violations.append("a step without work") }
    var pages: Set<Int32> = []
    for page in plan.entries.flatMap(\.pages) where !pages.insert(page).inserted {
      violations.append("page \(page) in two sequences")
    }
    for entry in plan.entries {
      let needed =
        (entry.first + entry.count + limits.positionsPerPage - 1)
        / limits.positionsPerPage
      if entry.pages.count < needed { violations.append("too few pages") }
    }
  }

  private mutating func record(_ entry: StepPlan.Entry) {
    guard var record = records[entry.id] else {
      violations.append("a plan for an unknown sequence")
      return
    }
    if entry.first != record.computed, entry.first != 0 { violations.append("a gap or a repeat") }
    record.computed = entry.first + entry.count
    if entry.completes != (record.computed == record.known) { violations.append("completion") }
    if entry.completes {
      record.known += 1
      if record.known == record.final {
        scheduler.remove(entry.id)
        records[entry.id] = nil
        return
      }
      scheduler.append(entry.id)
    }
    records[entry.id] = record
  }
}
