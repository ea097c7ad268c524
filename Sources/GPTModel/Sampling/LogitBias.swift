/// Adds to the logits of the tokens that a request names.
struct LogitBias: LogitsProcessor {
  func changesLogits(_ parameters: SamplingParameters, _ context: SamplingContext) -> Bool {
    !parameters.logitBias.isEmpty
  }

  func apply(
    to candidates: Candidates, _ parameters: SamplingParameters, _ context: SamplingContext
  ) {
    candidates.add(parameters.logitBias)
  }
}

extension Candidates {
  /// Adds to each named token's logit; minus infinity makes a token impossible.
  func add(_ bias: [Token: Float]) {
    for (token, amount) in bias {
      changeLogit(of: token) { $0 + amount }
    }
  }
}
