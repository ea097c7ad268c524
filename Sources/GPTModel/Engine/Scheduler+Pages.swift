import BasicContainers

extension Scheduler {
  /// Moves sequences from the queue to those running while rows, places and pages for them are left.
  mutating func admit(rows: Int, plan: inout StepPlan) {
    var rowsLeft = rows - promptRowsOutstanding
    var aside: Set<SequenceID> = []
    while rowsLeft > 0, let next = queue.next(without: aside) {
      if awaitsRunningPrefix(next) {
        aside.insert(next.id)
        continue
      }
      guard makeRoom(for: next, plan: &plan), let entry = queue.remove(next.id) else { return }
      rowsLeft -= start(entry)
      plan.moves.append(.started(entry.id))
    }
  }

  /// Gives a sequence its place and the pages that are there already.
  ///
  /// - Returns: Positions that it has to compute.
  private mutating func start(_ entry: RequestQueue.WaitingSequence) -> Int {
    var sequence = Running(entry, turn: turns, groups: limits.windows.count)
    turns += 1
    sequence.computed = pool.adopt(
      findable(entry), attachments: entry.attachments, in: sequence.namespace,
      into: &sequence.lease)
    sequence.sound = sequence.computed
    startState(of: &sequence, entry)
    pool.takeBackHidden(from: sequence.computed, of: &sequence.lease)
    sequence.nextAttachment = entry.attachments.firstEnding(after: sequence.computed)
    noteCached(sequence.computed, for: entry.id)
    let missing = entry.tokens.count - sequence.computed
    queue.serve(entry.terms)
    queue.charge(entry.terms, tokens: missing)
    var place = running.count
    while place > 0, !isBefore(running[place - 1].terms, running[place - 1].id, sequence) {
      place -= 1
    }
    running.insert(sequence, at: place)
    return missing
  }

  private func isBefore(
    _ terms: RequestTerms, _ id: SequenceID, _ other: borrowing Running
  ) -> Bool {
    (terms.priority, id.number) < (other.terms.priority, other.id.number)
  }

  /// Whether one running sequence is to go before another.
  func precedes(_ first: Int, _ second: Int) -> Bool {
    (running[first].terms.priority, running[first].id.number)
      < (running[second].terms.priority, running[second].id.number)
  }

  /// Makes sure that a place and pages for a waiting sequence are free, preempting less urgent ones.
  private mutating func makeRoom(for entry: RequestQueue.WaitingSequence, plan: inout StepPlan)
    -> Bool
  {
    while running.count >= limits.runningSequences || !states.hasRoom
      || pagesLacking(for: entry) > 0
    {
      let last = running.count - 1
      guard last >= 0, running[last].terms.priority > entry.terms.priority else { return false }
      preempt(last, plan: &plan)
    }
    return true
  }

  /// Pages that are missing for a waiting sequence, beside what those running still need.
  private func pagesLacking(for entry: RequestQueue.WaitingSequence) -> Int {
    let found = pool.match(
      findable(entry), attachments: entry.attachments, in: entry.terms.namespace)
    let start = found.count * limits.positionsPerPage
    let seen = pool.seen(after: found)
    // One page more than the tokens known need, so that it does not have to leave at its first token.
    let end = entry.tokens.count + limits.positionsPerPage
    let needed = limits.pagesHeld(from: start, to: end) - seen.count
    return needed + seen.kept + pagesOutstanding - pool.availableCount
  }

  /// Pages that running sequences still need for what is already known.
  private var pagesOutstanding: Int {
    var pages = 0
    for index in 0..<running.count {
      let needed = limits.pagesHeld(
        from: running[index].computed, to: running[index].known)
      pages += max(0, needed - running[index].lease.heldCount)
    }
    return pages
  }

  /// Rows of prompts that running sequences still have to compute.
  private var promptRowsOutstanding: Int {
    var rows = 0
    for index in 0..<running.count {
      if !isWriting(at: index) { rows += gap(at: index) }
    }
    return rows
  }

  /// Whether a page that a waiting sequence lacks is just being computed by one that runs.
  ///
  /// Waiting for it is cheaper than computing it twice, unless it is computed for a less urgent one,
  /// which may be kept from it for long. It need not be the next that it lacks: where pages of groups with
  /// a window are gone, the one that computes the text further on is who has them.
  private func awaitsRunningPrefix(_ entry: RequestQueue.WaitingSequence) -> Bool {
    let namespace = entry.terms.namespace
    guard limits.stateSlots == nil else { return awaitsRunningState(entry) }
    guard namespace != .none else { return false }
    let tokens = findable(entry)
    let found = pool.match(tokens, attachments: entry.attachments, in: namespace).count
    guard (found + 1) * limits.positionsPerPage < tokens.count else { return false }
    for index in 0..<running.count
    where running[index].namespace == namespace
      && running[index].terms.priority <= entry.terms.priority
    {
      guard let next = pool.nextPublished(of: running[index].lease) else { continue }
      let end = (max(next, found) + 1) * limits.positionsPerPage
      guard end < tokens.count, end <= running[index].known else { continue }
      if running[index].tokens[..<end] == tokens[..<end],
        running[index].attachments.isEqual(to: entry.attachments, before: end)
      {
        return true
      }
    }
    return false
  }

  /// Leases pages for so many positions, preempting sequences behind when too few are free.
  ///
  /// - Returns: Whether the sequence has them; if not, it was the last in line and waits now.
  mutating func secure(positions: Int, for index: Int, plan: inout StepPlan) -> Bool {
    while !pool.grow(&running[index].lease, to: limits.pagesNeeded(positions)) {
      let last = running.count - 1
      preempt(last, plan: &plan)
      if last == index { return false }
    }
    return true
  }

  /// Sends the sequence at an index back to the queue, to be computed anew.
  private mutating func preempt(_ index: Int, plan: inout StepPlan) {
    publish(at: index)
    forgetDraft(at: index)
    let sequence = running.remove(at: index)
    plan.entries.removeAll { $0.id == sequence.id }
    plan.moves.append(.preempted(sequence.id, tokens: sequence.tokens.count))
    queue.putBack(
      RequestQueue.WaitingSequence(
        id: sequence.id, tokens: sequence.tokens, terms: sequence.terms, outputs: sequence.outputs,
        attachments: sequence.attachments))
    embeddings.takeBack(sequence.embeddings)
    pool.takeBack(sequence.lease)
    states.takeBack(sequence.state)
    preemptions += 1
  }

  /// Makes the full pages that a running sequence has computed, and that are sound, known to others.
  mutating func publish(at index: Int) {
    let (sound, namespace) = (running[index].sound, running[index].namespace)
    guard namespace != .none else { return }
    let (tokens, attachments) = (running[index].tokens, running[index].attachments)
    pool.publish(
      &running[index].lease, tokens: tokens, attachments: attachments, computed: sound,
      in: namespace)
    keepState(at: index)
  }

  /// Gives back the pages that a running sequence does not see any more.
  mutating func giveBackHidden(at index: Int) {
    pool.takeBackHidden(from: running[index].computed, of: &running[index].lease)
  }

  /// Forgets a client that has no sequence left.
  mutating func leave(_ client: String) {
    for index in 0..<running.count where running[index].terms.client == client { return }
    if queue.waiting(of: client) == 0 { queue.forget(client) }
  }

  func runningIndex(of id: SequenceID) -> Int? {
    for index in 0..<running.count where running[index].id == id { return index }
    return nil
  }
}
