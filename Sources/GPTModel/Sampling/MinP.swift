/// Keeps the tokens that are likely enough beside the most likely one.
struct MinP: Truncation {
  func removesTokens(_ parameters: SamplingParameters, of count: Int) -> Bool {
    parameters.minP > 0
  }

  func apply(
    to candidates: inout Candidates, _ parameters: SamplingParameters, _ context: SamplingContext
  ) {
    candidates.keepNearBest(fraction: parameters.minP)
  }

  func floor(
    of logits: UnsafeBufferPointer<Float>, _ candidates: inout Candidates,
    _ parameters: SamplingParameters
  ) -> Float {
    // Half of the bound is a margin for rounding.
    candidates.logit(
      weighing: Double(min(parameters.minP, 1)) / 2, temperature: parameters.temperature)
  }
}

extension Candidates {
  /// Keeps the tokens at least the given fraction as likely as the most likely one; 0 keeps all.
  mutating func keepNearBest(fraction: Float) {
    guard fraction > 0 else { return }
    keep(weighingAtLeast: min(fraction, 1))
  }
}
