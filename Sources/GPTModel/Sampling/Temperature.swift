import Tensor

/// Gives the tokens left their weights, which the rules after it read; removes none.
struct Temperature: Truncation {
  func removesTokens(_ parameters: SamplingParameters, of count: Int) -> Bool { false }

  func apply(
    to candidates: inout Candidates, _ parameters: SamplingParameters, _ context: SamplingContext
  ) {
    candidates.weigh(temperature: parameters.temperature, best: candidates.best)
  }
}

extension Candidates {
  /// Computes the weights exp((logit - best) / temperature), of which the greatest is 1.
  ///
  /// A temperature too small or too great for its reciprocal counts as the nearest that is not.
  func weigh(temperature: Float, best: Float) {
    let sharpness = Self.sharpness(of: temperature)
    if let processor {
      processor.weigh(
        UnsafeBufferPointer(start: logits, count: count),
        by: LogitWeighing(best: best, sharpness: sharpness), weights: weights, sums: sums)
      return
    }
    var index = 0
    while index < count {
      weights[index] = exponential((logits[index] - best) * sharpness)
      index &+= 1
    }
  }

  /// A logit just below the one that has a weight above 0.
  func logit(weighing weight: Double, temperature: Float) -> Float {
    (best + Float(logarithm(weight)) / Self.sharpness(of: temperature)).nextDown
  }

  /// The reciprocal of a temperature, which is above 0.
  static func sharpness(of temperature: Float) -> Float {
    max(min(1 / temperature, .greatestFiniteMagnitude), .leastNormalMagnitude)
  }
}
