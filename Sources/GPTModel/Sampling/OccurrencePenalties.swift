/// Makes tokens less likely that the answer has: the presence and the frequency penalty.
struct OccurrencePenalties: LogitsProcessor {
  func changesLogits(_ parameters: SamplingParameters, _ context: SamplingContext) -> Bool {
    parameters.presencePenalty != 0 || parameters.frequencyPenalty != 0
  }

  func apply(
    to candidates: Candidates, _ parameters: SamplingParameters, _ context: SamplingContext
  ) {
    candidates.penalizeOccurrence(
      in: context.counts, presence: parameters.presencePenalty,
      frequency: parameters.frequencyPenalty)
  }
}

extension Candidates {
  /// Lowers the logits of the tokens generated so far: once, and again for each occurrence.
  func penalizeOccurrence(in counts: TokenCounts, presence: Float, frequency: Float) {
    for (token, entry) in counts.entries where entry.generated > 0 {
      changeLogit(of: token) { $0 - presence - frequency * Float(entry.generated) }
    }
  }
}
