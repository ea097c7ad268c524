import BasicContainers
import Tokenizers

/// Bounds that a scheduler keeps.
package struct SchedulerLimits: Sendable {
  /// Rows of one step, T, at most.
  package var rowsPerStep: Int
  /// Sequences computed side by side, S, at most.
  package var runningSequences: Int
  /// Sequences that may wait.
  package var waitingSequences: Int
  /// Tokens that waiting sequences may have together.
  package var waitingTokens = Int.max
  /// Sequences that one client may have, waiting and running.
  package var sequencesPerClient = Int.max
  /// Cache pages, P.
  package var pages: Int
  /// Positions in a page, B.
  package var positionsPerPage: Int
  /// Positions that a position sees, its own included, for each group of layers that has page tables of
  /// its own, at least one and the widest first; nil where one sees all before it. Pages that no position
  /// to come sees are given back.
  package var windows: [Int?] = [nil]
  /// Slots of states; nil where no layer has one.
  package var stateSlots: Int?
  /// Whether positions see those after them, so that all of a sequence is computed in one step, and no
  /// page of it is of use afterwards. Steps then have room for the longest.
  package var takesWholeSequences = false
  /// Seconds that a step should take at most while tokens are written.
  package var stepTarget = 0.05
  /// Rows of the store of encoded attachments; no attachment may have more.
  package var embeddingRows = 0
  /// Rows that a step encodes at most, unless a single attachment has more.
  package var encodedRowsPerStep = 64
  /// Drafted tokens that a step computes at most, those of all sequences together; 0 for none, as where
  /// layers have states, which cannot be taken back.
  package var draftRowsPerStep = 0

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
/// budget of rows: first where a single token is missing, then prompts. Prompts that begin like one
/// already computed take over its pages. When pages run out the newest sequence of the lowest priority
/// gives all of its pages back and waits to be computed again; the first in line always goes on. In
/// layers with a window, pages are given back as soon as no position to come sees them. A plain value: no
/// clock, no lock, no I/O. Where positions see those after them, a sequence is computed whole: one in each
/// step, however long, and others as far as the budget goes.
package struct Scheduler: ~Copyable {
  /// A sequence with pages.
  struct Running: ~Copyable {
    let id: SequenceID
    let terms: RequestTerms
    /// The terms' namespace, which costs something to name.
    let namespace: CacheNamespace
    var tokens: [Token]
    var computed = 0
    /// Positions at the start that are known to be finite: those that it found, and those confirmed since.
    var sound = 0
    var lease: PageLease
    var state = StateLease()
    /// Positions that it found computed.
    var start = 0
    /// Where it leaves snapshots of its state.
    var borders = SnapshotBorders()
    /// Positions at the end of the prompt whose rows are still wanted, not only that of the last known.
    var outputs: Range<Int>
    /// The attachments of the prompt, in order of position.
    let attachments: [AttachmentPlace]
    /// The first attachment of which not all positions are computed.
    var nextAttachment = 0
    /// The rows of attachments from that one on.
    var embeddings = EmbeddingLease()
    /// Tokens known when it was given pages, which are read before any is written.
    let promptEnd: Int
    /// Tokens proposed to follow those known, for the next step.
    var draft: [Token] = []
    /// How many tokens at the end of `tokens` are drafted: computed, and not known to be those chosen.
    var drafted = 0
    /// Counts up with each sequence that is given pages.
    let turn: Int

    /// Tokens that are known, the drafted ones not among them.
    var known: Int { tokens.count - drafted }

    init(_ entry: RequestQueue.WaitingSequence, turn: Int, groups: Int) {
      self.turn = turn
      promptEnd = entry.tokens.count
      lease = PageLease(groups: groups)
      id = entry.id
      terms = entry.terms
      namespace = entry.terms.namespace
      tokens = entry.tokens
      outputs = entry.outputs
      attachments = entry.attachments
    }
  }

  /// The bounds kept.
  package let limits: SchedulerLimits
  /// How many rows of prompts a step takes.
  package private(set) var budget: StepBudget
  var queue = RequestQueue()
  /// The most urgent first, then in order of arrival.
  var running: UniqueArray<Running>
  var pool: PagePool
  /// Where states are.
  var states: StatePool
  /// Copies of states to be made before the next step, in order.
  var copies: [StateCopy] = []
  /// Where the rows of attachments are.
  var embeddings: EmbeddingPool
  /// Sequences that were given pages so far.
  var turns = 0
  /// The sequences to be planned next, in order; kept, so that a step takes no memory for it.
  private var line: [Place] = []
  /// Positions that sequences which run found computed when they were first given pages.
  private var cached: [SequenceID: Int] = [:]
  /// Times that a sequence lost its pages to another.
  package internal(set) var preemptions = 0
  /// Sequences that found positions computed when they were first given pages, and how many in all.
  package private(set) var prefixHits = (sequences: 0, positions: 0)

  /// Creates a scheduler without sequences.
  package init(limits: SchedulerLimits) {
    self.limits = limits
    running = UniqueArray(minimumCapacity: limits.runningSequences)
    pool = PagePool(limits)
    states = StatePool(count: limits.stateSlots)
    embeddings = EmbeddingPool(count: limits.embeddingRows)
    budget = StepBudget(target: limits.stepTarget, maximumRows: limits.rowsPerStep)
  }

  /// Sequences that have pages.
  package var runningCount: Int { running.count }
  /// Sequences that wait for pages.
  package var waitingCount: Int { queue.count }
  /// Tokens of the sequences that wait.
  package var waitingTokens: Int { queue.tokens }
  /// Pages that nobody holds.
  package var freePages: Int { pool.availableCount }
  /// Rows of attachments that sequences hold, or that are being encoded.
  package var heldEmbeddingRows: Int { embeddings.heldRows }

  /// Clients that are remembered.
  package var clientCount: Int { queue.clientCount }
  /// The sequences that have pages, the most urgent first, and the positions computed of each.
  package var progress: [(id: SequenceID, computed: Int)] {
    (0..<running.count).map { (running[$0].id, running[$0].computed) }
  }

  /// Takes a sequence in, which the `RequestLedger` has admitted.
  ///
  /// - Parameters:
  ///   - id: A new identity, greater than all before.
  ///   - tokens: The prompt, at least one token; with all that follows that is computed it has at most
  ///     `SchedulerLimits.longestSequence` positions.
  ///   - terms: On whose account it runs.
  ///   - outputs: Positions at the end of the prompt whose rows are wanted, so that they must be computed
  ///     for this sequence, whatever others have computed. That of the last position always is.
  ///   - attachments: The attachments of the prompt, in order of position; none has more rows than the
  ///     store.
  package mutating func submit(
    _ id: SequenceID, tokens: [Token], terms: RequestTerms = RequestTerms(),
    outputs: Range<Int> = 0..<0, attachments: [AttachmentPlace] = []
  ) {
    var terms = terms
    // What was computed of a text is of no use to another that begins like it.
    if limits.takesWholeSequences { terms.usesCache = false }
    queue.append(
      RequestQueue.WaitingSequence(
        id: id, tokens: tokens, terms: terms, outputs: outputs, attachments: attachments))
  }

  /// Notes a token that was chosen for a running sequence.
  ///
  /// Where another token was drafted in its place, that one is forgotten with all that follow it, and what
  /// was computed of them.
  package mutating func append(_ token: Token, to id: SequenceID) {
    guard let index = runningIndex(of: id) else { return }
    if running[index].drafted > 0 {
      settleDraft(at: index, by: token)
    } else {
      running[index].tokens.append(token)
    }
    queue.charge(running[index].terms, tokens: 1)
  }

  /// Notes that all that was computed for a sequence is finite, so that it may be left to others.
  ///
  /// What is not finite at some position is not finite at any after it that attends to it: to look at the
  /// last one is enough for all that it sees.
  package mutating func confirm(_ id: SequenceID) {
    guard let index = runningIndex(of: id) else { return }
    let computed = min(running[index].computed, running[index].known)
    let seen = limits.window.map { computed - $0 } ?? 0
    guard running[index].sound >= seen else { return }
    running[index].sound = computed
  }

  /// Forgets a sequence, however it ended, and frees its pages; does nothing when it is unknown.
  package mutating func remove(_ id: SequenceID) {
    cached[id] = nil
    if let index = runningIndex(of: id) {
      publish(at: index)
      let sequence = running.remove(at: index)
      pool.takeBack(sequence.lease)
      leave(sequence.terms.client)
      embeddings.takeBack(sequence.embeddings)
      states.takeBack(sequence.state)
    } else if let entry = queue.remove(id) {
      leave(entry.terms.client)
    }
  }

  /// Takes out the sequences that waited beyond their deadline, in seconds of the caller's clock.
  package mutating func removeExpired(at now: Double) -> [SequenceID] {
    let expired = queue.removeExpired(at: now)
    for entry in expired { leave(entry.terms.client) }
    return expired.map(\.id)
  }

  /// Positions that a sequence found computed when it was first given pages.
  package func cachedPositions(of id: SequenceID) -> Int { cached[id] ?? 0 }

  /// Notes what a sequence found computed, the first time it is given pages.
  mutating func noteCached(_ positions: Int, for id: SequenceID) {
    guard cached[id] == nil else { return }
    cached[id] = positions
    guard positions > 0 else { return }
    prefixHits.sequences += 1
    prefixHits.positions += positions
  }

  /// The tokens of a plan's entry.
  package func tokens(of entry: StepPlan.Entry) -> ArraySlice<Token> {
    guard let index = runningIndex(of: entry.id) else { return [] }
    return running[index].tokens[entry.first..<(entry.first + entry.count)]
  }

  /// Plans the next step and counts its positions as computed.
  package mutating func plan(into plan: inout StepPlan) {
    plan.entries.removeAll(keepingCapacity: true)
    plan.encodings.removeAll(keepingCapacity: true)
    plan.moves.removeAll(keepingCapacity: true)
    plan.copies.removeAll(keepingCapacity: true)
    for index in 0..<running.count {
      publish(at: index)
      giveBackHidden(at: index)
    }
    lineUpWriters()
    // Half is left to prompts, unless as many sequences write.
    closeGaps(rows: max(line.count, limits.rowsPerStep / 2), sparing: true, plan: &plan)
    let writing = plan.rows
    let promptRows = budget.promptRows(beside: writing)
    admit(rows: promptRows, plan: &plan)
    planEncodings(&plan)
    lineUpReaders(beside: plan)
    closeGaps(rows: plan.rows + promptRows, sparing: false, plan: &plan)
    plan.copies.append(contentsOf: copies)
    copies.removeAll(keepingCapacity: true)
    for entry in plan.entries {
      guard let index = runningIndex(of: entry.id) else { continue }
      running[index].computed += entry.count
      running[index].outputs = running[index].outputs.clamped(to: entry.end..<Int.max)
      releaseComputedAttachments(at: index)
    }
    for index in 0..<running.count { running[index].draft.removeAll(keepingCapacity: true) }
  }

  /// Notes how long a plan took, so that the next ones keep to the target.
  package mutating func observe(_ plan: StepPlan, seconds: Double) {
    let writing = plan.entries.reduce(0) { $0 + ($1.isWritten ? $1.count : 0) }
    budget.observe(writing: writing, promptRows: plan.rows - writing, seconds: seconds)
  }

  /// A sequence in line, and what decides when it is its turn.
  private struct Place {
    let id: SequenceID
    let order: (priority: Int, turn: Int)
  }

  /// Lines up the sequences that lack a single token, or a few that were written.
  private mutating func lineUpWriters() {
    line.removeAll(keepingCapacity: true)
    for index in 0..<running.count where isWriting(at: index) { line.append(place(at: index)) }
  }

  /// Lines up the sequences that lack anything still, the most urgent first, then in the order in which
  /// they were started: in order of arrival, who had its turn would be overtaken by earlier requests of
  /// a client that sends many.
  private mutating func lineUpReaders(beside plan: StepPlan) {
    line.removeAll(keepingCapacity: true)
    for index in 0..<running.count
    where gap(at: index) > 0 && !plan.contains(running[index].id) {
      line.append(place(at: index))
    }
    line.sort { $0.order < $1.order }
  }

  private func place(at index: Int) -> Place {
    Place(id: running[index].id, order: (running[index].terms.priority, running[index].turn))
  }

  /// Whether all that is known of a sequence is computed with the last plan, so that its next token can be
  /// chosen; it may have drafted tokens beyond.
  package func isCaughtUp(_ id: SequenceID) -> Bool {
    runningIndex(of: id).map { gap(at: $0) == 0 } ?? false
  }

  /// The positions whose rows are wanted of the positions that a plan computes, up to an end.
  private func outputs(at index: Int, from first: Int, to end: Int) -> Range<Int> {
    let wanted = running[index].outputs.clamped(to: first..<end)
    let known = running[index].known
    guard wanted.isEmpty else { return min(wanted.lowerBound, known - 1)..<end }
    if end > known { return (known - 1)..<end }
    // Others may be left pages only where the last position was seen to be finite.
    return (end == known || running[index].namespace != .none ? end - 1 : end)..<end
  }

  /// Positions of a running sequence that are known and not computed.
  func gap(at index: Int) -> Int { max(0, running[index].known - running[index].computed) }

  /// Plans the sequences in line until the step has so many rows.
  ///
  /// - Parameter sparing: Whether a row is left for each sequence that is behind in line, and what is left
  ///   besides may be drafts.
  private mutating func closeGaps(rows: Int, sparing: Bool, plan: inout StepPlan) {
    for place in line.indices {
      let id = line[place].id
      // It may have lost its pages to one before it.
      guard let index = runningIndex(of: id) else { continue }
      let left = rowsLeft(of: min(rows, limits.rowsPerStep), at: index, plan: plan)
      let behind = sparing ? line.count - place - 1 : 0
      let count = min(
        computableGap(at: index), gapToSnapshot(at: index),
        limits.longestChunk(from: running[index].computed), max(min(1, left), left - behind))
      guard count > 0 else { continue }
      if sparing { takeDraft(at: index, after: count, rows: left - behind - count, beside: plan) }
      let (first, end) = (running[index].computed, running[index].computed + count)
      let drafted = running[index].drafted
      guard secure(positions: end + drafted, for: index, plan: &plan) else { continue }
      var entry = StepPlan.Entry(
        id: id, first: first, count: count + drafted,
        outputs: outputs(at: index, from: first, to: end + drafted),
        tables: running[index].lease.tables)
      entry.slot = running[index].state.slot
      entry.attached = attachedRows(at: index, in: first..<entry.end)
      entry.drafted = drafted
      entry.isWritten = isWriting(at: index)
      plan.entries.append(entry)
    }
  }

  /// Rows that a step has left for a sequence: all that it needs or none where it is not to be divided, and
  /// all for the first.
  private func rowsLeft(of rows: Int, at index: Int, plan: StepPlan) -> Int {
    let left = rows - plan.rows
    guard limits.takesWholeSequences else { return left }
    if plan.entries.isEmpty { return limits.rowsPerStep }
    return gap(at: index) <= left ? left : 0
  }
}
