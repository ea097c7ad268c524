import CTraining
import Tensor

/// Steps weights by their gradient's running mean over the root of its running square: Loshchilov and
/// Hutter, "Decoupled Weight Decay Regularization", 2017.
struct AdamW: Sendable {
  private let settings: OptimizerSettings
  /// β₁ᵗ and β₂ᵗ.
  private let powers: (first: Double, second: Double)

  /// The rule at a step, counted from 1.
  init(_ settings: OptimizerSettings, step: Int) {
    self.settings = settings
    powers = (
      Self.power(settings.firstBeta, step), Self.power(settings.secondBeta, step)
    )
  }

  /// A power by squaring: products alone, which every system rounds alike.
  private static func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }

  /// The constants for gradients with a factor on them.
  func constants(rate: Double, scale: Double, decays: Bool) -> apus_adamw_constants {
    apus_adamw_constants(
      scale: Float(scale), beta1: Float(settings.firstBeta),
      one_less_beta1: Float(1 - settings.firstBeta), beta2: Float(settings.secondBeta),
      one_less_beta2: Float(1 - settings.secondBeta),
      correction1: Float(1 / (1 - powers.first)), correction2: Float(1 / (1 - powers.second)),
      kept: decays ? Float(1 - rate * settings.weightDecay) : 1, rate: Float(rate),
      epsilon: Float(settings.epsilon))
  }
}
