extension Candidates {
  /// Keeps the tokens at least the given fraction as likely as the most likely one; 0 keeps all.
  mutating func keepNearBest(fraction: Float) {
    guard fraction > 0 else { return }
    keep(weighingAtLeast: min(fraction, 1))
  }
}
