/// What a step did.
package struct StepReport: Sendable, Hashable {
  /// The mean of -log p over the targets that counted; 0 where none did.
  package var loss: Double
  /// Targets that counted.
  package var kept: Int
  /// The norm of the gradient before it was shortened.
  package var norm: Double
  /// The rate of learning.
  package var rate: Double
  /// Whether the weights stayed as they were: nothing to learn, or a loss or norm that is not finite.
  package var isSkipped: Bool
}

/// Steps the weights of a network: the gradients of leaves, their sum, the norm, the optimizer.
package final class Trainer {
  /// The weights.
  package let weights: FloatBuffer
  /// The moments.
  package let optimizer: Optimizer
  /// What computes gradients.
  package let gradients: GradientSum

  /// Names the parts.
  package init(weights: FloatBuffer, optimizer: Optimizer, gradients: GradientSum) {
    self.weights = weights
    self.optimizer = optimizer
    self.gradients = gradients
  }

  /// Makes one step.
  ///
  /// - Parameters:
  ///   - leaves: The tokens of the step.
  ///   - rate: The rate of learning.
  ///   - divisor: What the sum of the gradients is divided by; nil for the targets that counted.
  package func step(_ leaves: [Leaf], rate: Double, divisor: Double? = nil) throws -> StepReport {
    let result = try gradients.run(leaves, weights: weights)
    defer { result.gradient.map(gradients.recycle) }
    let count = divisor ?? Double(result.kept)
    var report = StepReport(
      loss: result.kept == 0 ? 0 : result.loss / count, kept: result.kept, norm: 0, rate: rate,
      isSkipped: true)
    guard result.kept > 0, count > 0, let gradient = result.gradient else { return report }
    report.norm = optimizer.norm(of: gradient, scale: 1 / count, on: gradients.pool)
    guard report.loss.isFinite, report.norm.isFinite else { return report }
    let shortening = optimizer.settings.clip.map { min(1, $0 / (report.norm + 1e-6)) } ?? 1
    optimizer.step(
      weights, by: gradient, rate: rate, scale: shortening / count, on: gradients.pool)
    report.isSkipped = false
    return report
  }
}
