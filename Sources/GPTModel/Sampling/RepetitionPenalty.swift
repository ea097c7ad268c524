/// Makes tokens less likely that the prompt or the answer has.
struct RepetitionPenalty: LogitsProcessor {
  func changesLogits(_ parameters: SamplingParameters, _ context: SamplingContext) -> Bool {
    parameters.repetitionPenalty != 1
  }

  func apply(
    to candidates: Candidates, _ parameters: SamplingParameters, _ context: SamplingContext
  ) {
    candidates.penalizeRepetition(of: context.counts, by: parameters.repetitionPenalty)
  }
}

extension Candidates {
  /// Makes every token of the prompt and the answer less likely, however often it occurred.
  ///
  /// A positive logit is divided and a negative one multiplied, so that both fall
  /// (Keskar et al. 2019, "CTRL", section 4.1).
  func penalizeRepetition(of counts: TokenCounts, by penalty: Float) {
    for token in counts.entries.keys {
      changeLogit(of: token) { $0 > 0 ? $0 / penalty : $0 * penalty }
    }
  }
}
