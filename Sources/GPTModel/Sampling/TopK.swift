extension Candidates {
  /// Keeps the most likely tokens, exactly as many as asked for; 0 or less keeps all.
  mutating func keepMostLikely(_ limit: Int) {
    guard limit > 0, limit < count else { return }
    var best = RankHeap(in: ranks)
    best.fill(upTo: limit, from: logits, count: count)
    keep(downTo: Rank(bits: best.first))
  }
}
