import Tensor

/// The engine's thread: takes what arrived, computes a step, reports what came of it.
///
/// `@unchecked Sendable`: built by `Engine.init`, then handed to the one thread that uses it.
final class EngineLoop: @unchecked Sendable {
  private let decoder: any Decoder
  private let mailbox: Mailbox
  private let measures: MeasureLog
  /// Rows whose logits the decoder computes at a time, S.
  private let logitRows: Int
  private let clock = ContinuousClock()
  private let epoch: ContinuousClock.Instant
  private var scheduler: Scheduler
  private var sampler: Sampler
  private var generations: [SequenceID: Generation] = [:]
  private var plan = StepPlan()
  private var batch = Batch()
  /// How far generations came, and which of them ended, since the last report.
  private var changes: [PhaseChange] = []
  private var ended: [SequenceID] = []
  private var steps = 0
  private var cancelToFree = CancelToFree()

  init(
    decoder: any Decoder, capacity: DecoderCapacity, sampler: Sampler, mailbox: Mailbox,
    measures: MeasureLog
  ) {
    self.decoder = decoder
    self.mailbox = mailbox
    self.measures = measures
    logitRows = capacity.logitRows
    epoch = clock.now
    scheduler = Scheduler(limits: capacity.limits)
    self.sampler = sampler
    publish(isStepping: false)
  }

  /// Steps until the engine is stopped; waits where there is nothing to do.
  func run() {
    while let commands = mailbox.take(idle: generations.isEmpty) {
      for command in commands { perform(command) }
      for id in scheduler.removeExpired(at: seconds) { fail(id, .waitedTooLong) }
      if !generations.isEmpty {
        planStep()
        publish(isStepping: true)
        runStep()
      }
      publish(isStepping: false)
    }
    for generation in generations.values { generation.fail(.shuttingDown) }
    for case .submit(let generation) in mailbox.abandon() { generation.fail(.shuttingDown) }
  }

  /// Seconds since the engine began.
  private var seconds: Double { (clock.now - epoch) / .seconds(1) }

  /// Schedules a step, and notes who was started with it and who lost its pages.
  private func planStep() {
    scheduler.plan(into: &plan)
    for move in plan.moves {
      switch move {
      case .started(let id):
        generations[id]?.milestones.noteStart(at: clock.now)
        note(id, .prefilling)
      case .preempted(let id, let tokens): note(id, .queued, tokens: tokens)
      }
    }
  }

  /// Runs the step that was planned, and records what came of it.
  private func runStep() {
    let start = seconds
    batch.assemble(plan) { scheduler.tokens(of: $0) }
    for entry in plan.entries where entry.completes { generations[entry.id]?.prepareMask() }
    record(decoder.run(batch))
    measures.note { $0.noteStep(rows: plan.rows) }
    scheduler.observe(plan, seconds: seconds - start)
    steps += 1
  }

  /// Gives each sequence that is complete its next token, and lets others share what is finite.
  private func record(_ logits: Matrix) {
    var row = 0
    let now = clock.now
    for entry in plan.entries where entry.wantsLogits && entry.wanted.isEmpty {
      let scores = UnsafeBufferPointer(start: logits.row(row), count: logits.columns)
      row += 1
      guard let generation = generations[entry.id] else { continue }
      if entry.completes {
        advance(generation, logits: scores, at: now)
      } else if scores.allSatisfy({ $0 < .infinity }) {
        scheduler.confirm(entry.id)
      }
    }
    // Afterwards, because what is computed for them takes the place of the logits.
    var end = 0
    for entry in plan.entries {
      end += entry.count
      guard !entry.wanted.isEmpty, let generation = generations[entry.id] else { continue }
      examine(entry, of: generation, rows: (end - entry.wanted.count)..<end)
    }
  }

  /// Hands over each position that is wanted of a prompt, and goes on where the prompt is complete.
  ///
  /// - Parameter rows: The rows of the step that hold the positions.
  private func examine(_ entry: StepPlan.Entry, of generation: Generation, rows: Range<Int>) {
    var last = UnsafeBufferPointer<Float>(start: nil, count: 0)
    if generation.wantsPromptStates {
      last = examine(decoder.states(ofRows: rows)) {
        generation.take(state: $1, at: entry.wanted.lowerBound + $0)
      }
    }
    if generation.wantsPromptLogits {
      for first in stride(from: 0, to: rows.count, by: logitRows) {
        let start = rows.lowerBound + first
        let block = start..<min(start + logitRows, rows.upperBound)
        last = examine(decoder.logits(ofRows: block).rows(0..<block.count)) {
          let position = entry.wanted.lowerBound + first + $0
          generation.take(logits: $1, at: position, sampler: &sampler)
        }
      }
    } else if entry.completes, generation.choosesTokens {
      let logits = decoder.logits(ofRows: (rows.upperBound - 1)..<rows.upperBound)
      last = UnsafeBufferPointer(start: logits.row(0), count: logits.columns)
    }
    if entry.completes {
      advance(generation, logits: last, at: clock.now)
    } else if last.allSatisfy({ $0 < .infinity }) {
      scheduler.confirm(entry.id)
    }
  }

  /// Calls `body` with each row and its number, and returns the last.
  private func examine(
    _ matrix: Matrix, _ body: (Int, UnsafeBufferPointer<Float>) -> Void
  ) -> UnsafeBufferPointer<Float> {
    var last = UnsafeBufferPointer<Float>(start: nil, count: 0)
    for row in 0..<matrix.rows {
      last = UnsafeBufferPointer(start: matrix.row(row), count: matrix.columns)
      body(row, last)
    }
    return last
  }

  private func advance(
    _ generation: Generation, logits: UnsafeBufferPointer<Float>, at time: ContinuousClock.Instant
  ) {
    generation.cachedTokens = scheduler.cachedPositions(of: generation.id)
    let (wait, isFirst) = generation.milestones.noteToken(at: time)
    let before = generation.generated
    let token = generation.advance(logits: logits, sampler: &sampler)
    if generation.isSound { scheduler.confirm(generation.id) }
    if generation.generated > before { measure(generation, after: wait, isFirst: isFirst) }
    if let token {
      scheduler.append(token, to: generation.id)
      note(generation.id, .decoding)
    } else {
      end(generation)
    }
  }

  /// Notes that a token was chosen.
  private func measure(_ generation: Generation, after seconds: Double, isFirst: Bool) {
    measures.note { measures in
      guard isFirst else { return measures.noteToken(after: seconds) }
      measures.noteFirstToken(
        after: seconds, prompt: generation.request.prompt.count, cached: generation.cachedTokens,
        looksUp: generation.request.terms.usesCache)
    }
  }

  /// Notes how far a generation has come, to be reported.
  private func note(_ id: SequenceID, _ phase: GenerationPhase, tokens: Int? = nil) {
    guard let generation = generations[id], generation.phase != phase else { return }
    generation.phase = phase
    changes.append(PhaseChange(id: id, phase: phase, tokens: tokens))
  }

  private func perform(_ command: Command) {
    switch command {
    case .submit(let generation):
      generations[generation.id] = generation
      do {
        var terms = generation.request.terms
        terms.deadline = terms.longestWait.map { seconds + $0 }
        try scheduler.submit(
          generation.id, tokens: generation.request.prompt, terms: terms,
          wanted: generation.request.wantedPositions)
      } catch {
        fail(generation.id, EngineError(error))
      }
    case .cancel(let id, let cancellation):
      guard let generation = generations[id] else { return }
      end(generation)
      // The place of one that waited was free at once.
      guard cancellation.phase != .queued else { return }
      cancelToFree[cancellation.phase].add((clock.now - cancellation.time) / .seconds(1))
    }
  }

  private func fail(_ id: SequenceID, _ error: EngineError) {
    guard let generation = generations[id] else { return }
    generation.fail(error)
    end(generation)
  }

  private func end(_ generation: Generation) {
    generations[generation.id] = nil
    scheduler.remove(generation.id)
    ended.append(generation.id)
    measures.note {
      $0.noteEnd(
        generation.ending, usage: generation.usage, times: generation.milestones.times)
    }
    assert(scheduler.checkInvariants().isEmpty)
  }

  private func publish(isStepping: Bool) {
    var status = EngineStatus()
    status.running = scheduler.runningCount
    status.freePages = scheduler.freePages
    status.totalPages = scheduler.limits.pages
    status.steps = steps
    status.preemptions = scheduler.preemptions
    status.prefixHits = scheduler.prefixHits.sequences
    status.cachedTokens = scheduler.prefixHits.positions
    status.cancelToFree = cancelToFree
    status.secondsPerPromptToken = scheduler.budget.secondsPerPromptRow
    mailbox.publish(status, changes: changes, ended: ended, isStepping: isStepping)
    changes.removeAll(keepingCapacity: true)
    ended.removeAll(keepingCapacity: true)
  }
}
