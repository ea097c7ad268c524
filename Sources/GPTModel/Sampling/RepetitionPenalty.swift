extension Candidates {
  /// Makes every token of the prompt and the answer less likely, however often it occurred.
  ///
  /// A positive logit is divided and a negative one multiplied, so that both fall
  /// (Keskar et al. 2019, "CTRL", section 4.1).
  func penalizeRepetition(of counts: TokenCounts, by penalty: Float) {
    guard penalty != 1 else { return }
    for token in counts.entries.keys {
      changeLogit(of: token) { $0 > 0 ? $0 / penalty : $0 * penalty }
    }
  }
}
