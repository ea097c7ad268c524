import Collectives

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
  /// What else is worth watching, by name.
  package var figures: [String: Double] = [:]
}

/// Steps the weights of a network: the gradients of leaves, their sum, the norm, the optimizer.
package final class Trainer {
  /// The weights.
  package let weights: FloatBuffer
  /// The moments.
  package let optimizer: Optimizer
  /// What computes gradients.
  package let gradients: GradientSum
  /// What is stepped in the place of the weights; nil for the weights themselves.
  package let adapters: Adapters?
  /// Which process steps what.
  let ownership: Ownership

  /// Names the parts.
  package init(
    weights: FloatBuffer, optimizer: Optimizer, gradients: GradientSum, adapters: Adapters? = nil
  ) {
    self.weights = weights
    self.optimizer = optimizer
    self.gradients = gradients
    self.adapters = adapters
    let network = gradients.exchange.ownership
    ownership = adapters?.ownership(network) ?? network
  }

  /// The processes that step together.
  var group: any ProcessGroup { gradients.group }

  /// The tensors that are stepped.
  var steppedTensors: [ParameterTensor] {
    adapters?.list.tensors ?? gradients.decoder.parameters.tensors
  }

  /// Their values.
  var stepped: FloatBuffer { adapters?.values ?? weights }

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
    guard result.kept > 0, count > 0, let full = result.gradient else { return report }
    let own = ownership.tensors[group.rank]
    let gradient = adapters?.gradient(of: full, for: own) ?? full
    report.norm = try norm(of: gradient) * (1 / count)
    guard report.loss.isFinite, report.norm.isFinite else { return report }
    let shortening = optimizer.settings.clip.map { min(1, $0 / (report.norm + 1e-6)) } ?? 1
    optimizer.step(
      stepped, by: gradient,
      .init(rate: rate, scale: shortening / count, tensors: own, pool: gradients.pool))
    try group.gather(Parts(stepped.base, ownership.elements))
    adapters?.merge(into: weights)
    report.isSkipped = false
    return report
  }

  /// The norm of a gradient of which each process has the tensors that it owns: squares are summed by tensor, and
  /// then in the order of the tensors.
  private func norm(of gradient: FloatBuffer) throws -> Double {
    var squares = optimizer.squares(
      of: gradient, ownership.tensors[group.rank], on: gradients.pool)
    try group.gather(&squares, ownership.tensors)
    return squares.reduce(0, +).squareRoot()
  }
}
