import BasicContainers
import Tokenizers

/// What a running sequence keeps of its states for others.
struct SnapshotBorders: Sendable {
  /// Positions of the prompt when the sequence was started.
  var promptEnd = 0
  /// The position at which it parts from a text of which pages but no state were found; 0 for none.
  var branch = 0
  /// The page at whose end it left its last snapshot while it wrote.
  var written: PrefixIndex.Entry?
}

extension SchedulerLimits {
  /// Pages from one snapshot within a prompt to the next.
  private static let pagesPerSnapshot = 64
  /// Pages that a prompt must have been computed for so that its end is worth a snapshot.
  private static let leastPages = 2

  /// Whether there are slots for snapshots beside a sequence's own.
  var keepsStates: Bool { (stateSlots ?? 0) > 1 }

  /// Whether a sequence leaves a snapshot after so many positions, a multiple of those of a page: where it
  /// parts from another text, at the last full page of its prompt, now and then before, and while it writes.
  func isSnapshot(_ position: Int, _ borders: SnapshotBorders, from start: Int) -> Bool {
    guard position > 0, position.isMultiple(of: positionsPerPage) else { return false }
    if position >= borders.promptEnd || position == borders.branch { return true }
    let last = (borders.promptEnd - 1) / positionsPerPage * positionsPerPage
    return position.isMultiple(of: positionsPerPage * Self.pagesPerSnapshot)
      || position == last && last - start >= positionsPerPage * Self.leastPages
  }
}

extension Scheduler {
  /// Slots of states that no sequence holds; 0 where no layer has one.
  package var freeStates: Int { states.availableCount }

  /// Snapshots of states.
  package var stateSnapshots: Int { states.snapshotCount }

  /// The tokens of a waiting sequence among whose pages what others computed may be used: where layers have
  /// states those up to the last page at whose end there is a snapshot, and one more.
  func findable(_ entry: RequestQueue.WaitingSequence) -> [Token] {
    let tokens = entry.findable
    guard limits.stateSlots != nil else { return tokens }
    var end = pool.match(tokens, attachments: entry.attachments, in: entry.terms.namespace)
    while let page = end.last {
      if let known = pool.entry(of: page), states.hasSnapshot(after: known) {
        let cut = Array(tokens.prefix(end.count * limits.positionsPerPage + 1))
        let found = pool.match(cut, attachments: entry.attachments, in: entry.terms.namespace)
        if found.count == end.count { return cut }
      }
      end.removeLast()
    }
    return []
  }

  /// Gives a sequence that is started a slot, with the state that its pages go on from.
  mutating func startState(
    of sequence: inout Running, _ entry: RequestQueue.WaitingSequence
  ) {
    guard limits.stateSlots != nil else { return }
    let namespace = sequence.namespace
    let found = pool.match(entry.findable, attachments: entry.attachments, in: namespace).count
    sequence.start = sequence.computed
    sequence.borders.promptEnd = entry.tokens.count
    sequence.borders.branch = found * limits.positionsPerPage
    let last = pool.lastKnown(of: sequence.lease)
    if let copy = states.grow(
      &sequence.state, after: sequence.computed > 0 ? last : nil,
      isKnown: { [pool] in pool.isKnown($0) })
    {
      copies.append(copy)
    }
  }

  /// Leaves a snapshot of a sequence's state, where it has come to a position at which it leaves one.
  mutating func keepState(at index: Int) {
    let computed = running[index].computed
    guard limits.keepsStates, running[index].sound == computed,
      limits.isSnapshot(computed, running[index].borders, from: running[index].start),
      let entry = pool.lastKnown(of: running[index].lease),
      pool.knownPages(of: running[index].lease) * limits.positionsPerPage == computed
    else { return }
    guard let slot = running[index].state.slot else { return }
    let isWritten = computed >= running[index].borders.promptEnd
    if isWritten, running[index].borders.written == entry { return }
    if let old = running[index].borders.written, isWritten { states.forget(old) }
    if let copy = states.save(
      slot, after: entry, isKnown: { [pool] in pool.isKnown($0) })
    {
      copies.append(copy)
      if isWritten { running[index].borders.written = entry }
    }
  }

  /// Positions that a sequence may compute up to the next at which it leaves a snapshot.
  func gapToSnapshot(at index: Int) -> Int {
    guard limits.keepsStates, running[index].namespace != .none else { return .max }
    return nextSnapshot(at: index).map { $0 - running[index].computed } ?? .max
  }

  /// The next position up to those known at which a running sequence leaves a snapshot.
  private func nextSnapshot(at index: Int) -> Int? {
    let length = limits.positionsPerPage
    var position = (running[index].computed / length + 1) * length
    while position <= running[index].tokens.count {
      if limits.isSnapshot(position, running[index].borders, from: running[index].start) {
        return position
      }
      position += length
    }
    return nil
  }

  /// Whether a running sequence will leave a snapshot that a waiting one can go on from, and goes before it.
  func awaitsRunningState(_ entry: RequestQueue.WaitingSequence) -> Bool {
    let (tokens, namespace) = (entry.findable, entry.terms.namespace)
    guard limits.keepsStates, namespace != .none else { return false }
    let found = findable(entry).count
    for index in 0..<running.count
    where running[index].namespace == namespace
      && running[index].terms.priority <= entry.terms.priority
    {
      guard let end = nextSnapshot(at: index), end >= found, end < tokens.count,
        pool.nextPublished(of: running[index].lease) != nil
      else { continue }
      if running[index].tokens[..<end] == tokens[..<end],
        running[index].attachments.isEqual(to: entry.attachments, before: end)
      {
        return true
      }
    }
    return false
  }
}
