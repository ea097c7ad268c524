extension SchedulerLimits {
  /// Positions that a position sees, its own included, in the group that sees most; nil where one sees all
  /// before it.
  package var window: Int? { windows.first ?? nil }

  /// Pages of one group that hold so many positions.
  func pagesNeeded(_ positions: Int) -> Int {
    (positions + positionsPerPage - 1) / positionsPerPage
  }

  /// Pages of a group at the start of a sequence that no position from `position` on sees.
  package func hiddenPages(from position: Int, in group: Int = 0) -> Int {
    guard let window = windows[group] else { return 0 }
    return max(0, position - window + 1) / positionsPerPage
  }

  /// Positions that a sequence may compute in one step from `first` on.
  ///
  /// With a window in all groups the last of them sees all of them in one group, which tells whether they
  /// are finite. What they need fits the pool, which a sequence may be longer than.
  package func longestChunk(from first: Int) -> Int {
    guard window != nil || windows.count > 1 else { return rowsPerStep }
    var hidden = 0
    for group in windows.indices { hidden += hiddenPages(from: first, in: group) }
    let room = (pages + hidden) / windows.count * positionsPerPage - first
    return min(longestStep, room)
  }

  /// Positions of a sequence in a step, at most.
  private var longestStep: Int { min(window ?? .max, rowsPerStep) }

  /// Pages that a sequence holds at a time, at most, while it computes the positions from `first` to `end`.
  func pagesHeld(from first: Int, to end: Int) -> Int {
    var held = 0
    for group in windows.indices {
      held += min(pagesNeeded(end) - hiddenPages(from: first, in: group), mostPagesHeld(in: group))
    }
    return min(held, pages)
  }

  /// Pages that a sequence holds at a time, at most, however long it is.
  package var mostPagesHeld: Int {
    var held = 0
    for group in windows.indices {
      guard windows[group] != nil else { return pages }
      held += mostPagesHeld(in: group)
    }
    return min(held, pages)
  }

  /// Pages of a group that a sequence holds at a time, at most; `Int.max` where that depends on its length.
  private func mostPagesHeld(in group: Int) -> Int {
    windows[group].map { pagesSeen(window: $0, rows: longestStep) } ?? .max
  }

  /// Positions that a sequence may have so that the pool holds what it sees.
  package var longestSequence: Int {
    let seen = windows.map { $0.map { pagesSeen(window: $0, rows: 1) } }
    func needed(places: Int) -> Int { seen.reduce(0) { $0 + min(places, $1 ?? places) } }
    if !seen.contains(nil), needed(places: .max) <= pages { return .max }
    var (longest, tooLong) = (0, pages + 1)
    while tooLong - longest > 1 {
      let places = longest + (tooLong - longest) / 2
      if needed(places: places) <= pages { longest = places } else { tooLong = places }
    }
    return longest * positionsPerPage
  }

  /// Pages that some consecutive rows see together, wherever in a page they begin: window + rows - 1
  /// positions, the first of which may be the last of its page.
  private func pagesSeen(window: Int, rows: Int) -> Int {
    pagesNeeded(window + rows - 1 + positionsPerPage - 1)
  }
}
