import BasicContainers
import DequeModule

/// Bounds that a scheduler keeps.
package struct SchedulerLimits: Sendable {
  /// Rows of one step, T, at most.
  package var rowsPerStep: Int
  /// Sequences computed side by side, S, at most.
  package var runningSequences: Int
  /// Sequences that may wait.
  package var waitingSequences: Int
  /// Cache pages, P.
  package var pages: Int
  /// Positions in a page, B.
  package var positionsPerPage: Int

  /// Creates bounds.
  package init(
    rowsPerStep: Int, runningSequences: Int, waitingSequences: Int, pages: Int,
    positionsPerPage: Int
  ) {
    self.rowsPerStep = rowsPerStep
    self.runningSequences = runningSequences
    self.waitingSequences = waitingSequences
    self.pages = pages
    self.positionsPerPage = positionsPerPage
  }
}

/// Decides what each step computes.
///
/// Each sequence has positions computed so far and known so far, and a step closes the gap within a
/// budget of rows: first where a single token is missing, then prompts in order of arrival. When pages
/// run out the newest sequence gives all of its pages back and waits to be computed again; the oldest
/// always goes on. A plain value: no clock, no lock, no I/O.
package struct Scheduler: ~Copyable {
  /// A sequence without pages.
  struct Waiting {
    let id: SequenceID
    var known: Int
  }

  /// A sequence with pages.
  struct Running: ~Copyable {
    let id: SequenceID
    var known: Int
    var computed = 0
    var lease = PageLease()

    init(_ waiting: Waiting) {
      id = waiting.id
      known = waiting.known
    }
  }

  /// The bounds kept.
  package let limits: SchedulerLimits
  private var waiting: Deque<Waiting> = []
  /// In order of arrival, all older than those waiting.
  private var running: UniqueArray<Running>
  private var pool: PagePool

  /// Creates a scheduler without sequences.
  package init(limits: SchedulerLimits) {
    self.limits = limits
    running = UniqueArray(minimumCapacity: limits.runningSequences)
    pool = PagePool(count: limits.pages)
  }

  /// Sequences that have pages.
  package var runningCount: Int { running.count }
  /// Sequences that wait for pages.
  package var waitingCount: Int { waiting.count }
  /// Pages that nobody holds.
  package var freePages: Int { pool.freeCount }

  /// Takes a sequence in, or not when the queue is full.
  ///
  /// - Parameters:
  ///   - id: A new identity.
  ///   - known: Tokens of the prompt, at least one; with all that follows they must fit the pool.
  package mutating func submit(_ id: SequenceID, known: Int) -> Bool {
    guard waiting.count < limits.waitingSequences else { return false }
    waiting.append(Waiting(id: id, known: known))
    return true
  }

  /// Notes that one more token of a running sequence is known.
  package mutating func append(_ id: SequenceID) {
    guard let index = runningIndex(of: id) else { return }
    running[index].known += 1
  }

  /// Forgets a sequence, finished or cancelled, and frees its pages; does nothing when it is unknown.
  package mutating func remove(_ id: SequenceID) {
    if let index = runningIndex(of: id) {
      let sequence = running.remove(at: index)
      pool.takeBack(sequence.lease)
    } else if let index = waiting.firstIndex(where: { $0.id == id }) {
      waiting.remove(at: index)
    }
  }

  /// Plans the next step and counts its positions as computed.
  package mutating func plan(into plan: inout StepPlan) {
    plan.entries.removeAll(keepingCapacity: true)
    let runningBefore = running.count
    close(gaps: { $0 == 1 }, plan: &plan)
    if running.count == runningBefore { admit(rowsLeft: limits.rowsPerStep - plan.rows) }
    close(gaps: { $0 > 0 }, plan: &plan)
    for entry in plan.entries {
      guard let index = runningIndex(of: entry.id) else { continue }
      running[index].computed += entry.count
    }
  }

  /// Plans the sequences whose gap is of the kind wanted, oldest first.
  private mutating func close(gaps wanted: (Int) -> Bool, plan: inout StepPlan) {
    var index = 0
    while index < running.count {
      let gap = running[index].known - running[index].computed
      let count = min(gap, limits.rowsPerStep - plan.rows)
      if wanted(gap), count > 0, !isPlanned(running[index].id, in: plan),
        secure(positions: running[index].computed + count, for: index, plan: &plan)
      {
        let first = running[index].computed
        plan.entries.append(
          StepPlan.Entry(
            id: running[index].id, first: first, count: count, completes: count == gap,
            pages: running[index].lease.pages))
      }
      index += 1
    }
  }

  /// Moves sequences from the queue to those running while rows, places and pages for them are left.
  private mutating func admit(rowsLeft: Int) {
    var rowsLeft = rowsLeft
    var pagesLeft = pool.freeCount - runningGapPages
    while let next = waiting.first, rowsLeft > 0, running.count < limits.runningSequences {
      // One page more than the tokens known need, so that it does not have to leave at its first token.
      let needed = min(pagesNeeded(next.known) + 1, limits.pages)
      guard needed <= pagesLeft else { return }
      waiting.removeFirst()
      running.append(Running(next))
      rowsLeft -= next.known
      pagesLeft -= needed
    }
  }

  /// Pages that running sequences still need for what is already known.
  private var runningGapPages: Int {
    var pages = 0
    for index in 0..<running.count {
      pages += pagesNeeded(running[index].known) - running[index].lease.pages.count
    }
    return pages
  }

  /// Leases pages for so many positions, preempting newer sequences when too few are free.
  ///
  /// - Returns: Whether the sequence has them; if not, it was the newest and waits now.
  private mutating func secure(positions: Int, for index: Int, plan: inout StepPlan) -> Bool {
    while !pool.grow(&running[index].lease, to: pagesNeeded(positions)) {
      let newest = running.count - 1
      preempt(newest, plan: &plan)
      if newest == index { return false }
    }
    return true
  }

  /// Sends the sequence at an index back to the head of the queue, to be computed anew.
  private mutating func preempt(_ index: Int, plan: inout StepPlan) {
    let sequence = running.remove(at: index)
    plan.entries.removeAll { $0.id == sequence.id }
    waiting.prepend(Waiting(id: sequence.id, known: sequence.known))
    pool.takeBack(sequence.lease)
  }

  private func isPlanned(_ id: SequenceID, in plan: StepPlan) -> Bool {
    plan.entries.contains { $0.id == id }
  }

  private func pagesNeeded(_ positions: Int) -> Int {
    (positions + limits.positionsPerPage - 1) / limits.positionsPerPage
  }

  private func runningIndex(of id: SequenceID) -> Int? {
    for index in 0..<running.count where running[index].id == id { return index }
    return nil
  }

  /// Says which rules the state breaks; nothing when it is sound.
  package func checkInvariants() -> [String] {
    var violations: [String] = []
    var leased: [Int32] = []
    var newest: UInt64?
    for index in 0..<running.count {
      let id = running[index].id
      leased += running[index].lease.pages
      if running[index].computed > running[index].known {
        violations.append("sequence \(id.number) computed more than it knows")
      }
      if running[index].lease.pages.count < pagesNeeded(running[index].computed) {
        violations.append("sequence \(id.number) lacks pages for what it computed")
      }
      if let newest, newest >= id.number { violations.append("running out of order of arrival") }
      newest = id.number
    }
    for sequence in waiting {
      if let newest, newest >= sequence.id.number {
        violations.append("sequence \(sequence.id.number) waits out of order of arrival")
      }
      newest = sequence.id.number
    }
    if running.count > limits.runningSequences { violations.append("too many running") }
    return violations + pool.checkInvariants(leased: leased)
  }
}
