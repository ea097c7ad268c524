import GPTModel

/// Runs the real scheduler under clients, a model, a clock and faults that all follow from one seed,
/// and checks after each step what must hold whatever happens.
package final class Simulation {
  let seed: UInt64
  let settings: SimulationSettings
  var generator: SeededGenerator
  var scheduler: Scheduler
  var ledger = RequestLedger()
  var model: SimulatedModel
  var store: SimulatedStore
  var order: SimulatedOrder
  /// Whether `order` is known to be exact.
  var isOrderKnown = true
  var plan = StepPlan()
  /// All sequences ever taken in, by number, and those that have not ended, the oldest first.
  var sequences: [SimulatedSequence] = []
  var live: [SimulatedSequence] = []
  /// Numbers used for sequences that were refused have no sequence.
  var byNumber: [UInt64: SimulatedSequence] = [:]
  /// Texts that others may continue or share the start of.
  var texts: [(client: Int, salt: String, prompt: SimulatedPrompt)] = []
  /// Pages that ended sequences left, by what the slot of their last position holds.
  var left: [UInt64: Int32] = [:]
  /// The hashes under which `left` has pages.
  var hashesLeft: [Int32: UInt64] = [:]
  var nextNumber: UInt64 = 0
  var now = 0.0
  var step = 0
  var submitted = 0
  var hasDrained = false
  package internal(set) var report = SimulationReport()
  private let trace: ((String) -> Void)?

  /// Prepares what a seed stands for.
  ///
  /// - Parameters:
  ///   - seed: Decides everything.
  ///   - trace: Is told what happens.
  package init(seed: UInt64, trace: ((String) -> Void)? = nil) {
    self.seed = seed
    self.trace = trace
    generator = SeededGenerator(seed: SimulatedModel.hash(7, after: seed))
    settings = SimulationSettings(using: &generator)
    scheduler = Scheduler(limits: settings.limits)
    model = SimulatedModel(settings.limits)
    store = SimulatedStore(count: settings.limits.embeddingRows)
    order = SimulatedOrder(clients: settings.clients)
  }

  /// Runs to the end, or to the first violation.
  package static func run(seed: UInt64, trace: ((String) -> Void)? = nil) -> SimulationReport {
    let simulation = Simulation(seed: seed, trace: trace)
    simulation.run()
    return simulation.report
  }

  private func run() {
    note("\(settings)")
    var bound = Int.max
    while report.violation == nil {
      let arrivesMore = submitted < settings.arrivals && step < settings.drain
      if !arrivesMore {
        if !hasDrained { note("no more arrivals") }
        hasDrained = true
        // Each step at least the first in line progresses, and can be thrown back by those taken in
        // before only.
        if bound == Int.max { bound = step + (live.count + 1) * (positionsToCompute + 10) }
        if live.isEmpty { break }
      }
      if step > bound { violate("\(live.count) sequences do not come to an end") }
      if arrivesMore { arrive() }
      disturb()
      expire()
      if !live.isEmpty { takeStep() }
      checkState()
      now += 0.001 * Double(1 + generator.below(40))
      step += 1
    }
    report.steps = step
    report.preemptions = scheduler.preemptions
    checkEnd()
  }

  private var positionsToCompute: Int {
    // Each attachment may be encoded, and wait for another's rows, before it is computed.
    live.reduce(0) { $0 + $1.promptCount + $1.target + 2 * $1.attachments.count }
  }

  /// Plans a step, computes it, and gives each complete sequence its next token.
  private func takeStep() {
    let preemptions = scheduler.preemptions
    for sequence in live {
      sequence.wasRunning = sequence.isRunning
      sequence.isRunning = false
      sequence.isAdmitted = false
    }
    for (id, computed) in scheduler.progress { byNumber[id.number]?.computedBefore = computed }
    propose()
    scheduler.plan(into: &plan)
    check(plan, preemptions: scheduler.preemptions - preemptions)
    guard report.violation == nil else { return }
    note("step \(step): \(plan.entries.map(describe))")
    let hashes = compute()
    guard report.violation == nil else { return }
    observe(seconds: duration())
    if !hasDrained, generator.happens(settings.failures) {
      failStep()
    } else {
      record(hashes)
    }
    encode()
  }

  private func observe(seconds: Double) {
    let before = scheduler.budget.secondsPerPromptRow
    scheduler.observe(plan, seconds: seconds)
    let after = scheduler.budget.secondsPerPromptRow
    if before > 0, after > 2 * before {
      violate("a step of \(seconds) seconds makes a row take \(after / before) times as long")
    }
    let isTime = seconds > 0 && seconds.isFinite
    if !after.isFinite || after < 0 || (!isTime && before != after) {
      violate("a row of a prompt takes \(after) seconds after a step of \(seconds)")
    }
  }

  private func duration() -> Double {
    switch generator.below(40) {
    case 0: generator.one(of: 0, -1, .nan, .infinity, 1e300, 1e-300)
    case 1: 2
    default: 0.002 + 0.0005 * Double(plan.rows + generator.below(8))
    }
  }

  private func compute() -> [[UInt64]] {
    var hashes: [[UInt64]] = []
    model.copy(plan.copies)
    report.stateCopies += plan.copies.count
    for entry in plan.entries {
      guard let sequence = byNumber[entry.id.number] else { return [] }
      let tokens = scheduler.tokens(of: entry)
      if Array(tokens) != expectedTokens(of: entry, sequence) {
        violate("\(entry.id.number) is computed with tokens that are not its own")
        return []
      }
      forgetLeft(entry)
      poison(sequence, in: entry)
      let inputs = store.inputs(of: entry)
      checkInputs(inputs, of: entry, sequence)
      let outcome = model.compute(entry, tokens: tokens, inputs: inputs, of: sequence, step: step)
      switch outcome {
      case .hashes(let rows): hashes.append(rows)
      case .wrongState:
        violate("\(entry.id.number) goes on from a state that is not its own at \(entry.first)")
        return []
      case .conflict(let page):
        violate("\(entry.id.number) writes page \(page), which another writes in the same step")
        return []
      }
    }
    for entry in plan.entries {
      guard let sequence = byNumber[entry.id.number] else { return [] }
      checkPages(of: entry, sequence)
    }
    return hashes
  }

  /// Lets values be not finite this time, where an entry has the position for it.
  private func poison(_ sequence: SimulatedSequence, in entry: StepPlan.Entry) {
    guard let position = sequence.poison, position >= entry.first,
      position < entry.first + entry.count
    else { return }
    note("\(sequence.id.number) is not finite at position \(position)")
    report.poisoned += 1
    (sequence.poison, sequence.poisoned) = (nil, position)
  }

  private func record(_ hashes: [[UInt64]]) {
    for (entry, rows) in zip(plan.entries, hashes) where !entry.outputs.isEmpty {
      guard let sequence = byNumber[entry.id.number] else { return }
      let known = sequence.tokens.count
      for (position, hash) in zip((entry.end - rows.count)..., rows) where sequence.ending == nil {
        let isDue = isDue(position, of: entry, sequence, known: known)
        if scheduler.isDue(position, of: entry.id) != isDue {
          violate("\(entry.id.number) is to choose from \(position): \(!isDue)")
        }
        record(hash, at: position, of: entry, isDue: isDue)
      }
    }
  }

  /// Takes a row, from which a token is chosen where it is due.
  private func record(_ hash: UInt64, at position: Int, of entry: StepPlan.Entry, isDue: Bool) {
    guard let sequence = byNumber[entry.id.number], isDue || entry.drafted == 0 else { return }
    let isSpoiled = isDue && sequence.spoiledAfter.map { $0 <= sequence.written } ?? false
    if isSpoiled {
      // A finite row before this one tells that all that it sees is finite.
      let isFirst = position == entry.end - 1 - entry.drafted
      model.spoil(entry, from: isFirst ? entry.first : position)
    }
    guard hash != SimulatedModel.notFinite, !isSpoiled else {
      if isDue { end(sequence, .notFinite) }
      return
    }
    scheduler.confirm(entry.id)
    // What the row sees is finite, and so is all up to it if what it does not see was known to be.
    let seen = position + 1 - (settings.limits.window ?? position + 1)
    if sequence.confirmed >= seen { sequence.confirmed = position + 1 }
    guard isDue else { return }
    if sequence.wantedFrom < sequence.promptCount {
      violate("\(entry.id.number) is complete and wants \(sequence.wantedFrom)")
    }
    if hash != sequence.chain.last { violate("\(entry.id.number) differs from its solo run") }
    write(sequence, isDrafted: entry.drafted > 0)
  }

  /// Ends everything, as an engine does whose step failed with pages half written.
  private func failStep() {
    note("the step fails")
    report.failures += 1
    for entry in plan.entries { model.spoil(entry) }
    for sequence in live { end(sequence, .failed) }
  }

  /// Ends a sequence, and has the scheduler forget it.
  func end(_ sequence: SimulatedSequence, _ ending: SimulatedSequence.Ending) {
    let number = sequence.id.number
    note("\(number) ends: \(ending)")
    if let before = sequence.ending { violate("\(number) ends again after it was \(before)") }
    sequence.ending = ending
    // One that waits gives its place back before the scheduler knows of it.
    if !sequence.isRunning { ledger.withdraw(sequence.id) }
    ledger.end(sequence.id)
    live.removeAll { $0 === sequence }
    if sequence.isRunning, ending != .failed { remember(sequence) }
    if ending != .expired { scheduler.remove(sequence.id) }
    if scheduler.cachedPositions(of: sequence.id) != 0 { violate("\(number) is remembered") }
    sequence.isRunning = false
    if !live.contains(where: { $0.client == sequence.client }) { order.leave(sequence.client) }
    switch ending {
    case .finished:
      report.finished += 1
      var text = sequence.prompt
      text.tokens = sequence.tokens
      texts.append((sequence.client, sequence.terms.cacheSalt, text))
    case .notFinite: report.spoiled += 1
    case .expired: report.expired += 1
    case .cancelled, .failed, .notEncoded: break
    }
  }

  private func describe(_ entry: StepPlan.Entry) -> String {
    "\(entry.id.number)[\(entry.first)+\(entry.count) in \(entry.tables)]"
  }

  /// Tells the trace what happens.
  func note(_ text: @autoclosure () -> String) {
    trace?(text())
  }

  /// Notes the first violation, after which the simulation stops.
  func violate(_ text: String) {
    guard report.violation == nil else { return }
    report.violation = "apus-sim --seed \(seed): step \(step): \(text)"
    report.violations = 1
    note(text)
  }
}
