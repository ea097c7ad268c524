import Tensor

/// Which rows of a step each expert of a layer takes, found out anew at each step.
struct ExpertRows: Sendable {
  /// E.
  let count: Int
  /// k.
  let used: Int
  /// Where they are kept.
  let buffers: ExpertBuffers
  /// Whether what experts read is gathered for each of them, even for one row.
  let gathersAll: Bool

  /// What experts read: their slots, or the rows of the step as they are.
  enum Input: Int {
    case slots, rows
  }

  /// Gives each row of a step its slots, and lists the rows of each expert that has some.
  ///
  /// - Returns: How many experts have rows.
  func group(rows: Int) -> Int {
    let (experts, groups) = (buffers.experts, buffers.groups)
    let (counts, next, places) = (buffers.counts, buffers.next, buffers.places)
    counts.update(repeating: 0, count: count)
    for index in 0..<rows * used { counts[Int(experts[index])] += 1 }
    var (first, found): (Int32, Int) = (0, 0)
    for expert in 0..<count where counts[expert] > 0 {
      groups[found] = RowGroup(
        member: expert, input: Input.slots.rawValue, inputRow: Int(first),
        outputRow: Int(first), rows: Int(counts[expert]))
      (next[expert], places[expert]) = (first, Int32(found))
      first += counts[expert]
      found += 1
    }
    for index in 0..<rows * used {
      let expert = Int(experts[index])
      buffers.slots[index] = next[expert]
      next[expert] += 1
      guard !isGathered(expert) else { continue }
      let place = Int(places[expert])
      groups[place].input = Input.rows.rawValue
      groups[place].inputRow = index / used
    }
    return found
  }

  /// Whether the rows of an expert are gathered: a single row can be read where it is.
  func isGathered(_ expert: Int) -> Bool { gathersAll || buffers.counts[expert] > 1 }

  /// Has the experts that were found read their slots, as the second product does, and the network that
  /// all rows go through read all of a step.
  func turnToOutputs(_ found: Int, sharedRows rows: Int?) -> Int {
    for place in 0..<found {
      buffers.groups[place].input = Input.slots.rawValue
      buffers.groups[place].inputRow = buffers.groups[place].outputRow
    }
    guard let rows else { return found }
    buffers.groups[found] = RowGroup(
      member: count, input: Input.rows.rawValue, inputRow: 0, outputRow: 0, rows: rows)
    return found + 1
  }
}
