import GPTModel

/// Stands for a model: instead of keys and values it writes a hash of all that a position follows.
///
/// A page that was shared wrongly, given out too early, or has a hole gives hashes that no sequence
/// expects, and so does one of another group of layers.
struct SimulatedModel {
  /// What a row gives that sees values that are not finite.
  static let notFinite: UInt64 = 0xDEAD
  /// A hash for each slot of each page, [P, B].
  private var slots: [UInt64]
  /// Whether the values of a slot are not finite, [P, B].
  private var spoiled: [Bool]
  /// The step, the sequence and its group of layers that wrote to a page last, [P].
  private var writers: [(step: Int, id: SequenceID, group: Int)]
  /// What each slot of states follows, and whether it is finite.
  private var states: [(hash: UInt64, isSpoiled: Bool)]
  private let positionsPerPage: Int
  /// Positions that a row sees.
  private let window: Int

  init(_ limits: SchedulerLimits) {
    positionsPerPage = limits.positionsPerPage
    window = limits.window ?? .max
    slots = Array(repeating: 0, count: limits.pages * positionsPerPage)
    spoiled = Array(repeating: false, count: limits.pages * positionsPerPage)
    writers = Array(repeating: (-1, SequenceID(0), 0), count: limits.pages)
    states = Array(repeating: (0, true), count: limits.stateSlots ?? 0)
  }

  /// The hash of a position, given that of the position before it.
  static func hash(_ token: Token, after hash: UInt64) -> UInt64 {
    var bits = (hash ^ UInt64(UInt32(bitPattern: token))) &+ 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }

  /// What a slot of a group's page holds of a position with a hash.
  static func content(_ hash: UInt64, in group: Int) -> UInt64 {
    group == 0 ? hash : Self.hash(Token(group), after: hash ^ 1 << 43)
  }

  /// The hash of a position, given that of the position before it and the row that it reads, if it is one
  /// of an attachment.
  static func hash(_ token: Token, row: UInt64?, after hash: UInt64) -> UInt64 {
    let own = Self.hash(token, after: hash)
    guard let row else { return own }
    return Self.hash(Token(truncatingIfNeeded: row >> 32), after: own ^ row)
  }

  /// Copies states from slot to slot, in order.
  mutating func copy(_ copies: [StateCopy]) {
    for copy in copies { states[Int(copy.target)] = states[Int(copy.source)] }
  }

  /// Moves the state of an entry on.
  ///
  /// - Returns: Whether it was that of the positions before, and finite where they are.
  private mutating func move(
    _ entry: StepPlan.Entry, from first: UInt64, to last: UInt64, of sequence: SimulatedSequence
  ) -> Bool {
    guard let slot = entry.slot.map(Int.init) else { return states.isEmpty }
    guard states.indices.contains(slot) else { return false }
    let wasSpoiled = sequence.poisoned.map { $0 < entry.first } ?? false
    if entry.first > 0, states[slot].hash != first || states[slot].isSpoiled != wasSpoiled {
      return false
    }
    let isSpoiled = sequence.poisoned.map { $0 < entry.end } ?? false
    states[slot] = (last, isSpoiled)
    return true
  }

  /// Computes the positions of an entry. A row is finite where all is that it sees.
  ///
  /// - Returns: The hash of the last position, and of as many before it as tokens are drafted, or the page
  ///   that another sequence wrote in this step.
  mutating func compute(
    _ entry: StepPlan.Entry, tokens: ArraySlice<Token>, inputs: [Int: UInt64],
    of sequence: SimulatedSequence, step: Int
  ) -> Outcome {
    var hash = entry.first == 0 ? sequence.origin : slots[slot(entry.first - 1, in: entry.pages)]
    let before = hash
    var hashes: [UInt64] = []
    for (position, token) in zip(entry.first..., tokens) {
      hash = Self.hash(token, row: inputs[position], after: hash)
      for (group, table) in entry.tables.enumerated() {
        let page = Int(table[position / positionsPerPage])
        let writer = writers[page]
        if writer.step == step, writer.id != entry.id || writer.group != group {
          return .conflict(page)
        }
        writers[page] = (step, entry.id, group)
        let slot = slot(position, in: table)
        slots[slot] = Self.content(hash, in: group)
        spoiled[slot] = position == sequence.poisoned
      }
      guard position >= entry.end - 1 - entry.drafted else { continue }
      let isSpoiled = (max(0, position + 1 - window)...position).contains {
        spoiled[slot($0, in: entry.pages)]
      }
      hashes.append(isSpoiled ? Self.notFinite : hash)
    }
    guard move(entry, from: before, to: hash, of: sequence) else { return .wrongState }
    return .hashes(hashes)
  }

  /// Puts values that are not finite where an entry was computed.
  ///
  /// - Parameter first: The first position that has such values; nil for that of the entry.
  mutating func spoil(_ entry: StepPlan.Entry, from first: Int? = nil) {
    if let slot = entry.slot { states[Int(slot)].isSpoiled = true }
    for table in entry.tables {
      for position in (first ?? entry.first)..<entry.end {
        spoiled[slot(position, in: table)] = true
      }
    }
  }

  /// The first position whose slot does not hold what it should; nil when all do.
  ///
  /// - Parameters:
  ///   - pages: The pages of a group of layers.
  ///   - poisoned: The position whose values are not to be finite.
  func mismatch(
    _ chain: ArraySlice<UInt64>, pages: [Int32], in group: Int, poisoned: Int? = nil
  ) -> Int? {
    var position = chain.startIndex
    while position < chain.endIndex {
      let page = Int(pages[position / positionsPerPage])
      let end = min(chain.endIndex, (position / positionsPerPage + 1) * positionsPerPage)
      var slot = page * positionsPerPage + position % positionsPerPage
      while position < end {
        if slots[slot] != Self.content(chain[position], in: group) { return position }
        if spoiled[slot] != (position == poisoned) { return position }
        position += 1
        slot += 1
      }
    }
    return nil
  }

  /// Whether another sequence than the one given wrote to a page in this step.
  func wasWritten(_ page: Int32, in step: Int, except id: SequenceID) -> Bool {
    writers[Int(page)].step == step && writers[Int(page)].id != id
  }

  /// Whether a page holds what a group of layers keeps of a position that is the last of its page.
  func holds(_ hash: UInt64, page: Int32, in group: Int) -> Bool {
    let slot = (Int(page) + 1) * positionsPerPage - 1
    return slots[slot] == Self.content(hash, in: group) && !spoiled[slot]
  }

  private func slot(_ position: Int, in pages: [Int32]) -> Int {
    Int(pages[position / positionsPerPage]) * positionsPerPage + position % positionsPerPage
  }

  enum Outcome {
    case hashes([UInt64])
    case conflict(Int)
    case wrongState
  }
}
