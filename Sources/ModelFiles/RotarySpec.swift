package import Tensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How rotary angles are stretched beyond the context that a model was trained on.
package enum RotaryScaling: Sendable, Hashable {
  /// Not at all.
  case none
  /// All angles divided by a factor: Chen et al., "Extending Context Window via Positional
  /// Interpolation", 2023.
  case linear(factor: Double)
  /// Low frequencies divided, high ones kept: Peng et al., "YaRN", 2023.
  case yarn(YarnScaling)
  /// Long wavelengths divided, short ones kept, in between a mean: Llama Team, "The Llama 3 Herd of
  /// Models", 2024.
  case llama3(Llama3Scaling)
  /// Each pair divided by a figure of its own: Ding et al., "LongRoPE", 2024.
  case longRope(LongRopeScaling)
  /// Only a share of the pairs turns, the first, which are not slower for that.
  case proportional(share: Double)
}

/// The figures of YaRN.
package struct YarnScaling: Sendable, Hashable {
  /// What slow pairs are stretched by.
  package var factor: Double
  /// The context of the training.
  package var originalContext: Int
  /// Pairs that turn so often within the original context, or more often, are kept.
  package var turnsKept = 32.0
  /// Pairs that turn so often within the original context, or less often, are stretched wholly.
  package var turnsStretched = 1.0
  /// Whether the pairs between which the share changes are whole ones.
  package var roundsBounds = true
  /// The factor on rotated elements; nil for 1 + ln(factor) / 10.
  package var amplitude: Double?

  /// Names the figures that have no usual value.
  package init(factor: Double, originalContext: Int) {
    self.factor = factor
    self.originalContext = originalContext
  }

  /// m(x) = x ln(factor) / 10 + 1, of which factors on rotated elements are made.
  package static func magnitude(factor: Double, scale: Double) -> Double {
    factor > 1 ? 0.1 * scale * log(factor) + 1 : 1
  }
}

/// The figures of LongRoPE.
package struct LongRopeScaling: Sendable, Hashable {
  /// A divisor of each pair's angle, [R/2], while contexts are not longer than the original one; nil
  /// where a tensor has them.
  package var short: [Float]?
  /// The same for longer contexts.
  package var long: [Float]?
  /// The context of the training.
  package var originalContext: Int
  /// The factor on rotated elements.
  package var amplitude: Double

  /// Names the figures.
  package init(short: [Float]?, long: [Float]?, originalContext: Int, amplitude: Double) {
    self.short = short
    self.long = long
    self.originalContext = originalContext
    self.amplitude = amplitude
  }

  /// The factor on rotated elements of models that state none: √(1 + ln(factor) / ln(original)), where
  /// the factor is what the context has grown by.
  package static func amplitude(factor: Double, originalContext: Int) -> Double {
    guard factor > 1, originalContext > 1 else { return 1 }
    return (1 + log(factor) / log(Double(originalContext))).squareRoot()
  }
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
  /// How the files order the rows of queries and keys, where GGUF files order them otherwise than folders do;
  /// nil where both have one order.
  package var rowOrder: RowOrder?
  /// Whether a file may give divisors of the angles, [R/2], as a tensor.
  package var readsDivisors = true

  /// The orders of rows that formats of files differ in.
  package enum RowOrder: Sendable, Hashable {
    /// As the authors of the architecture have them.
    case halves
    /// Those that turn together stand together.
    case neighbours
  }

  /// Creates unstretched angles.
  package init(dimensions: Int, base: Double, pairing: RotaryTable.Pairing) {
    self.dimensions = dimensions
    self.base = base
    self.pairing = pairing
  }
}

extension RotarySpec {
  /// The pairs that turn at all.
  package var turningPairs: Int {
    guard case .proportional(let share) = scaling else { return dimensions / 2 }
    return Int(share * Double(dimensions) / 2)
  }

  /// Checks that the elements that turn form pairs; the error names the field that counts them.
  package func checkPairs(_ field: String) throws(ModelError) {
    guard dimensions >= 2, dimensions.isMultiple(of: 2) else {
      throw ModelError(.invalid, field: field, "\(dimensions) elements do not form pairs")
    }
  }
}
