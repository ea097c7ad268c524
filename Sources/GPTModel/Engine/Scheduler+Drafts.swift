import BasicContainers
import Tokenizers

extension Scheduler {
  /// Tokens of answers that are known without being computed one by one, and that one step computes, at most.
  package static let longestRun = 64

  /// Proposes tokens that may follow those known of a running sequence: the next step computes as many of
  /// them as it has room for, behind those known.
  ///
  /// Each stands where the token chosen in its place is the same. With all of them the sequence is no longer
  /// than it may become.
  package mutating func propose(_ draft: [Token], for id: SequenceID) {
    guard limits.draftRowsPerStep > 0, let index = runningIndex(of: id) else { return }
    running[index].draft.removeAll(keepingCapacity: true)
    running[index].draft.append(contentsOf: draft)
  }

  /// Whether a row of a step is that of the last token known, so that it says what the next one is.
  ///
  /// It is not where a token before it was drafted wrongly, or is followed by one that is known already.
  package func isDue(_ position: Int, of id: SequenceID) -> Bool {
    guard let index = runningIndex(of: id) else { return false }
    return position + 1 == running[index].known && position < running[index].computed
  }

  /// The token drafted to follow those known of a sequence, and how many are drafted with it.
  package func nextDrafted(of id: SequenceID) -> (token: Token, count: Int)? {
    guard let index = runningIndex(of: id), running[index].drafted > 0 else { return nil }
    return (running[index].tokens[running[index].known], running[index].drafted)
  }

  /// Whether a running sequence lacks a single token, or few that were written since it was started.
  func isWriting(at index: Int) -> Bool {
    let gap = gap(at: index)
    return gap == 1
      || (1...Self.longestRun + 1).contains(gap)
        && running[index].computed >= running[index].promptEnd
  }

  /// Appends as much of a sequence's draft to its tokens as a step has room for, where the step computes all
  /// that is known. Nobody loses pages to a draft.
  ///
  /// - Parameters:
  ///   - count: Positions that the step computes of the sequence.
  ///   - rows: Rows left for drafted tokens.
  mutating func takeDraft(at index: Int, after count: Int, rows: Int, beside plan: StepPlan) {
    guard !running[index].draft.isEmpty, count == gap(at: index) else { return }
    let end = running[index].computed + count
    let drafted = plan.entries.reduce(0) { $0 + $1.drafted }
    let length = min(
      running[index].draft.count, rows, limits.draftRowsPerStep - drafted,
      limits.longestChunk(from: running[index].computed) - count,
      positionsToSpare(at: index, after: end))
    guard length > 0 else { return }
    running[index].tokens.append(contentsOf: running[index].draft.prefix(length))
    running[index].drafted = length
  }

  /// Positions after those known of a sequence for which there are pages that no running sequence may need
  /// for its next token.
  private func positionsToSpare(at index: Int, after end: Int) -> Int {
    let places = limits.pagesNeeded(end)
    let needed = max(0, places - running[index].lease.places) + running.count
    let pages = max(0, pool.availableCount / limits.windows.count - needed)
    return (places + pages) * limits.positionsPerPage - end
  }

  /// Compares the first drafted token with the one that was chosen. Where they differ, all drafted tokens are
  /// forgotten, and what was computed of them.
  mutating func settleDraft(at index: Int, by token: Token) {
    if running[index].tokens[running[index].known] == token {
      running[index].drafted -= 1
      return
    }
    forgetDraft(at: index)
    running[index].tokens.append(token)
    pool.shrink(
      &running[index].lease, to: limits.pagesNeeded(running[index].tokens.count))
  }

  /// Forgets the drafted tokens of a sequence.
  mutating func forgetDraft(at index: Int) {
    running[index].tokens.removeLast(running[index].drafted)
    running[index].drafted = 0
    running[index].computed = min(running[index].computed, running[index].tokens.count)
  }
}
