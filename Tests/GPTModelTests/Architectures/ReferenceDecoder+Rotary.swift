import Foundation
import GPTModel
import ModelFiles
import Tensor

extension ReferenceDecoder {
  /// Turns the pairs of a head by position / base^(2 i / R), stretched.
  func turned(_ head: [Double], _ rotary: RotarySpec, at position: Int) -> [Double] {
    var result = head
    let pairs = rotary.dimensions / 2
    for pair in 0..<pairs {
      let (a, b) =
        rotary.pairing == .interleaved ? (2 * pair, 2 * pair + 1) : (pair, pair + pairs)
      let angle = Double(position) * frequency(rotary, pair)
      let (cosine, sine) = (amplitude(rotary) * cos(angle), amplitude(rotary) * sin(angle))
      result[a] = head[a] * cosine - head[b] * sine
      result[b] = head[a] * sine + head[b] * cosine
    }
    return result
  }

  private func amplitude(_ rotary: RotarySpec) -> Double {
    switch rotary.scaling {
    case .none, .linear, .llama3, .proportional: 1
    case .yarn(let figures): figures.amplitude ?? 0.1 * log(figures.factor) + 1
    case .longRope(let figures): figures.amplitude
    }
  }

  private func frequency(_ rotary: RotarySpec, _ pair: Int) -> Double {
    let plain = 1 / pow(rotary.base, Double(2 * pair) / Double(rotary.dimensions))
    if rotary.readsDivisors, let divisors = tensors["rope_freqs.weight"] {
      return plain / divisors[pair]
    }
    switch rotary.scaling {
    case .none: return plain
    case .proportional(let share):
      return Double(2 * (pair + 1)) <= share * Double(rotary.dimensions) ? plain : 0
    case .linear(let factor): return plain / factor
    case .yarn(let figures): return stretched(plain, by: figures, rotary, pair)
    case .llama3(let figures): return stretched(plain, by: figures)
    case .longRope(let figures):
      // Of the whole context, which a decoder has unless it is told otherwise.
      let isLong = spec.contextLength > figures.originalContext
      let name = isLong ? "rope_factors_long.weight" : "rope_factors_short.weight"
      let own = (isLong ? figures.long : figures.short)?.map(Double.init)
      return plain / ((own ?? tensors[name] ?? [])[pair])
    }
  }

  private func stretched(_ plain: Double, by figures: Llama3Scaling) -> Double {
    let wavelength = 2 * Double.pi / plain
    let context = Double(figures.originalContext)
    if wavelength < context / figures.highFrequencyFactor { return plain }
    if wavelength > context / figures.lowFrequencyFactor { return plain / figures.factor }
    let smooth =
      (context / wavelength - figures.lowFrequencyFactor)
      / (figures.highFrequencyFactor - figures.lowFrequencyFactor)
    return (1 - smooth) * plain / figures.factor + smooth * plain
  }

  private func stretched(
    _ plain: Double, by figures: YarnScaling, _ rotary: RotarySpec, _ pair: Int
  ) -> Double {
    // The pair, if pairs had fractions, that turns so often within the original context.
    func place(_ turns: Double) -> Double {
      let wavelength = Double(figures.originalContext) / turns
      return Double(rotary.dimensions) / 2 * log(wavelength / (2 * Double.pi)) / log(rotary.base)
    }
    var (first, last) = (place(figures.turnsKept), place(figures.turnsStretched))
    if figures.roundsBounds { (first, last) = (floor(first), ceil(last)) }
    first = max(first, 0)
    last = min(last, Double(rotary.dimensions - 1))
    if first == last { last += 0.001 }
    let ramp = min(max((Double(pair) - first) / (last - first), 0), 1)
    return plain / figures.factor * ramp + plain * (1 - ramp)
  }
}
