extension Candidates {
  /// Lowers the logits of the tokens generated so far: once, and again for each occurrence.
  func penalizeOccurrence(in counts: TokenCounts, presence: Float, frequency: Float) {
    guard presence != 0 || frequency != 0 else { return }
    for (token, entry) in counts.entries where entry.generated > 0 {
      changeLogit(of: token) { $0 - presence - frequency * Float(entry.generated) }
    }
  }
}
