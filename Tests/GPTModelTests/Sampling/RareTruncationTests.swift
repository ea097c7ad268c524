import Foundation
import TestSupport
import Testing

@testable import GPTModel

/// Typical-p, top-n-sigma and excluded top choices against plain references in double precision.
@Suite struct RareTruncationTests {
  @Test("Typical-p keeps those first whose surprise is nearest to the entropy")
  func typical() throws {
    var generator = SeededGenerator(seed: 31)
    for temperature: Float in [0.5, 1, 2] {
      for share: Float in [1e-9, 0.2, 0.5, 0.9, 0.99] {
        // Logits that all differ, so that rounding decides no order.
        let logits = (0..<80).map { Float($0) / 16 + Float(generator.below(1000)) / 1e5 }
        let chances = softmax(logits, temperature: Double(temperature))
        let entropy = chances.reduce(0) { $0 - $1 * log($1) }
        let order = chances.indices.sorted {
          abs(-log(chances[$0]) - entropy) < abs(-log(chances[$1]) - entropy)
        }
        var (sum, expected) = (0.0, [Int]())
        for index in order where sum < Double(share) {
          sum += chances[index]
          expected.append(index)
        }
        let rules = parameters { ($0.temperature, $0.typicalP) = (temperature, share) }
        let left = try #require(survivors(of: logits, with: rules))
        #expect(left.map { Int($0.token) } == expected.sorted(), "\(share) at \(temperature)")
      }
    }
  }

  @Test("Typical-p may leave out the most likely token")
  func untypical() throws {
    let logits = ([0.6] + [Double](repeating: 0.05, count: 8)).map { Float(log($0)) }
    // Surprises of 0.51 and 3.0, and an entropy of 1.5.
    let left = try #require(survivors(of: logits, with: parameters { $0.typicalP = 0.5 }))
    #expect(left.map(\.token) == [0])
    let even = ([0.3] + [Double](repeating: 0.07, count: 10)).map { Float(log($0)) }
    let others = try #require(survivors(of: even, with: parameters { $0.typicalP = 0.5 }))
    #expect(others.map(\.token) == (1...8).map { Token($0) })
  }

  @Test("Top-n-sigma keeps logits near the greatest, whatever the temperature")
  func sigma() throws {
    var generator = SeededGenerator(seed: 32)
    for deviations: Float in [0.01, 0.5, 1, 2, 50] {
      let logits = generator.logits(count: 300)
      let possible = logits.filter { $0 > -.infinity }.map(Double.init)
      let mean = possible.reduce(0, +) / Double(possible.count)
      let variance = possible.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(possible.count)
      let lowest = (possible.max() ?? 0) - Double(deviations) * variance.squareRoot()
      let expected = logits.indices.filter { Double(logits[$0]) >= lowest }
      for temperature: Float in [0.2, 1, 5] {
        let rules = parameters { ($0.temperature, $0.topNSigma) = (temperature, deviations) }
        let left = try #require(survivors(of: logits, with: rules))
        #expect(left.map { Int($0.token) } == expected, "\(deviations)")
      }
    }
  }

  @Test("Excluded top choices leave the least likely of them")
  func excluded() throws {
    let logits = [0.1, 0.3, 0.05, 0.25, 0.2, 0.1].map { Float(log($0)) }
    let always = { (threshold: Float) in
      parameters { ($0.xtcProbability, $0.xtcThreshold) = (1, threshold) }
    }
    let tokens = { (threshold: Float) in
      survivors(of: logits, with: always(threshold))?.map(\.token)
    }
    #expect(tokens(0.15) == [0, 2, 4, 5])
    #expect(tokens(0.22) == [0, 2, 3, 4, 5])
    // Of equally likely ones the higher token is the less likely one, as everywhere.
    #expect(tokens(0.09) == [2, 5])
    for harmless: Float in [0.28, 0.5, 0.51, 1] {
      #expect(tokens(harmless) == [0, 1, 2, 3, 4, 5], "\(harmless)")
    }
  }

  @Test("Top choices are excluded as often as asked for, and always at the same positions")
  func frequency() throws {
    let logits: [Float] = [1, 1, 0]
    let rules = parameters { ($0.xtcProbability, $0.xtcThreshold, $0.seed) = (0.25, 0.3, 9) }
    let excluded = { (position: Int) in
      let context = SamplingContext(choice: 0, position: position)
      return survivors(of: logits, with: rules, in: context)?.count == 2
    }
    let positions = (0..<4000).filter(excluded)
    #expect((900...1100).contains(positions.count))
    #expect((0..<4000).filter(excluded) == positions)
    // The draw of the token does not depend on this one.
    let draws = positions.map {
      SamplingContext(choice: 0, position: $0).fraction(seed: rules.seed)
    }
    #expect(abs(draws.reduce(0, +) / Double(draws.count) - 0.5) < 0.05)
  }

  @Test("Parameters out of range neither trap nor empty the choice")
  func senselessParameters() {
    let logits: [Float] = [1, 3, 2, -.infinity]
    let odd: [Float] = [
      -1, 0, 2, .infinity, .nan, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
    ]
    for value in odd {
      let changes: [(inout SamplingParameters) -> Void] = [
        { $0.typicalP = value }, { $0.topNSigma = value }, { $0.xtcThreshold = value },
        { ($0.typicalP, $0.temperature) = (0.5, value) },
        { ($0.xtcProbability, $0.xtcThreshold) = (1, value) },
      ]
      for change in changes {
        #expect(choose(from: logits, with: parameters(change)) != nil, "\(value)")
      }
    }
  }
}
