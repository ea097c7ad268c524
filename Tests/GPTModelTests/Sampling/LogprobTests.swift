import Foundation
import TestSupport
import Testing

@testable import GPTModel

@Suite struct LogprobTests {
  private func logprobs(of token: Token, in logits: [Float], alternatives: Int) -> TokenLogprobs {
    var sampler = Sampler(vocabularySize: logits.count)
    return logits.withUnsafeBufferPointer {
      sampler.logprobs(of: token, in: $0, alternatives: alternatives)
    }
  }

  @Test("Log-probabilities are those of the softmax, the best alternatives first")
  func reference() {
    var generator = SeededGenerator(seed: 21)
    for count in [1, 5, 1000] {
      let logits = generator.logits(count: count)
      let best = Double(logits.max() ?? 0)
      let sum = logits.map { exp(Double($0) - best) }.reduce(0, +)
      let expected = logits.map { Double($0) - best - log(sum) }
      let order = logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }
        .filter { logits[$0] > -.infinity }
      let report = logprobs(of: 0, in: logits, alternatives: 20)
      #expect(report.chosen.token == 0)
      #expect(abs(Double(report.chosen.logprob) - expected[0]) < 2e-6)
      #expect(report.alternatives.map { Int($0.token) } == Array(order.prefix(20)))
      for entry in report.alternatives {
        #expect(abs(Double(entry.logprob) - expected[Int(entry.token)]) < 2e-6)
      }
    }
  }

  @Test("Impossible, unknown and broken are minus infinity, not a trap")
  func impossible() {
    #expect(logprobs(of: 1, in: [0, -.infinity], alternatives: 5).chosen.logprob == -.infinity)
    #expect(logprobs(of: 1, in: [0, -.infinity], alternatives: 5).alternatives.count == 1)
    for token: Token in [-1, 2, .max, .min] {
      #expect(logprobs(of: token, in: [0, 1], alternatives: 0).chosen.logprob == -.infinity)
    }
    #expect(logprobs(of: 0, in: [.nan, 1], alternatives: 3).alternatives.isEmpty)
    #expect(logprobs(of: 0, in: [], alternatives: 3).alternatives.isEmpty)
    #expect(logprobs(of: 0, in: [0, 1], alternatives: -1).alternatives.isEmpty)
  }

  @Test("The exponential is the C library's, to a few units of the last place")
  func exponentials() {
    #expect(exponential(0) == 1)
    #expect(exponential(-.infinity) == 0)
    #expect(exponential(-88) == 0)
    var x: Float = 0
    while x > -87 {
      let expected = exp(Double(x))
      #expect(abs(Double(exponential(x)) - expected) <= expected * 3e-7, "\(x)")
      x -= 0.0371
    }
  }

  @Test("The logarithm is the C library's")
  func logarithms() {
    for x in [1, 1.4142, 1.4143, 2, 3, 1.000_001, 49_152, 1e-300, 1e300] {
      #expect(abs(logarithm(x) - log(x)) <= 4e-16 * max(1, abs(log(x))), "\(x)")
    }
  }
}
