import GPTModel

extension Simulation {
  private var length: Int { settings.limits.positionsPerPage }

  /// Checks who was given pages, in which order, what they found computed, and who was left waiting.
  func checkAdmissions(of plan: StepPlan) {
    let admitted = live.filter(\.isAdmitted)
    for sequence in admitted { checkFound(by: sequence, plan: plan) }
    let waiting = live.filter { !$0.isRunning || $0.isAdmitted }
    for sequence in waiting where sequence.wasRunning { sequence.wasStarted = true }
    let last = checkOrder(of: admitted, waiting: waiting)
    guard report.violation == nil else { return }
    let room = scheduler.freePages - pagesOutstanding
    if let last {
      // One page more than it needs now, so that it does not have to leave at its first token.
      let (start, end) = (last.start, last.tokens.count)
      let extra = pagesHeld(start..<end + length) - pagesHeld(start..<end)
      let grown = last.start + (entry(of: last, in: plan)?.count ?? 0) == last.tokens.count
      if room < (grown ? 0 : extra), admitted.count > 0 {
        violate("\(last.id.number) was started with too few pages left")
      }
    }
  }

  private func entry(of sequence: SimulatedSequence, in plan: StepPlan) -> StepPlan.Entry? {
    plan.entries.first { $0.id == sequence.id }
  }

  /// Pages that those running still need for what is known.
  private var pagesOutstanding: Int {
    var pages = 0
    for (id, computed) in scheduler.progress {
      guard let sequence = byNumber[id.number] else { continue }
      let held = groups.reduce(0) {
        $0 + pagesNeeded(computed) - firstSeen(from: sequence.start, in: $1) / length
      }
      pages += max(0, pagesHeld(sequence.start..<sequence.tokens.count) - held)
    }
    return pages
  }

  /// Replays the order by its rules; the sequences started must be the first of those that may be.
  ///
  /// - Returns: The sequence started last.
  private func checkOrder(
    of admitted: [SimulatedSequence], waiting: [SimulatedSequence]
  ) -> SimulatedSequence? {
    var (candidates, missing) = (waiting, admitted.count)
    var last: SimulatedSequence?
    var wasPassed = false
    while let next = order.next(of: candidates) {
      candidates.removeAll { $0 === next }
      if next.isAdmitted {
        order.start(next, missing: next.tokens.count - next.start)
        missing -= 1
        last = next
      } else if mayWaitForPrefix(next) {
        wasPassed = true
      } else if missing > 0, isOrderKnown {
        violate("\(next.id.number) was passed over by those of \(admitted.map(\.id.number))")
        return nil
      } else {
        if !wasPassed, missing == 0 { checkRoom(for: next) }
        break
      }
    }
    return last
  }

  /// Checks that a sequence was left waiting for a reason.
  private func checkRoom(for next: SimulatedSequence) {
    let limits = settings.limits
    let running = live.filter(\.isRunning)
    guard !live.contains(where: \.lostPages) else { return }
    var (writing, rows) = (0, 0)
    for sequence in running {
      let isWriting = !sequence.isAdmitted && sequence.isWriting(after: sequence.start)
      if !isWriting { rows += sequence.tokens.count - sequence.start }
    }
    for entry in plan.entries
    where entry.isWritten && byNumber[entry.id.number]?.isAdmitted == false {
      writing += entry.count
    }
    writing = min(writing, limits.rowsPerStep)
    // However slow steps are, something is read where rows are left.
    let least = writing < limits.rowsPerStep ? 1 : 0
    guard rows < max(least, scheduler.budget.promptRows(beside: writing)) else { return }
    let needed = pagesHeld(0..<next.tokens.count + length)
    let hasPages = scheduler.freePages - pagesOutstanding >= needed
    let hasState = limits.stateSlots == nil || scheduler.freeStates > 0
    if running.count < limits.runningSequences, hasPages, hasState {
      violate("\(next.id.number) waits though there are rows, places and pages for it")
    }
    if let other = running.first(where: { $0.terms.priority > next.terms.priority }) {
      violate("\(next.id.number) waits and \(other.id.number), less urgent, does not make room")
    }
  }

  /// Whether the page that a sequence needs next may just be computed by one that goes before it.
  private func mayWaitForPrefix(_ sequence: SimulatedSequence) -> Bool {
    live.contains { other in
      guard other !== sequence, other.isRunning || other.wasRunning,
        other.terms.priority <= sequence.terms.priority
      else { return false }
      let computed = other.isAdmitted ? other.start : other.confirmed
      // A page that it does not see any more and that was not found finite is left to nobody.
      guard computed / length >= firstSeen(from: other.start) / length else { return false }
      return sequence.commonPages(with: other, positionsPerPage: length) > computed / length
    }
  }

  /// Checks that a sequence found what was there, and did not start to compute what another was
  /// computing.
  private func checkFound(by sequence: SimulatedSequence, plan: StepPlan) {
    let (number, found) = (sequence.id.number, sequence.start / length)
    if sequence.start % length != 0 || sequence.start >= sequence.tokens.count {
      violate("\(number) found \(sequence.start) of \(sequence.tokens.count) positions")
    }
    if sequence.wantedFrom < sequence.promptCount, sequence.start > sequence.wantedFrom {
      violate("\(number) found \(sequence.start) positions, and wants \(sequence.wantedFrom)")
    }
    if !sequence.terms.usesCache, sequence.start > 0 { violate("\(number) must not find pages") }
    if !sequence.wasStarted, !sequence.wasRunning {
      sequence.found = sequence.start
      report.positionsFound += sequence.start
      if sequence.start > 0 { report.prefixHits += 1 }
      if firstSeen(from: sequence.start) >= length { report.hiddenHits += 1 }
      if sequence.start > 0, groups.count > 1 { report.groupHits += 1 }
      if sequence.start > 0, settings.limits.stateSlots != nil { report.stateHits += 1 }
    }
    // Where layers have states, a sequence goes on from the last snapshot, not from the last page.
    guard settings.limits.stateSlots == nil else { return }
    // Pages that a sequence does not see any more may be gone, and what follows them unknown.
    for other in live
    where other.wasRunning && other.isRunning && !other.isAdmitted
      && firstSeen(from: other.start) < length
    {
      let common = sequence.commonPages(with: other, positionsPerPage: length)
      let computed = other.confirmed / length
      if found < min(common, computed), has(other, seenAfter: min(common, computed)) {
        violate("\(number) found \(found) pages, \(other.id.number) has \(common) of them")
      }
      if common > max(found, computed), other.terms.priority <= sequence.terms.priority {
        violate("\(number) computes what \(other.id.number) is computing")
      }
    }
    checkLeft(for: sequence, plan: plan)
  }

  /// Whether a running sequence had not given back, before the last plan, what the position after some
  /// pages sees.
  private func has(_ other: SimulatedSequence, seenAfter pages: Int) -> Bool {
    groups.allSatisfy {
      firstSeen(from: pages * length, in: $0) / length >= firstSeen(from: other.start, in: $0)
        / length
    }
  }

  /// Checks that a sequence found the pages that others left and nobody was given since.
  private func checkLeft(for sequence: SimulatedSequence, plan: StepPlan) {
    guard sequence.terms.usesCache, !left.isEmpty, settings.limits.stateSlots == nil else { return }
    let taken = plan.entries.lazy.filter { $0.id != sequence.id }.flatMap(\.tables).joined()
    let isTaken = Set(taken)
    /// For each group, the pages at the start of which the last is not there.
    var gone = groups.map { _ in 0 }
    var (count, usable) = (0, 0)
    while (count + 1) * length < sequence.findable {
      let hash = sequence.chain[(count + 1) * length - 1]
      count += 1
      for group in groups {
        let page = left[SimulatedModel.content(hash, in: group)]
        let isThere = page.map { !isTaken.contains($0) && model.holds(hash, page: $0, in: group) }
        if isThere != true { gone[group] = count }
      }
      if gone[0] > 0 { break }
      if groups.allSatisfy({ gone[$0] * length <= firstSeen(from: count * length, in: $0) }) {
        usable = count
      }
    }
    if sequence.start < usable * length {
      violate("\(sequence.id.number) found \(sequence.start) positions of \(usable) pages")
    }
  }

  private func leave(_ page: Int32, _ content: UInt64) {
    if let old = left[content] { hashesLeft[old] = nil }
    if let old = hashesLeft[page] { left[old] = nil }
    left[content] = page
    hashesLeft[page] = content
  }

  /// Forgets pages that others left where an entry writes.
  func forgetLeft(_ entry: StepPlan.Entry) {
    for place in (entry.first / length)...((entry.first + entry.count - 1) / length) {
      for table in entry.tables {
        guard let content = hashesLeft.removeValue(forKey: table[place]) else { continue }
        left[content] = nil
        // With one of the first group, those of others that hold the same are forgotten.
        for group in groups.dropFirst() {
          let other = left.removeValue(forKey: SimulatedModel.content(content, in: group))
          if let other { hashesLeft[other] = nil }
        }
        // And the pages that follow, which a sequence may hold that does not see this one.
        if settings.limits.window != nil {
          left.removeAll()
          hashesLeft.removeAll()
        }
      }
    }
  }

  /// Notes the full pages that a sequence leaves when it ends.
  func remember(_ sequence: SimulatedSequence) {
    guard sequence.terms.usesCache, let first = sequence.tables.first,
      first.first != PageLease.none
    else { return }
    for place in first.indices {
      let end = (place + 1) * length
      guard end <= min(sequence.confirmed, first.count * length) else { return }
      let hash = sequence.chain[end - 1]
      // Just filled: if others have the same, theirs may be the one that stays.
      if end > sequence.start {
        let isShared = live.contains { other in
          other.chain.count >= end && other.chain[end - 1] == hash && other !== sequence
        }
        if isShared || left[hash] != nil { return }
      }
      for (group, table) in sequence.tables.enumerated() where table[place] != PageLease.none {
        leave(table[place], SimulatedModel.content(hash, in: group))
      }
    }
  }
}

extension SimulatedSequence {
  /// Whether the last plan took its pages.
  fileprivate var lostPages: Bool { wasRunning && (!isRunning || isAdmitted) }
}
