/// Warm-up, a stable rate, then a straight line down: Hu et al., "MiniCPM", 2024.
package struct LearningRate: Sendable, Hashable {
  /// The stable rate.
  package var peak: Double
  /// Steps of the warm-up.
  package var warmUp: Int
  /// Steps in all.
  package var total: Int
  /// The part of all steps in which the rate falls.
  package var decayFraction = 0.25
  /// The part of the peak that is left at the end.
  package var final = 0.1

  /// Names the peak and the steps.
  package init(peak: Double, warmUp: Int, total: Int) {
    self.peak = peak
    self.warmUp = warmUp
    self.total = total
  }

  /// The rate of a step, counted from 1.
  package func rate(at step: Int) -> Double {
    let decay = Int(Double(total) * decayFraction)
    if step <= warmUp { return peak * Double(step) / Double(warmUp) }
    if step <= total - decay { return peak }
    let left = Double(max(total - step, 0)) / Double(max(decay, 1))
    return peak * (final + (1 - final) * left)
  }
}
