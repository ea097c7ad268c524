package import Tensor

/// How rotary angles are stretched beyond the context that a model was trained on.
package enum RotaryScaling: Sendable, Hashable {
  /// Not at all.
  case none
  /// All angles divided by a factor: Chen et al., "Extending Context Window via Positional
  /// Interpolation", 2023.
  case linear(factor: Double)
  /// Low frequencies divided, high ones kept: Peng et al., "YaRN", 2023.
  case yarn(factor: Double, originalContext: Int)
  /// Long wavelengths divided, short ones kept, in between a mean: Llama Team, "The Llama 3 Herd of
  /// Models", 2024.
  case llama3(Llama3Scaling)
}

/// The figures of Llama 3's way to stretch rotary angles.
package struct Llama3Scaling: Sendable, Hashable {
  /// What long wavelengths are stretched by.
  package var factor: Double
  /// Wavelengths above `originalContext / lowFrequencyFactor` are stretched wholly.
  package var lowFrequencyFactor: Double
  /// Wavelengths below `originalContext / highFrequencyFactor` are kept.
  package var highFrequencyFactor: Double
  /// The context of the training.
  package var originalContext: Int

  /// Names the figures.
  package init(
    factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalContext: Int
  ) {
    self.factor = factor
    self.lowFrequencyFactor = lowFrequencyFactor
    self.highFrequencyFactor = highFrequencyFactor
    self.originalContext = originalContext
  }
}

/// How queries and keys turn with their position: Su et al., "RoFormer", 2021.
///
/// Pair i of R/2 turns by position / base^(2 i / R).
package struct RotarySpec: Sendable, Hashable {
  /// Elements of a head that turn, R; even, at most D.
  package var dimensions: Int
  /// The base of the angles, often 10 000.
  package var base: Double
  /// How the angles are stretched.
  package var scaling = RotaryScaling.none
  /// Which elements form a pair.
  package var pairing: RotaryTable.Pairing
  /// Whether a file may give divisors of the angles, [R/2], as a tensor.
  package var readsDivisors = true

  /// Creates unstretched angles.
  package init(dimensions: Int, base: Double, pairing: RotaryTable.Pairing) {
    self.dimensions = dimensions
    self.base = base
    self.pairing = pairing
  }
}
