import Foundation
import TestSupport
import Testing

@testable import GPTModel

@Suite struct SamplerTests {
  private func draws(
    _ count: Int, from logits: [Float], with parameters: SamplingParameters = SamplingParameters(),
    choice: Int = 0
  ) -> [Token?] {
    var sampler = Sampler(vocabularySize: logits.count)
    return (0..<count).map { position in
      logits.withUnsafeBufferPointer {
        sampler.choose(
          from: $0, parameters: parameters,
          context: SamplingContext(choice: choice, position: position))
      }
    }
  }

  @Test("Draws follow the distribution", arguments: [0, 8] as [Int])
  func distribution(topK: Int) throws {
    var generator = SeededGenerator(seed: 11)
    let logits = (0..<20).map { _ in Float.random(in: -2...2, using: &generator) }
    let chain = parameters {
      $0.seed = 5
      $0.topK = topK
    }
    let expected = try #require(survivors(of: logits, with: chain))
    let count = 20_000
    var seen: [Token: Int] = [:]
    for case let token? in draws(count, from: logits, with: chain) {
      seen[token, default: 0] += 1
    }
    #expect(seen.values.reduce(0, +) == count)
    #expect(Set(seen.keys).isSubset(of: expected.map(\.token)))
    let deviation = expected.map { survivor -> Double in
      let mean = survivor.probability * Double(count)
      return pow(Double(seen[survivor.token] ?? 0) - mean, 2) / mean
    }.reduce(0, +)
    // One in a thousand seeds would exceed these chi-square quantiles (19 and 7 degrees).
    #expect(deviation < (topK == 0 ? 43.8 : 24.3))
  }

  @Test("A draw is the first token whose cumulated weight exceeds the fraction")
  func cumulation() {
    var logits = [Float](repeating: -.infinity, count: 200)
    for token in [1, 2, 63, 150] { logits[token] = 3 }
    var sampler = Sampler(vocabularySize: 200)
    let drawn = logits.withUnsafeBufferPointer { buffer in
      sampler.withCandidates(from: buffer) { candidates in
        candidates.weigh(temperature: 1, best: 3)
        return [0, 0.2499, 0.25, 0.5, 0.7499, 0.75, 1.0.nextDown].map { candidates.draw(at: $0) }
      }
    }
    #expect(drawn == [1, 1, 2, 63, 63, 150, 150])
  }

  @Test("The same seed, choice and position draw the same, in any sampler and after anything")
  func repeatable() {
    var generator = SeededGenerator(seed: 12)
    let logits = generator.logits(count: 400)
    let chain = parameters { $0.seed = 99 }
    let first = draws(50, from: logits, with: chain)
    #expect(draws(50, from: logits, with: chain) == first)
    var used = Sampler(vocabularySize: 400)
    for position in (0..<50).reversed() {
      let token = logits.withUnsafeBufferPointer { buffer in
        let context = SamplingContext(choice: 0, position: position)
        let narrow = parameters { $0.topK = 3 }
        _ = used.choose(from: buffer, parameters: narrow, context: context)
        return used.choose(from: buffer, parameters: chain, context: context)
      }
      #expect(token == first[position])
    }
  }

  @Test("Another choice, another seed and another position draw differently")
  func names() {
    let logits = [Float](repeating: 0, count: 1000)
    let first = draws(50, from: logits)
    #expect(draws(50, from: logits, choice: 1) != first)
    #expect(draws(50, from: logits, with: parameters { $0.seed = 1 }) != first)
    #expect(Set(first).count > 40)
  }

  @Test("Logits that are not finite choose nothing")
  func notFinite() {
    let broken: [[Float]] = [
      [0, .nan, 1], [.nan], [0, .infinity], [-.infinity, -.infinity], [],
      [-.nan, 5], [-.infinity, .nan],
    ]
    for logits in broken {
      #expect(choose(from: logits) == nil, "\(logits)")
      #expect(choose(from: logits, with: .greedy) == nil, "\(logits)")
      #expect(choose(from: logits, with: parameters { $0.topK = 1 }) == nil, "\(logits)")
      let penalized = parameters { $0.presencePenalty = 1 }
      #expect(choose(from: logits, with: penalized) == nil, "\(logits)")
    }
  }

  @Test("A token of minus infinity is never drawn")
  func impossible() {
    var logits = [Float](repeating: -.infinity, count: 130)
    logits[64] = -3
    logits[129] = -3
    for temperature: Float in [1e-30, 1e-6, 1, 2, .greatestFiniteMagnitude, .infinity] {
      let tokens = Set(draws(200, from: logits, with: parameters { $0.temperature = temperature }))
      #expect(tokens == [64, 129], "\(temperature)")
    }
  }

  @Test("Zero and tiny temperatures take the best, ties to the lowest or shared")
  func cold() {
    let logits: [Float] = [-3e38, 7, 7.001, 3, 7.001]
    #expect(choose(from: logits, with: .greedy) == 2)
    for temperature: Float in [1e-6, 1e-38, .leastNonzeroMagnitude] {
      let cold = parameters { $0.temperature = temperature }
      #expect(Set(draws(100, from: logits, with: cold)) == [2, 4])
    }
  }

  @Test("A nucleus of next to nothing is the most likely token")
  func smallestNucleus() {
    var generator = SeededGenerator(seed: 13)
    for _ in 0..<20 {
      let logits = generator.logits(count: 100)
      let nucleus = parameters { $0.topP = 1e-9 }
      #expect(draws(5, from: logits, with: nucleus) == draws(5, from: logits, with: .greedy))
    }
  }

  @Test("The logits stay as they are and may be more than were promised")
  func logitsUnchanged() {
    var generator = SeededGenerator(seed: 14)
    let logits = generator.logits(count: 100)
    var sampler = Sampler(vocabularySize: 1)
    let copy = logits
    let token = copy.withUnsafeBufferPointer {
      sampler.choose(
        from: $0,
        parameters: parameters {
          $0.logitBias = [0: 9]
          $0.topP = 0.5
        },
        context: SamplingContext(choice: 0, position: 0, banned: [1]))
    }
    #expect(token != nil)
    #expect(copy == logits)
  }
}
