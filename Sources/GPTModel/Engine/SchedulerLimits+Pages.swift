extension SchedulerLimits {
  /// Pages that hold so many positions.
  func pagesNeeded(_ positions: Int) -> Int {
    (positions + positionsPerPage - 1) / positionsPerPage
  }

  /// Pages at the start of a sequence that no position from `position` on sees.
  package func hiddenPages(from position: Int) -> Int {
    guard let window else { return 0 }
    return max(0, position - window + 1) / positionsPerPage
  }

  /// Positions that a sequence may compute in one step from `first` on.
  ///
  /// With a window the last of them sees all of them, which tells whether they are finite, and what they
  /// need fits the pool, which a sequence may be longer than.
  package func longestChunk(from first: Int) -> Int {
    guard let window else { return rowsPerStep }
    let room = (pages + hiddenPages(from: first)) * positionsPerPage - first
    return min(window, rowsPerStep, room)
  }

  /// Pages that a sequence holds at a time, at most, while it computes the positions from `first` to `end`.
  func pagesHeld(from first: Int, to end: Int) -> Int {
    min(pagesNeeded(end) - hiddenPages(from: first), mostPagesHeld)
  }

  /// Pages that a sequence holds at a time, at most, however long it is.
  package var mostPagesHeld: Int {
    guard let window else { return pages }
    return min(pages, pagesSeen(window: window, rows: min(window, rowsPerStep)))
  }

  /// Positions that a sequence may have so that the pool holds what it sees.
  package var longestSequence: Int {
    guard let window, pagesSeen(window: window, rows: 1) <= pages else {
      return pages * positionsPerPage
    }
    return .max
  }

  /// Pages that some consecutive rows see together, wherever in a page they begin: window + rows - 1
  /// positions, the first of which may be the last of its page.
  private func pagesSeen(window: Int, rows: Int) -> Int {
    pagesNeeded(window + rows - 1 + positionsPerPage - 1)
  }
}
