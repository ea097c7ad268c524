import Tensor

/// The engine's thread: takes what arrived, computes a step, reports what came of it.
///
/// `@unchecked Sendable`: built by `Engine.init`, then handed to the one thread that uses it.
final class EngineLoop: @unchecked Sendable {
  private let decoder: any Decoder
  private let mailbox: Mailbox
  private let clock = ContinuousClock()
  private let epoch: ContinuousClock.Instant
  private var scheduler: Scheduler
  private var sampler: Sampler
  private var generations: [SequenceID: Generation] = [:]
  private var plan = StepPlan()
  private var batch = Batch()
  /// The clients of generations that ended since the last report.
  private var ended: [String] = []
  private var steps = 0
  private var cancelToFree = DurationTally()

  init(
    decoder: any Decoder, capacity: DecoderCapacity, vocabularySize: Int, mailbox: Mailbox
  ) {
    self.decoder = decoder
    self.mailbox = mailbox
    epoch = clock.now
    scheduler = Scheduler(limits: capacity.limits)
    sampler = Sampler(vocabularySize: vocabularySize)
    publish(isStepping: false)
  }

  /// Steps until the engine is stopped; waits where there is nothing to do.
  func run() {
    while let commands = mailbox.take(idle: generations.isEmpty) {
      for command in commands { perform(command) }
      for id in scheduler.removeExpired(at: seconds) { fail(id, .waitedTooLong) }
      publish(isStepping: !generations.isEmpty)
      guard !generations.isEmpty else { continue }
      step()
      publish(isStepping: false)
    }
    for generation in generations.values { generation.fail(.shuttingDown) }
    for case .submit(let generation) in mailbox.abandon() { generation.fail(.shuttingDown) }
  }

  /// Seconds since the engine began.
  private var seconds: Double { (clock.now - epoch) / .seconds(1) }

  /// Schedules, runs and records one step.
  private func step() {
    let start = seconds
    scheduler.plan(into: &plan)
    batch.assemble(plan) { scheduler.tokens(of: $0) }
    record(decoder.run(batch))
    scheduler.observe(plan, seconds: seconds - start)
    steps += 1
  }

  /// Gives each sequence that is complete its next token.
  private func record(_ logits: Matrix) {
    var row = 0
    for entry in plan.entries where entry.completes {
      let scores = UnsafeBufferPointer(start: logits.row(row), count: logits.columns)
      row += 1
      guard let generation = generations[entry.id] else { continue }
      generation.cachedTokens = scheduler.cachedPositions(of: entry.id)
      if let token = generation.advance(logits: scores, sampler: &sampler) {
        scheduler.append(token, to: entry.id)
      } else {
        end(generation)
      }
    }
  }

  private func perform(_ command: Command) {
    switch command {
    case .submit(let generation):
      generations[generation.id] = generation
      do {
        var terms = generation.request.terms
        terms.deadline = terms.longestWait.map { seconds + $0 }
        try scheduler.submit(generation.id, tokens: generation.request.prompt, terms: terms)
      } catch {
        fail(generation.id, EngineError(error))
      }
    case .cancel(let id, let time):
      guard let generation = generations[id] else { return }
      end(generation)
      cancelToFree.add((clock.now - time) / .seconds(1))
    }
  }

  private func fail(_ id: SequenceID, _ error: EngineError) {
    guard let generation = generations[id] else { return }
    generation.fail(error)
    end(generation)
  }

  private func end(_ generation: Generation) {
    generations[generation.id] = nil
    scheduler.remove(generation.id, isSound: generation.isSound)
    ended.append(generation.request.terms.client)
    assert(scheduler.checkInvariants().isEmpty)
  }

  private func publish(isStepping: Bool) {
    var status = EngineStatus()
    status.running = scheduler.runningCount
    status.waiting = scheduler.waitingCount
    status.waitingTokens = scheduler.waitingTokens
    status.freePages = scheduler.freePages
    status.totalPages = scheduler.limits.pages
    status.steps = steps
    status.cancelToFree = cancelToFree
    status.secondsPerPromptToken = scheduler.budget.secondsPerPromptRow
    mailbox.publish(status, ended: ended, isStepping: isStepping)
    ended.removeAll(keepingCapacity: true)
  }
}
