import Foundation
import TestSupport

@testable import GPTModel

extension SeededGenerator {
  /// Logits between -10 and 10; some equal to others, and some minus infinity.
  mutating func logits(count: Int) -> [Float] {
    var logits = (0..<count).map { _ in Float.random(in: -10...10, using: &self) }
    for _ in 0..<count / 4 {
      logits[Int.random(in: 0..<count, using: &self)] = logits[0]
    }
    for _ in 0..<count / 8 {
      logits[Int.random(in: 1..<max(count, 2), using: &self) % count] = -.infinity
    }
    return logits
  }

  /// A mask of few tokens, many, or stretches of them.
  mutating func mask(of count: Int) -> TokenMask {
    var mask = TokenMask(count: count)
    let (share, isStretched) = ([20, 500, 980][below(3)], below(2) == 0)
    var isAllowed = false
    for token in 0..<count {
      if !isStretched || token % 50 == 0 { isAllowed = below(1000) < share }
      mask[Token(token)] = isAllowed
    }
    return mask
  }
}

/// The probabilities of logits, in double precision.
func softmax(_ logits: [Float], temperature: Double = 1) -> [Double] {
  let best = Double(logits.max() ?? 0)
  let weights = logits.map { exp((Double($0) - best) / temperature) }
  let total = weights.reduce(0, +)
  return weights.map { $0 / total }
}

/// A token that the rules left, with its share of what they left.
struct Survivor: Equatable {
  let token: Token
  let probability: Double
}

/// What all rules together leave of logits; nil when nothing can be chosen.
func survivors(
  of logits: [Float], with parameters: SamplingParameters = SamplingParameters(),
  in context: SamplingContext = SamplingContext(choice: 0, position: 0)
) -> [Survivor]? {
  var sampler = Sampler(vocabularySize: logits.count)
  return logits.withUnsafeBufferPointer { buffer in
    sampler.withCandidates(from: buffer) { candidates in
      guard candidates.applyRules(of: parameters, in: context) != nil else { return nil }
      let mass = candidates.mass
      return (0..<candidates.count).map {
        Survivor(token: candidates.tokens[$0], probability: Double(candidates.weights[$0]) / mass)
      }
    }
  }
}

/// The logits after the rules that come before the temperature.
func adjusted(_ logits: [Float], _ adjust: (Candidates) -> Void) -> [Float] {
  var sampler = Sampler(vocabularySize: logits.count)
  let result = logits.withUnsafeBufferPointer { buffer in
    sampler.withCandidates(from: buffer) { candidates in
      adjust(candidates)
      return Array(UnsafeBufferPointer(start: candidates.logits, count: candidates.count))
    }
  }
  return result ?? []
}

/// Chooses a token with a new sampler.
func choose(
  from logits: [Float], with parameters: SamplingParameters = SamplingParameters(),
  in context: SamplingContext = SamplingContext(choice: 0, position: 0)
) -> Token? {
  var sampler = Sampler(vocabularySize: logits.count)
  return logits.withUnsafeBufferPointer {
    sampler.choose(from: $0, parameters: parameters, context: context)
  }
}

/// Sampling parameters with some changed.
func parameters(_ change: (inout SamplingParameters) -> Void) -> SamplingParameters {
  var parameters = SamplingParameters()
  change(&parameters)
  return parameters
}
