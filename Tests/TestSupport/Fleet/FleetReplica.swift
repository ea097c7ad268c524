import GPTModel

/// One simulated server: the engine's own scheduler, and a clock that steps move on.
final class FleetReplica {
  /// A request on its way.
  struct Job {
    let request: Int
    let arrival: Double
    let prompt: Int
    /// Tokens that were not written yet.
    var left: Int
    /// Rows that whoever sent it expects to be computed, and that were not yet.
    var expected: Int
    var hasBegun = false
  }

  /// What came of a request.
  struct Outcome {
    let request: Int
    /// Seconds from the arrival to the first token.
    let firstToken: Double
    /// Tokens of the prompt that were found computed.
    let cached: Int
  }

  private let limits: SchedulerLimits
  private let cost: StepCost
  private var scheduler: Scheduler
  private var plan = StepPlan()
  private var nextID: UInt64 = 0
  private(set) var jobs: [SequenceID: Job] = [:]
  private var clock = 0.0
  /// Rows of prompts that are expected to be computed before a new request's.
  private(set) var expectedRows = 0
  /// Rows computed so far, and seconds of steps.
  private(set) var rows = 0
  private(set) var busySeconds = 0.0
  /// First tokens since they were last taken.
  private var outcomes: [Outcome] = []

  init(limits: SchedulerLimits, cost: StepCost) {
    self.limits = limits
    self.cost = cost
    scheduler = Scheduler(limits: limits)
  }

  /// Requests that run or wait.
  var load: Int { jobs.count }

  /// Whether another request may wait.
  var hasRoom: Bool { scheduler.waitingCount < limits.waitingSequences }

  /// Takes a request.
  func submit(_ job: Job, tokens: [Token], at time: Double) {
    clock = max(clock, time)
    let id = SequenceID(nextID)
    nextID += 1
    jobs[id] = job
    expectedRows += job.expected
    scheduler.submit(id, tokens: tokens)
  }

  /// Computes steps up to a time; the last one may end after it.
  func advance(to time: Double) {
    while clock < time, !jobs.isEmpty { step() }
  }

  /// The outcomes since the last call.
  func takeOutcomes() -> [Outcome] {
    defer { outcomes.removeAll(keepingCapacity: true) }
    return outcomes
  }

  /// Loses all that it has, and begins anew with an empty cache.
  ///
  /// - Returns: The requests that were lost, and whether an answer had begun.
  func fail() -> [Job] {
    let lost = jobs.sorted { $0.key < $1.key }.map(\.value)
    jobs = [:]
    expectedRows = 0
    scheduler = Scheduler(limits: limits)
    return lost
  }

  private func step() {
    scheduler.plan(into: &plan)
    let writers = plan.entries.count { jobs[$0.id]?.hasBegun == true && $0.count == 1 }
    let promptRows = plan.rows - writers
    let seconds = cost.seconds(promptRows: promptRows, writers: writers)
    clock += seconds
    busySeconds += seconds
    rows += plan.rows
    scheduler.observe(plan, seconds: seconds)
    for entry in plan.entries { record(entry) }
  }

  private func record(_ entry: StepPlan.Entry) {
    guard var job = jobs[entry.id] else { return }
    let done = min(job.expected, entry.count)
    job.expected -= done
    expectedRows -= done
    scheduler.confirm(entry.id)
    if scheduler.isCaughtUp(entry.id) { write(&job, of: entry.id) }
    if job.left > 0 {
      jobs[entry.id] = job
    } else {
      expectedRows -= job.expected
      jobs[entry.id] = nil
      scheduler.remove(entry.id)
    }
  }

  private func write(_ job: inout Job, of id: SequenceID) {
    if !job.hasBegun {
      job.hasBegun = true
      outcomes.append(
        Outcome(
          request: job.request, firstToken: clock - job.arrival,
          cached: scheduler.cachedPositions(of: id)))
      // What was expected and was found instead does not wait any more.
      expectedRows -= job.expected
      job.expected = 0
    }
    job.left -= 1
    // Nobody else writes the same.
    if job.left > 0 {
      scheduler.append(Token(truncatingIfNeeded: job.request << 12 ^ job.left), to: id)
    }
  }
}
