/// Keeps the tokens whose logits are near the greatest, measured in their standard deviation.
///
/// Tang et al. 2024, "Top-nσ: Not All Logits Are You Need". It looks at the logits before the temperature
/// divides them, so that the tokens left are the same at each temperature.
struct TopNSigma: Truncation {
  func removesTokens(_ parameters: SamplingParameters, of count: Int) -> Bool {
    parameters.topNSigma > 0
  }

  func apply(
    to candidates: inout Candidates, _ parameters: SamplingParameters, _ context: SamplingContext
  ) {
    candidates.keepNearBest(deviations: parameters.topNSigma)
  }
}

extension Candidates {
  /// Keeps the tokens so many standard deviations of all possible logits below the best; 0 keeps all.
  mutating func keepNearBest(deviations: Float) {
    guard deviations > 0, let deviation = standardDeviation else { return }
    let lowest = Double(best) - Double(deviations) * deviation
    keep { [logits] in Double(logits[$0]) >= lowest }
  }

  /// The standard deviation of the logits of the tokens that are possible.
  private var standardDeviation: Double? {
    var (sum, possible) = (0.0, 0)
    for index in 0..<count where logits[index] > -.infinity {
      sum += Double(logits[index])
      possible &+= 1
    }
    guard possible > 0 else { return nil }
    let mean = sum / Double(possible)
    var squares = 0.0
    for index in 0..<count where logits[index] > -.infinity {
      let distance = Double(logits[index]) - mean
      squares += distance * distance
    }
    return (squares / Double(possible)).squareRoot()
  }
}
