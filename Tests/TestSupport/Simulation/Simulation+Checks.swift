import GPTModel

extension Simulation {
  private var length: Int { settings.limits.positionsPerPage }

  func pagesNeeded(_ positions: Int) -> Int { (positions + length - 1) / length }

  /// Checks a plan before it is computed.
  func check(_ plan: StepPlan, preemptions: Int) {
    let after = scheduler.progress
    for (id, computed) in after {
      guard let sequence = byNumber[id.number], sequence.ending == nil else {
        violate("\(id.number) runs, but was never taken in or has ended")
        return
      }
      sequence.isRunning = true
      sequence.start = computed
    }
    checkEntries(of: plan)
    checkDrafts(of: plan)
    noteMoves(of: plan, preemptions: preemptions)
    for sequence in live {
      if sequence.isAdmitted || !sequence.isRunning { sequence.poisoned = nil }
      guard sequence.isAdmitted else { continue }
      (sequence.confirmed, sequence.knownAtStart) = (sequence.start, sequence.tokens.count)
    }
    if plan.entries.isEmpty, plan.encodings.isEmpty {
      violate("nothing is planned while \(live.count) wait or run")
    }
    checkEncodings(of: plan)
    if let first = after.first?.id { checkFirst(first, in: plan) }
    checkPreemptions(count: preemptions)
    checkPrompts(in: plan)
    checkAdmissions(of: plan)
    for sequence in live where sequence.isAdmitted { sequence.wasStarted = true }
    for sequence in live where sequence.wasRunning { sequence.wasStarted = true }
    for entry in plan.entries {
      guard let sequence = byNumber[entry.id.number] else { continue }
      let wanted = entry.outputs.clamped(to: sequence.wantedFrom..<sequence.promptCount)
      if !wanted.isEmpty { sequence.wantedFrom = wanted.upperBound }
      report.positionsWanted += wanted.count
    }
  }

  /// Notes who was given pages, and checks that the plan says so of exactly those who have them now.
  private func noteMoves(of plan: StepPlan, preemptions: Int) {
    var running = Set(live.filter(\.wasRunning).map(\.id))
    for move in plan.moves {
      switch move {
      case .started(let id):
        if !running.insert(id).inserted { violate("\(id.number) is started twice") }
        ledger.apply(PhaseChange(id: id, phase: .prefilling))
        byNumber[id.number]?.isAdmitted = true
      case .preempted(let id, let tokens):
        if running.remove(id) == nil { violate("\(id.number) loses pages that it has not") }
        byNumber[id.number]?.isAdmitted = false
        ledger.apply(PhaseChange(id: id, phase: .queued, tokens: tokens))
        if tokens != byNumber[id.number]?.tokens.count {
          violate("\(id.number) is said to return with \(tokens) tokens")
        }
      }
    }
    for sequence in live where sequence.isRunning != running.contains(sequence.id) {
      violate("\(sequence.id.number) runs: \(sequence.isRunning), unlike its moves")
    }
    let counted = plan.moves.count { if case .preempted = $0 { true } else { false } }
    if counted != preemptions { violate("\(counted) lose their pages, \(preemptions) are counted") }
  }

  private func checkEntries(of plan: StepPlan) {
    if plan.rows > settings.limits.rowsPerStep { violate("the plan has \(plan.rows) rows") }
    var seen: Set<SequenceID> = []
    for entry in plan.entries {
      let number = entry.id.number
      guard let sequence = byNumber[number], sequence.isRunning,
        seen.insert(entry.id).inserted
      else {
        violate("\(number) is planned twice, or without pages")
        return
      }
      sequence.start -= entry.count
      sequence.tables = entry.tables
      let end = entry.end
      if entry.count < 1 || entry.first != sequence.start
        || end - entry.drafted > sequence.tokens.count
      {
        violate("\(number) is planned from \(entry.first) to \(end), after \(sequence.start)")
      }
      if entry.tables.map(\.count) != groups.map({ _ in pagesNeeded(end) }) {
        violate("\(number) has \(entry.tables.map(\.count)) pages for \(end) positions")
      }
      checkHeld(by: entry)
      checkOutputs(of: entry, sequence)
    }
  }

  /// Checks that an entry has the pages that its rows see, none that no row sees, and none twice.
  private func checkHeld(by entry: StepPlan.Entry) {
    let number = entry.id.number
    for (group, table) in entry.tables.enumerated() {
      for (place, page) in table.enumerated() {
        let isSeen = (place + 1) * length > firstSeen(from: entry.first, in: group)
        if isSeen != (page != PageLease.none) {
          violate("\(number) from \(entry.first) sees page \(place): \(isSeen), and has \(page)")
        }
      }
    }
    let held = entry.tables.map { table in table.drop { $0 == PageLease.none } }
    let pages = held.joined()
    if held[0].count < entry.pages.count { report.windows += 1 }
    if held.contains(where: { $0.count < held[0].count }) { report.groups += 1 }
    if Set(pages).count != pages.count { violate("\(number) has a page twice") }
    if pages.count > settings.limits.pages { violate("\(number) holds \(pages.count) pages") }
    for group in groups where held[group].count > mostHeld(in: group) {
      violate("\(number) holds \(held[group].count) pages of \(mostHeld(in: group))")
    }
    if entry.count > settings.limits.window ?? .max {
      violate("\(number) computes \(entry.count) positions that none sees together")
    }
  }

  /// The groups of layers.
  var groups: Range<Int> { settings.limits.windows.indices }

  /// The first position that some position from `position` on sees in a group.
  func firstSeen(from position: Int, in group: Int = 0) -> Int {
    settings.limits.windows[group].map { max(0, position + 1 - $0) } ?? 0
  }

  /// Pages of a group that a sequence may hold at a time: where the first of the positions that it sees may
  /// be the last of its page.
  private func mostHeld(in group: Int) -> Int {
    let limits = settings.limits
    guard let window = limits.windows[group] else { return limits.pages }
    return min(limits.pages, 1 + pagesNeeded(window + longestStep - 2))
  }

  private var longestStep: Int {
    min(settings.limits.window ?? .max, settings.limits.rowsPerStep)
  }

  /// Pages that a sequence holds at a time, at most, while it computes the positions of a range.
  func pagesHeld(_ positions: Range<Int>) -> Int {
    let held = groups.map { group in
      let before = firstSeen(from: positions.lowerBound, in: group) / length
      return min(mostHeld(in: group), pagesNeeded(positions.upperBound) - before)
    }
    return min(settings.limits.pages, held.reduce(0, +))
  }

  /// Checks which rows are wanted: those that the sequence asked for, and the last where a token is chosen
  /// from it, or others may be left what was computed.
  private func checkOutputs(of entry: StepPlan.Entry, _ sequence: SimulatedSequence) {
    let number = entry.id.number
    let isComplete = entry.end - entry.drafted == sequence.tokens.count
    if scheduler.isCaughtUp(entry.id) != isComplete {
      violate("\(number) is said not to be what it is, complete: \(isComplete)")
    }
    let wanted = (entry.first..<entry.end).filter {
      $0 >= sequence.wantedFrom && $0 < sequence.promptCount
        || $0 >= entry.end - 1 - entry.drafted && (isComplete || sequence.terms.usesCache)
    }
    if Array(entry.outputs) != wanted {
      violate("\(number) wants \(entry.outputs), not \(wanted)")
    }
    if sequence.wantedFrom < min(sequence.promptCount, entry.first) {
      violate("\(number) leaves out \(sequence.wantedFrom), which it wants")
    }
  }

  private func checkPreemptions(count: Int) {
    let lost = live.filter { $0.wasRunning && (!$0.isRunning || $0.isAdmitted) }
    if count < lost.count { violate("\(lost.count) lost their pages, \(count) were counted") }
    // One was started and lost its pages within the plan: its turn is not known.
    if count > lost.count { isOrderKnown = false }
    if count > 0 {
      left.removeAll()
      hashesLeft.removeAll()
    }
    for sequence in lost {
      for other in live where other.wasRunning && other.isRunning && !other.isAdmitted {
        if sequence.precedes(other) {
          violate("\(sequence.id.number) lost its pages before \(other.id.number)")
        }
      }
    }
    for sequence in live where sequence.wasRunning && sequence.isRunning && !sequence.isAdmitted {
      if sequence.start != sequence.computedBefore {
        violate("\(sequence.id.number) leaves positions out")
      }
    }
  }

  /// Checks that what is read beside what is written keeps to the budget.
  private func checkPrompts(in plan: StepPlan) {
    var (writing, reading, attached) = (0, 0, 0)
    for entry in plan.entries {
      guard let sequence = byNumber[entry.id.number] else { continue }
      let writes = sequence.wasRunning && !sequence.isAdmitted && sequence.wroteBefore
      if writes { writing += entry.count } else { reading += entry.count }
      if entry.isWritten != sequence.isWriting(after: entry.first) {
        violate("\(entry.id.number) is said to write: \(entry.isWritten)")
      }
      // Those whose rows were not there yet when the budget was drawn up.
      if writes, !entry.attached.isEmpty { attached += entry.count }
    }
    // The budget is drawn up before writers lose their pages, and prompts may take their rows.
    let before = live.reduce(0) {
      $0 + ($1.wasRunning && $1.wroteBefore ? $1.gapBefore + $1.draft.count : 0)
    }
    let most = max(writing, min(before, settings.limits.rowsPerStep))
    let allowed =
      (writing - attached...most).map { scheduler.budget.promptRows(beside: $0) + $0 - writing }
      .max() ?? 0
    if reading > allowed { violate("\(reading) rows of prompts, \(allowed) are allowed") }
    guard reading == 0, plan.rows < settings.limits.rowsPerStep else { return }
    for sequence in live
    where sequence.isRunning && !plan.contains(sequence.id) && !sequence.mayAwaitEncoding {
      violate("\(sequence.id.number) is not read though rows are left")
    }
  }

  /// Checks that the pages of an entry hold exactly what its sequence is to see.
  func checkPages(of entry: StepPlan.Entry, _ sequence: SimulatedSequence) {
    let number = entry.id.number
    for (group, table) in entry.tables.enumerated() {
      let end = entry.end - entry.drafted
      let chain = sequence.chain[firstSeen(from: entry.first, in: group)..<end]
      let poisoned = sequence.poisoned
      if let position = model.mismatch(chain, pages: table, in: group, poisoned: poisoned) {
        violate("\(number) sees what is not its own at position \(position) of \(entry.end)")
      }
    }
    for page in entry.tables.joined()
    where page != PageLease.none && model.wasWritten(page, in: step, except: entry.id) {
      violate("\(number) sees page \(page), which another writes in this step")
    }
  }

  /// Checks the state between two steps.
  func checkState() {
    guard report.violation == nil else { return }
    for violation in scheduler.checkInvariants() { violate(violation) }
    let waiting = live.filter { !$0.isRunning }
    let counts = [
      scheduler.runningCount, scheduler.waitingCount, scheduler.waitingTokens, ledger.waiting,
      ledger.waitingTokens,
    ]
    let tokens = waiting.reduce(0) { $0 + $1.tokens.count }
    let expected = [live.count - waiting.count, waiting.count, tokens, waiting.count, tokens]
    if counts != expected { violate("counts are \(counts), not \(expected)") }
    if isOrderKnown, scheduler.clientCount != order.remembered.count {
      violate("\(scheduler.clientCount) clients are remembered, not \(order.remembered.count)")
    }
    for sequence in live {
      let found = scheduler.cachedPositions(of: sequence.id)
      let expected = sequence.wasStarted ? sequence.found : 0
      if found != expected {
        violate("\(sequence.id.number) found \(found) positions, not \(expected)")
      }
    }
  }

  /// Checks what must hold when all has ended.
  func checkEnd() {
    guard report.violation == nil else { return }
    let limits = settings.limits
    if !ledger.isEmpty { violate("the ledger is not empty") }
    if scheduler.heldEmbeddingRows != 0 {
      violate("\(scheduler.heldEmbeddingRows) rows of attachments are held")
    }
    if scheduler.freeStates != limits.stateSlots ?? 0 {
      violate("\(scheduler.freeStates) states are free")
    }
    if scheduler.freePages != limits.pages { violate("\(scheduler.freePages) pages are free") }
    let hits = scheduler.prefixHits
    if hits.sequences != report.prefixHits || hits.positions != report.positionsFound {
      violate("\(hits) were counted as found, not \(report.positionsFound)")
    }
    for sequence in byNumber.values where sequence.ending == nil {
      violate("\(sequence.id.number) has no end")
    }
  }
}
