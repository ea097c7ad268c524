import ModelFiles
import Tensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Rotary position embedding: pairs of a head's elements turn by an angle that grows with the position.
///
/// Su et al., "RoFormer", 2021. Pair i of R/2 turns by position / base^(2 i / R).
struct RotaryEmbedding: Sendable {
  private let table: RotaryTable
  private let headLength: Int
  private let processor: Processor

  /// Computes the angles of all positions.
  ///
  /// - Parameter divisors: A divisor of each pair's angle, [R/2]; empty for none.
  init(
    _ spec: RotarySpec, divisors: [Float], headLength: Int, positions: Int, processor: Processor
  ) throws(TensorError) {
    table = try RotaryTable(
      frequencies: spec.frequencies(divisors: divisors), positions: positions,
      pairing: spec.pairing, magnitude: spec.amplitude)
    self.headLength = headLength
    self.processor = processor
  }

  /// Turns `heads` heads [heads, D] of a row that stands at a position.
  func rotate(_ row: UnsafeMutablePointer<Float>, heads: Int, position: Int) {
    table.rotate(
      row, heads: heads, headLength: headLength, position: position, using: processor)
  }
}

extension RotarySpec {
  /// Radians that each pair turns per position, [R/2].
  func frequencies(divisors: [Float] = []) -> [Double] {
    RotaryTable.frequencies(dimensions: dimensions, base: base).enumerated().map { pair, plain in
      let divisor = pair < divisors.count ? Double(divisors[pair]) : 1
      switch scaling {
      case .none, .longRope: return plain / divisor
      case .proportional: return pair < turningPairs ? plain / divisor : 0
      case .linear(let factor): return plain / divisor / factor
      case .yarn(let figures):
        let kept = shareKept(figures, pair: pair)
        return plain / divisor * (kept + (1 - kept) / figures.factor)
      case .llama3(let figures):
        let kept = figures.shareKept(frequency: plain)
        return plain / divisor * (kept + (1 - kept) / figures.factor)
      }
    }
  }

  /// The factor on rotated elements, by which attention stays as sharp as it was.
  var amplitude: Double {
    switch scaling {
    case .yarn(let figures):
      figures.amplitude ?? YarnScaling.magnitude(factor: figures.factor, scale: 1)
    case .longRope(let figures): figures.amplitude
    case .none, .linear, .llama3, .proportional: 1
    }
  }

  /// The share of a pair's angle that YaRN leaves alone: 1 where it turns 32 times or more within the
  /// original context, 0 where it turns once or less, linear in the pair's index between.
  private func shareKept(_ figures: YarnScaling, pair: Int) -> Double {
    func index(turns: Double) -> Double {
      Double(dimensions) * log(Double(figures.originalContext) / (turns * 2 * .pi))
        / (2 * log(base))
    }
    let bounds = (index(turns: figures.turnsKept), index(turns: figures.turnsStretched))
    let low = max(0, figures.roundsBounds ? bounds.0.rounded(.down) : bounds.0)
    let high = min(
      Double(dimensions - 1), figures.roundsBounds ? bounds.1.rounded(.up) : bounds.1)
    return 1 - min(1, max(0, (Double(pair) - low) / max(0.001, high - low)))
  }
}

extension Llama3Scaling {
  /// The share of a pair's angle that is left alone: 0 for long wavelengths, 1 for short ones, linear
  /// in the turns within the original context between.
  fileprivate func shareKept(frequency: Double) -> Double {
    let turns = Double(originalContext) * frequency / (2 * .pi)
    let share = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor)
    return min(1, max(0, share))
  }
}
