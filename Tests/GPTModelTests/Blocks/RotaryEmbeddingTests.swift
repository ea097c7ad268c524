import Tensor
import Testing

@testable import GPTModel

@Suite("Rotary embedding")
struct RotaryEmbeddingTests {
  private func parameters(_ scaling: RotaryScaling, divisors: [Float] = [])
    -> RotaryEmbedding.Parameters
  {
    RotaryEmbedding.Parameters(
      dimensions: 64, base: 10_000, scaling: scaling, divisors: divisors, pairing: .interleaved)
  }

  @Test("Linear scaling and divisors divide the angle of every pair")
  func divided() {
    let plain = parameters(.none).frequencies
    let linear = parameters(.linear(factor: 4)).frequencies
    let divided = parameters(.none, divisors: (1...32).map(Float.init)).frequencies
    #expect(plain.count == 32)
    #expect(plain.first == 1)
    for pair in plain.indices {
      #expect((linear[pair] * 4 / plain[pair] - 1).magnitude < 1e-12)
      #expect((divided[pair] * Double(pair + 1) / plain[pair] - 1).magnitude < 1e-12)
    }
  }

  @Test("YaRN keeps fast pairs, divides slow ones, and blends between as the paper's ramp does")
  func yarn() {
    let plain = parameters(.none).frequencies
    let scaled = parameters(.yarn(factor: 4, originalContext: 4096)).frequencies
    // Made by hand from the paper: with D = 64, base 10000 and 4096 positions, a pair turns 32 times
    // at index 10.4 and once at 22.5, so the ramp runs from 10 to 23.
    for pair in 0...10 { #expect(scaled[pair] == plain[pair]) }
    for pair in 23..<32 { #expect((scaled[pair] * 4 / plain[pair] - 1).magnitude < 1e-12) }
    let blend = 6.0 / 13
    #expect((scaled[16] / plain[16] - (1 - blend + blend / 4)).magnitude < 1e-12)
    #expect(
      (parameters(.yarn(factor: 4, originalContext: 4096)).amplitude - 1.1386294361119891)
        .magnitude < 1e-12)
  }

  @Test("YaRN by a factor of one changes nothing")
  func unity() {
    let unscaled = parameters(.yarn(factor: 1, originalContext: 4096))
    #expect(unscaled.frequencies == parameters(.none).frequencies)
    #expect(unscaled.amplitude == 1)
  }
}
