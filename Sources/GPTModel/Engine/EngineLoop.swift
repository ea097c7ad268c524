import Tensor

/// The engine's thread: takes what arrived, computes a step, reports what came of it.
///
/// `@unchecked Sendable`: built by `Engine.init`, then handed to the one thread that uses it.
final class EngineLoop: @unchecked Sendable {
  private let driver: StepDriver
  private let encoding: AttachmentEncoding?
  private let mailbox: Mailbox
  private let measures: MeasureLog
  private let turns: Turns
  private let clock = ContinuousClock()
  private let epoch: ContinuousClock.Instant
  private var scheduler: Scheduler
  private var sampler: Sampler
  private var generations: [SequenceID: Generation] = [:]
  private var plan = StepPlan()
  private var shares = StepShares()
  private let accountsByClient: Bool
  private let takesRuns: Bool
  /// What is drafted for one sequence; kept, so that a step takes no memory for it.
  private var draft: [Token] = []
  /// How far generations came, and which of them ended, since the last report.
  private var changes: [PhaseChange] = []
  private var ended: [SequenceID] = []
  private var steps = 0
  private var cancelToFree = CancelToFree()

  /// What other threads share with the loop.
  struct Outside {
    let mailbox: Mailbox
    let measures: MeasureLog
    /// Taken by each engine that computes on the same threads.
    let turns: Turns
    /// Whether clients have accounts of their own.
    let accountsByClient: Bool
    /// Whether tokens that a constraint leaves no choice about are taken without their logits.
    let takesRuns: Bool
  }

  init(
    driver: StepDriver, encoding: AttachmentEncoding?, scheduler: consuming Scheduler,
    sampler: Sampler, outside: Outside
  ) {
    self.driver = driver
    self.encoding = encoding
    mailbox = outside.mailbox
    measures = outside.measures
    turns = outside.turns
    accountsByClient = outside.accountsByClient
    takesRuns = outside.takesRuns
    epoch = clock.now
    self.scheduler = scheduler
    self.sampler = sampler
    publish(isStepping: false)
  }

  /// Steps until the engine is stopped; waits where there is nothing to do.
  func run() {
    while let commands = mailbox.take(idle: generations.isEmpty) {
      for command in commands { perform(command) }
      for id in scheduler.removeExpired(at: seconds) { fail(id, .waitedTooLong) }
      if !generations.isEmpty { step() }
      publish(isStepping: false)
    }
    for generation in generations.values { generation.fail(.shuttingDown) }
    for case .submit(let generation) in mailbox.abandon() { generation.fail(.shuttingDown) }
  }

  /// Seconds since the engine began.
  private var seconds: Double { (clock.now - epoch) / .seconds(1) }

  /// Schedules a step, runs it, and records each row that it computes.
  private func step() {
    schedule()
    publish(isStepping: true)
    compute()
    encode()
    steps += 1
  }

  /// Computes the positions of the plan, if it has any.
  private func compute() {
    guard !plan.entries.isEmpty else { return }
    noteShares()
    let start = seconds
    turns.take {
      driver.run(
        plan, tokens: { scheduler.tokens(of: $0) }, demand: { demand(of: $0) },
        { record($1, of: $0) })
    }
    let taken = seconds - start
    reportProgress()
    let drafted = plan.entries.reduce(0) { $0 + $1.drafted }
    measures.note { measures in
      measures.noteStep(rows: plan.rows)
      measures.noteDrafted(drafted)
      measures.charge(taken, by: shares)
    }
    scheduler.observe(plan, seconds: taken)
  }

  /// Tells those who want to know how much of their prompts the plan computed.
  private func reportProgress() {
    for entry in plan.entries {
      guard let generation = generations[entry.id], generation.request.reportsProgress else {
        continue
      }
      generation.reportProgress(
        computed: entry.end, cached: scheduler.cachedPositions(of: entry.id), at: clock.now)
    }
  }

  /// Notes on whose account the positions of the plan are computed.
  private func noteShares() {
    shares.removeAll()
    for entry in plan.entries {
      guard let generation = generations[entry.id] else { continue }
      shares.add(
        entry, prompt: generation.request.prompt.count, client: account(of: generation))
    }
  }

  /// The client on whose account a generation runs; nil where clients have none.
  private func account(of generation: Generation) -> String? {
    accountsByClient ? generation.request.terms.client : nil
  }

  /// Encodes the attachments of the plan, for the steps to come. One that cannot be encoded ends the
  /// request that it was encoded for; others that have the same are told by themselves.
  private func encode() {
    for part in plan.encodings {
      guard let generation = generations[part.id], let encoding else {
        // It ended in this step.
        scheduler.finish(part, isEncoded: false)
        continue
      }
      let attachment = generation.request.prompt.attachments[part.attachment]
      do throws(AttachmentError) {
        try turns.take { () throws(AttachmentError) in
          try encoding.run(attachment.payload, rows: part.rows)
        }
        scheduler.finish(part, isEncoded: true)
      } catch {
        scheduler.finish(part, isEncoded: false)
        fail(part.id, .attachmentNotEncoded(error))
      }
    }
  }

  /// Plans a step, and notes who was started with it and who lost its pages.
  private func schedule() {
    propose()
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

  /// Drafts tokens of the sequences that write, fewer the more of them there are.
  private func propose() {
    let most = scheduler.limits.draftRowsPerStep
    guard most > 0, scheduler.runningCount <= most else { return }
    let length = (most + 1) / max(1, scheduler.runningCount) - 1
    guard length > 0 else { return }
    for generation in generations.values where generation.phase == .decoding {
      generation.draft(into: &draft, atMost: length)
      if !draft.isEmpty { scheduler.propose(draft, for: generation.id) }
    }
  }

  /// What is wanted of a part of the step. The mask of a token that will be chosen from it is worked out
  /// too, before anything waits for it.
  private func demand(of entry: StepPlan.Entry) -> RowDemand {
    guard !entry.outputs.isEmpty, let generation = generations[entry.id] else {
      return RowDemand()
    }
    let isCaughtUp = scheduler.isCaughtUp(entry.id)
    if isCaughtUp, generation.needsMask { prepareMask(of: generation) }
    return generation.demand(
      of: entry.outputs, isCaughtUp: isCaughtUp, drafted: entry.drafted)
  }

  private func prepareMask(of generation: Generation) {
    let start = clock.now
    generation.prepareMask()
    let seconds = (clock.now - start) / .seconds(1)
    measures.note { $0.noteMask(after: seconds) }
  }

  /// Hands a row to its generation; gives a sequence its next token from the row of the last that is known,
  /// and lets others share what is finite.
  private func record(_ row: StepRow, of entry: StepPlan.Entry) {
    guard let generation = generations[entry.id] else { return }
    generation.take(row, sampler: &sampler)
    if row.isLast || !row.isState, scheduler.isDue(row.position, of: entry.id) {
      advance(generation, logits: row.values, at: clock.now)
    } else if row.isLast, entry.drafted == 0, row.isFinite {
      scheduler.confirm(entry.id)
    }
  }

  private func advance(
    _ generation: Generation, logits: UnsafeBufferPointer<Float>, at time: ContinuousClock.Instant
  ) {
    generation.cachedTokens = scheduler.cachedPositions(of: generation.id)
    let (wait, isFirst) = generation.milestones.noteToken(at: time)
    let (before, isForced) = (generation.generated, generation.isForced)
    let drafted = scheduler.nextDrafted(of: generation.id)
    let token = generation.advance(logits: logits, sampler: &sampler, drafted: drafted)
    if generation.isSound { scheduler.confirm(generation.id) }
    if generation.generated > before { measure(generation, after: wait, isFirst: isFirst) }
    if isForced { measures.note { $0.noteForcedToken() } }
    if let drafted, drafted.token == token { measures.note { $0.noteAcceptedDraft() } }
    guard let token else { return end(generation) }
    scheduler.append(token, to: generation.id)
    note(generation.id, .decoding)
    if takesRuns { takeRun(of: generation, at: time) }
  }

  /// Goes on by the tokens that the constraint leaves no choice about: they are computed together in the
  /// next step, where no logits but the last are wanted.
  private func takeRun(of generation: Generation, at time: ContinuousClock.Instant) {
    for _ in 0..<Scheduler.longestRun {
      if generation.needsMask { prepareMask(of: generation) }
      guard generation.isForced, generation.takesRuns else { return }
      let (wait, isFirst) = generation.milestones.noteToken(at: time)
      let token = generation.force()
      measure(generation, after: wait, isFirst: isFirst)
      measures.note { $0.noteForcedToken() }
      guard let token else { return end(generation) }
      scheduler.append(token, to: generation.id)
    }
  }

  /// Notes that a token was chosen.
  private func measure(_ generation: Generation, after seconds: Double, isFirst: Bool) {
    let (prompt, cached) = (generation.request.prompt.count, generation.cachedTokens)
    let client = account(of: generation)
    measures.note { measures in
      guard isFirst else {
        measures.noteToken(after: seconds)
        return measures.changeAccount(of: client) { $0.noteToken() }
      }
      measures.noteFirstToken(
        after: seconds, prompt: prompt, cached: cached,
        looksUp: generation.request.terms.usesCache)
      measures.changeAccount(of: client) { $0.notePrompt(prompt, cached: cached) }
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
      var terms = generation.request.terms
      terms.deadline = terms.longestWait.map { seconds + $0 }
      scheduler.submit(
        generation.id, tokens: generation.request.prompt.tokens, terms: terms,
        outputs: generation.request.outputs, attachments: generation.request.prompt.places)
    case .cancel(let id, let cancellation):
      guard let generation = generations[id] else { return }
      end(generation)
      // The place of one that waited was free at once.
      guard cancellation.phase != .queued else { return }
      cancelToFree[cancellation.phase].add((clock.now - cancellation.time) / .seconds(1))
    case .cut:
      let left = generations.keys.sorted()
      mailbox.noteCut(left.count)
      for id in left { fail(id, .shuttingDown) }
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
    status.heldAttachmentRows = scheduler.heldEmbeddingRows
    status.totalPages = scheduler.limits.pages
    status.positionsPerPage = scheduler.limits.positionsPerPage
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
