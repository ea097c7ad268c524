extension Candidates {
  /// Computes the weights exp((logit - best) / temperature), of which the greatest is 1.
  ///
  /// A temperature too small or too great for its reciprocal counts as the nearest that is not.
  func weigh(temperature: Float, best: Float) {
    let sharpness = Self.sharpness(of: temperature)
    var index = 0
    while index < count {
      weights[index] = exponential((logits[index] - best) * sharpness)
      index &+= 1
    }
  }

  /// The reciprocal of a temperature, which is above 0.
  static func sharpness(of temperature: Float) -> Float {
    max(min(1 / temperature, .greatestFiniteMagnitude), .leastNormalMagnitude)
  }
}
