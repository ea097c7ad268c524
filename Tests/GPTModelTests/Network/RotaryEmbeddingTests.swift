import ModelFiles
import Tensor
import Testing

@testable import GPTModel

@Suite("Rotary embedding")
struct RotaryEmbeddingTests {
  private func spec(_ scaling: RotaryScaling) -> RotarySpec {
    var spec = RotarySpec(dimensions: 64, base: 10_000, pairing: .interleaved)
    spec.scaling = scaling
    return spec
  }

  @Test("Linear scaling and divisors divide the angle of every pair")
  func divided() {
    let plain = spec(.none).frequencies()
    let linear = spec(.linear(factor: 4)).frequencies()
    let divided = spec(.none).frequencies(divisors: (1...32).map(Float.init))
    #expect(plain.count == 32)
    #expect(plain.first == 1)
    for pair in plain.indices {
      #expect((linear[pair] * 4 / plain[pair] - 1).magnitude < 1e-12)
      #expect((divided[pair] * Double(pair + 1) / plain[pair] - 1).magnitude < 1e-12)
    }
  }

  @Test("YaRN keeps fast pairs, divides slow ones, and blends between as the paper's ramp does")
  func yarn() {
    let plain = spec(.none).frequencies()
    let scaled = spec(.yarn(YarnScaling(factor: 4, originalContext: 4096))).frequencies()
    // Made by hand from the paper: with D = 64, base 10000 and 4096 positions, a pair turns 32 times
    // at index 10.4 and once at 22.5, so the ramp runs from 10 to 23.
    for pair in 0...10 { #expect(scaled[pair] == plain[pair]) }
    for pair in 23..<32 { #expect((scaled[pair] * 4 / plain[pair] - 1).magnitude < 1e-12) }
    let blend = 6.0 / 13
    #expect((scaled[16] / plain[16] - (1 - blend + blend / 4)).magnitude < 1e-12)
    #expect(
      (spec(.yarn(YarnScaling(factor: 4, originalContext: 4096))).amplitude - 1.1386294361119891)
        .magnitude < 1e-12)
  }

  @Test("YaRN by a factor of one changes nothing")
  func unity() {
    let unscaled = spec(.yarn(YarnScaling(factor: 1, originalContext: 4096)))
    #expect(unscaled.frequencies() == spec(.none).frequencies())
    #expect(unscaled.amplitude == 1)
  }

  @Test("Llama 3 keeps short wavelengths, divides long ones, and blends between")
  func llama3() {
    let plain = spec(.none).frequencies()
    let figures = Llama3Scaling(
      factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 8192)
    let scaled = spec(.llama3(figures)).frequencies()
    for (pair, frequency) in plain.enumerated() {
      // By the paper's code: wavelengths against 8192 / 4 and 8192 / 1.
      let wavelength = 2 * Double.pi / frequency
      let expected: Double
      if wavelength < 2048 {
        expected = frequency
      } else if wavelength > 8192 {
        expected = frequency / 8
      } else {
        let smooth = (8192 / wavelength - 1) / (4 - 1)
        expected = (1 - smooth) * frequency / 8 + smooth * frequency
      }
      #expect((scaled[pair] / expected - 1).magnitude < 1e-12)
    }
    #expect(scaled.first == plain.first)
    #expect(scaled.last.map { $0 * 8 } == plain.last)
  }
}
