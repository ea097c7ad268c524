import BasicContainers

extension Scheduler {
  /// Gives sequences the rows of the attachments that they compute next, and plans to encode those that
  /// are not there, for the most urgent sequence first.
  mutating func planEncodings(_ plan: inout StepPlan) {
    var rowsLeft = limits.encodedRowsPerStep
    for index in 0..<running.count where !running[index].attachments.isEmpty {
      leaseAttachments(at: index, rowsLeft: &rowsLeft, plan: &plan)
    }
  }

  /// Notes that an attachment of a plan was encoded, or that it could not be.
  package mutating func finish(_ encoding: StepPlan.Encoding, isEncoded: Bool) {
    guard let name = encoding.rows.first else { return }
    if isEncoded { return embeddings.finish(name) }
    for index in 0..<running.count {
      // A lease has no gaps: what follows in it is given back too, and found again.
      while running[index].embeddings.contains(name) {
        embeddings.releaseLast(of: &running[index].embeddings)
      }
    }
    embeddings.discard(name)
  }

  /// Leases attachments for a sequence in the order of its prompt, as far as room and the budget allow.
  private mutating func leaseAttachments(
    at index: Int, rowsLeft: inout Int, plan: inout StepPlan
  ) {
    while let next = running[index].nextToLease {
      let key = EmbeddingPool.Key(
        running[index].attachments[next], of: running[index].id, in: running[index].namespace)
      if embeddings.hold(key, in: &running[index].embeddings) { continue }
      // One that has more rows than a step may encode is encoded in a step of its own.
      guard key.rows <= rowsLeft || plan.encodings.isEmpty,
        makeRoom(rows: key.rows, for: index, plan: plan)
      else { return }
      let rows = embeddings.reserve(key, in: &running[index].embeddings)
      plan.encodings.append(
        StepPlan.Encoding(id: running[index].id, attachment: next, rows: rows))
      rowsLeft -= rows.count
    }
  }

  /// Makes sure that the store has room for the rows that a sequence lacks. For those that it computes
  /// next, sequences behind give theirs back, which is how the first in line always goes on.
  private mutating func makeRoom(rows: Int, for index: Int, plan: StepPlan) -> Bool {
    var last = running.count - 1
    while !embeddings.hasRoom(rows) {
      guard running[index].embeddings.count == 0, last > index else { return false }
      // What the step computes reads its rows.
      if running[last].embeddings.count > 0, !plan.contains(running[last].id) {
        embeddings.releaseLast(of: &running[last].embeddings)
      } else {
        last -= 1
      }
    }
    return true
  }

  /// Positions of a sequence that are known, not computed, and before the first attachment that is not
  /// encoded.
  func computableGap(at index: Int) -> Int {
    let gap = gap(at: index)
    guard running[index].nextAttachment < running[index].attachments.count else { return gap }
    for place in running[index].nextAttachment..<running[index].attachments.count {
      let offset = place - running[index].nextAttachment
      guard embeddings.isReady(offset, of: running[index].embeddings) else {
        let start = running[index].attachments[place].range.lowerBound
        return min(gap, start - running[index].computed)
      }
    }
    return gap
  }

  /// The rows that are the input of some positions of a sequence, instead of tokens.
  func attachedRows(at index: Int, in range: Range<Int>) -> [StepPlan.AttachedRows] {
    var attached: [StepPlan.AttachedRows] = []
    for place in running[index].nextAttachment..<running[index].attachments.count {
      let own = running[index].attachments[place].range
      guard own.lowerBound < range.upperBound else { break }
      let rows = embeddings.rows(
        place - running[index].nextAttachment, of: running[index].embeddings)
      let positions = own.clamped(to: range)
      let first = positions.lowerBound - own.lowerBound
      attached.append(
        StepPlan.AttachedRows(
          positions: positions, rows: rows[first..<(first + positions.count)]))
    }
    return attached
  }

  /// Gives the rows back whose positions are computed.
  mutating func releaseComputedAttachments(at index: Int) {
    while running[index].nextAttachment < running[index].attachments.count,
      running[index].attachments[running[index].nextAttachment].range.upperBound
        <= running[index].computed
    {
      embeddings.releaseFirst(of: &running[index].embeddings)
      running[index].nextAttachment += 1
    }
  }

  /// Says which rules the attachments of a sequence break.
  func attachmentViolations(at index: Int) -> [String] {
    let (id, next) = (running[index].id.number, running[index].nextAttachment)
    var violations: [String] = []
    if next + running[index].embeddings.count > running[index].attachments.count {
      violations.append("\(id) holds more attachments than it has")
    }
    if next != running[index].attachments.firstEnding(after: running[index].computed) {
      violations.append("\(id) computed attachment \(next), or skips it")
    }
    return violations
  }
}

extension Scheduler.Running {
  /// The attachment after those whose rows it has; nil when it has those of all.
  fileprivate var nextToLease: Int? {
    let next = nextAttachment + embeddings.count
    return next < attachments.count ? next : nil
  }
}
