/// Merges long words: finds the next merge without looking at the whole word again.
///
/// Neighbours that have a merge wait in a list per rank, and ranks are worked off in ascending
/// order, each list from left to right. As a merge's result is nearly always used only by merges
/// of higher rank, lists grow at their end, and one that became unordered is sorted once, when its
/// turn comes. The exception, a pair whose rank has already passed, waits in a heap that goes
/// first.
///
/// A token is written to the first and the last cell that it covers, so that both neighbours of a
/// cell are found from the lengths of tokens, without links.
package struct MergeQueue {
  private static let nowhere: Int32 = -1
  /// In `Cell.previous`: the pair is not in a list.
  private static let unlisted: Int32 = -2

  /// The place of a first token in the word, and the pair whose left token begins there.
  private struct Cell {
    /// The token that begins or ends here.
    var token: Token
    /// The rank of the pair, or `nowhere`.
    var rank = nowhere
    /// The cell of the pair before this one in the rank's list.
    var previous = nowhere
    /// The cell of the pair after this one in the rank's list.
    var next = nowhere
  }

  private var cells: [Cell] = []
  /// The list of each rank; all are empty between words.
  private var lists: [List]
  /// Ranks above `floor` whose list may hold something.
  private var waiting = MinimumHeap()
  /// Pairs, rank above cell, that came up when the turn of their rank had begun or passed.
  private var late = MinimumHeap()
  /// The rank whose turn it is.
  private var floor: Int32 = nowhere

  private struct List {
    var first = nowhere
    var last = nowhere
    var isSorted = true
    var isWaiting = false
  }

  private var ownSteps = 0
  /// Units of work so far.
  package var steps: Int { ownSteps &+ waiting.steps &+ late.steps }

  /// Creates a queue for as many merges.
  package init(ranks: Int) {
    lists = Array(repeating: List(), count: ranks)
  }

  /// Merges a word's first tokens, fewer than 2^31, and appends what they become.
  ///
  /// - Complexity: O(*n* log *n*); O(*n*) where lists stay in order, as they mostly do.
  package mutating func merge(
    _ word: ArraySlice<Token>, by merger: PairMerger, into tokens: inout [Token]
  ) {
    cells.removeAll(keepingCapacity: true)
    cells += word.lazy.map { Cell(token: $0) }
    floor = Self.nowhere
    for cell in cells.indices.dropLast() { addPair(at: cell, merger) }
    while let cell = nextPair() { mergePair(at: cell, merger) }
    var cell = 0
    while cell < cells.count {
      tokens.append(cells[cell].token)
      cell += length(at: cell, merger)
    }
  }

  private func length(at cell: Int, _ merger: PairMerger) -> Int {
    Int(merger.lengths[Int(cells[cell].token)])
  }

  /// Returns where the pair of the next merge begins.
  private mutating func nextPair() -> Int? {
    while true {
      let head = floor >= 0 ? lists[Int(floor)].first : Self.nowhere
      if let key = late.minimum {
        let rank = Int32(truncatingIfNeeded: key >> 32)
        let cell = Int32(truncatingIfNeeded: key)
        if rank < floor || head < 0 || cell < head {
          late.removeMinimum()
          // A pair that has since been merged or broken up has another rank or none.
          if cells[Int(cell)].rank == rank { return Int(cell) }
          continue
        }
      }
      if head >= 0 { return Int(head) }
      guard let rank = waiting.removeMinimum() else { return nil }
      floor = Int32(truncatingIfNeeded: rank)
      lists[Int(floor)].isWaiting = false
      if !lists[Int(floor)].isSorted { sortList(of: floor) }
    }
  }

  private mutating func mergePair(at cell: Int, _ merger: PairMerger) {
    let right = cell + length(at: cell, merger)
    let result = merger.merges[cells[cell].token, cells[right].token].result
    let end = right + length(at: right, merger)
    let left = cell > 0 ? cell - length(at: cell - 1, merger) : nil
    removePair(at: cell)
    removePair(at: right)
    if let left { removePair(at: left) }
    cells[cell].token = result
    cells[end - 1].token = result
    if let left { addPair(at: left, merger) }
    if end < cells.count { addPair(at: cell, merger) }
  }

  /// Enqueues the pair of the token that begins at a cell and the one after it, if it has a merge.
  private mutating func addPair(at cell: Int, _ merger: PairMerger) {
    ownSteps &+= 1
    let right = cell + length(at: cell, merger)
    let entry = merger.merges[cells[cell].token, cells[right].token]
    guard entry < .none else { return }
    let rank = Int32(truncatingIfNeeded: entry.rank)
    cells[cell].rank = rank
    if rank <= floor {
      cells[cell].previous = Self.unlisted
      late.insert(UInt64(entry.rank) << 32 | UInt64(cell))
    } else {
      append(Int32(truncatingIfNeeded: cell), to: rank)
    }
  }

  private mutating func append(_ cell: Int32, to rank: Int32) {
    let last = lists[Int(rank)].last
    cells[Int(cell)].previous = last
    cells[Int(cell)].next = Self.nowhere
    lists[Int(rank)].last = cell
    if last < 0 {
      lists[Int(rank)].first = cell
      lists[Int(rank)].isSorted = true
    } else {
      cells[Int(last)].next = cell
      if cell < last { lists[Int(rank)].isSorted = false }
    }
    if !lists[Int(rank)].isWaiting, rank > floor {
      lists[Int(rank)].isWaiting = true
      waiting.insert(UInt64(rank))
    }
  }

  /// Takes the pair that begins at a cell out of its list, if there is one.
  private mutating func removePair(at cell: Int) {
    ownSteps &+= 1
    let rank = Int(cells[cell].rank)
    guard rank >= 0 else { return }
    cells[cell].rank = Self.nowhere
    let before = cells[cell].previous
    let after = cells[cell].next
    guard before != Self.unlisted else { return }
    if before < 0 { lists[rank].first = after } else { cells[Int(before)].next = after }
    if after < 0 { lists[rank].last = before } else { cells[Int(after)].previous = before }
  }

  private mutating func sortList(of rank: Int32) {
    var sorted: [Int32] = []
    var cell = lists[Int(rank)].first
    while cell >= 0 {
      sorted.append(cell)
      cell = cells[Int(cell)].next
    }
    sorted.sort()
    ownSteps &+= sorted.count * (Int.bitWidth - sorted.count.leadingZeroBitCount)
    lists[Int(rank)] = List()
    for cell in sorted { append(cell, to: rank) }
  }
}
