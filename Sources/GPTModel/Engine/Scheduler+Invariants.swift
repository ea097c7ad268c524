import BasicContainers

extension Scheduler {
  /// Says which rules the state breaks; nothing when it is sound.
  package func checkInvariants() -> [String] {
    var violations: [String] = []
    var leases: [[Int32]] = []
    var embeddingLeases: [[Int32]] = []
    var slots: [Int32?] = []
    for index in 0..<running.count {
      let (id, known) = (running[index].id.number, running[index].known)
      leases.append(running[index].lease.heldPages)
      embeddingLeases.append(running[index].embeddings.first)
      slots.append(running[index].state.slot)
      violations += attachmentViolations(at: index)
      violations += positionViolations(at: index)
      for group in limits.windows.indices
      where running[index].lease.givenBack[group]
        > limits.hiddenPages(from: running[index].computed, in: group)
      {
        violations.append("\(id) lacks pages that it sees in group \(group)")
      }
      let outputs = running[index].outputs
      if limits.takesWholeSequences, running[index].computed > 0,
        running[index].computed < known
      {
        violations.append("\(id) is divided")
      }
      if !outputs.isEmpty, outputs.lowerBound < running[index].computed {
        violations.append("\(id) still wants what it computed")
      }
      if index > 0, !precedes(index - 1, index) { violations.append("\(id) is out of order") }
    }
    let ids = queue.ids + (0..<running.count).map { running[$0].id }
    if Set(ids).count != ids.count { violations.append("a sequence is there twice") }
    if running.count > limits.runningSequences { violations.append("too many running") }
    return violations + pool.checkInvariants(leases: leases)
      + embeddings.checkInvariants(leases: embeddingLeases)
      + (limits.stateSlots == nil ? [] : states.checkInvariants(leases: slots))
  }

  /// Says which rules the positions of a running sequence break.
  private func positionViolations(at index: Int) -> [String] {
    var violations: [String] = []
    let (id, all) = (running[index].id.number, running[index].tokens.count)
    let (computed, places) = (running[index].computed, running[index].lease.places)
    if computed > all { violations.append("\(id) computed more than it knows") }
    if running[index].sound > min(running[index].known, computed) {
      violations.append("\(id) is sound beyond what it computed")
    }
    if places < limits.pagesNeeded(computed) {
      violations.append("\(id) lacks pages for what it computed")
    }
    if places > limits.pagesNeeded(all) {
      violations.append("\(id) has pages for more than it knows")
    }
    return violations
  }
}
