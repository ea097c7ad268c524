/// Makes tokens impossible for now, such as the end of sequence while an answer is too short.
struct BannedTokens: LogitsProcessor {
  func changesLogits(_ parameters: SamplingParameters, _ context: SamplingContext) -> Bool {
    !context.banned.isEmpty
  }

  func apply(
    to candidates: Candidates, _ parameters: SamplingParameters, _ context: SamplingContext
  ) {
    for token in context.banned where token >= 0 && Int(token) < candidates.count {
      candidates.makeImpossible(Int(token))
    }
  }
}
