import Foundation
import Tensor
import Testing

@testable import GPTModel

@Suite("How experts are chosen")
struct RoutingRuleTests {
  /// What a rule makes of logits: the experts, the best first, and their weights.
  private func choice(
    _ rule: RoutingRule, _ logits: [Float], biases: [Float]? = nil, scales: [Float]? = nil
  ) throws -> (experts: [Int], weights: [Float]) {
    let processor = try Processor(limit: nil)
    var scores = logits
    var choice = [Float](repeating: 0, count: logits.count)
    var experts = [Int32](repeating: -1, count: rule.used)
    var weights = [Float](repeating: -1, count: rule.used)
    let own = try biases.map { try vector($0) }
    let factors = try scales.map { try vector($0) }
    scores.withUnsafeMutableBufferPointer { scores in
      choice.withUnsafeMutableBufferPointer { choice in
        experts.withUnsafeMutableBufferPointer { experts in
          weights.withUnsafeMutableBufferPointer { weights in
            guard let scores = scores.baseAddress, let choice = choice.baseAddress,
              let experts = experts.baseAddress, let weights = weights.baseAddress
            else { return }
            rule.choose(
              RoutingRule.Row(
                scores: scores, choice: choice, biases: own?.base, scales: factors?.base,
                count: logits.count, experts: experts, weights: weights), using: processor)
          }
        }
      }
    }
    return (experts.map(Int.init), weights)
  }

  private func vector(_ values: [Float]) throws -> Vector {
    try #require(try values.withUnsafeBytes { try Vector($0) })
  }

  private func expectClose(_ found: [Float], _ expected: [Double]) {
    #expect(found.count == expected.count)
    #expect(zip(found, expected).allSatisfy { abs(Double($0) - $1) < 1e-6 }, "\(found)")
  }

  @Test("Of equal experts those of the lowest numbers are chosen, in their order")
  func ties() throws {
    let rule = RoutingRule(used: 3, score: .softmax, weight: .share())
    #expect(try choice(rule, [1, 2, 2, 0, 2, 2]).experts == [1, 2, 4])
    #expect(try choice(rule, [0, 0, 0, 0]).experts == [0, 1, 2])
  }

  @Test("What is not a number is chosen last, and makes weights that are none")
  func notNumbers() throws {
    let plain = RoutingRule(used: 2, score: .logit, weight: .score)
    #expect(try choice(plain, [.nan, 1, .nan, 2]).experts == [3, 1])
    #expect(try choice(plain, [.nan, .nan, .nan]).experts == [0, 1])
    #expect(try choice(plain, [.infinity, -.infinity, .nan]).experts == [0, 1])
    let scores: [RoutingRule.Score] = [.logit, .softmax, .sigmoid]
    let kinds: [RoutingRule.Weight] = [
      .score, .share(), .softmax, .sigmoid, .shareOfNear(distance: 0.02),
    ]
    for score in scores {
      for kind in kinds {
        var rule = RoutingRule(used: 2, score: score, weight: kind)
        rule.groups = ExpertGroups(count: 2, used: 1, summed: 2)
        let found = try choice(rule, [.nan, .nan, .nan, .nan])
        #expect(Set(found.experts).count == 2 && found.weights.allSatisfy(\.isNaN))
      }
    }
  }

  @Test("Shares of all are kept or made to sum to one; shares of the chosen sum to one at once")
  func weights() throws {
    let logits: [Float] = [0.5, 2, -1, 1]
    let all = logits.map { exp(Double($0)) }
    let sum = all.reduce(0, +)
    let kept = RoutingRule(used: 2, score: .softmax, weight: .score)
    expectClose(try choice(kept, logits).weights, [all[1] / sum, all[3] / sum])
    let shares = [all[1] / (all[1] + all[3]), all[3] / (all[1] + all[3])]
    let normed = RoutingRule(used: 2, score: .softmax, weight: .share())
    expectClose(try choice(normed, logits).weights, shares)
    var chosen = RoutingRule(used: 2, score: .logit, weight: .softmax)
    expectClose(try choice(chosen, logits).weights, shares)
    chosen.scale = 2.5
    expectClose(try choice(chosen, logits).weights, shares.map { 2.5 * $0 })
    expectClose(
      try choice(chosen, logits, scales: [9, 2, 9, 4]).weights, [5 * shares[0], 10 * shares[1]])
    let input = RoutingRule(used: 1, score: .logit, weight: .sigmoid)
    expectClose(try choice(input, logits).weights, [1 / (1 + exp(-2))])
  }

  @Test("A sum is guarded by what is added, and by what it is at least")
  func guards() throws {
    let rule = RoutingRule(used: 1, score: .logit, weight: .share(added: 0.5))
    expectClose(try choice(rule, [1.5, 0]).weights, [0.75])
    let least = RoutingRule(used: 1, score: .logit, weight: .share(least: 3))
    expectClose(try choice(least, [1.5, 0]).weights, [0.5])
  }

  @Test("A bias changes the choice, not the weights")
  func bias() throws {
    var rule = RoutingRule(used: 2, score: .sigmoid, weight: .score)
    rule.hasSelectionBias = true
    let found = try choice(rule, [2, 1, 0], biases: [-1, 0, 0.4])
    #expect(found.experts == [2, 1])
    expectClose(found.weights, [0.5, 1 / (1 + exp(-1))])
  }

  @Test("Groups are compared by their best or their two best, and only experts of kept ones chosen")
  func groups() throws {
    var rule = RoutingRule(used: 2, score: .logit, weight: .score)
    let logits: [Float] = [5, 0, 3, 3, 4, 0.5]
    rule.groups = ExpertGroups(count: 3, used: 1, summed: 1)
    #expect(try choice(rule, logits).experts == [0, 1])
    rule.groups = ExpertGroups(count: 3, used: 1, summed: 2)
    #expect(try choice(rule, logits).experts == [2, 3])
    rule.groups = ExpertGroups(count: 3, used: 2, summed: 2)
    #expect(try choice(rule, logits).experts == [0, 2])
    // Of equal groups the first is kept.
    #expect(try choice(rule, [1, 0, 2, 0, 1, 0]).experts == [2, 0])
  }

  @Test("A weight may be a share of those near, each after those before it are gone")
  func near() throws {
    let rule = RoutingRule(used: 2, score: .logit, weight: .shareOfNear(distance: 0.2))
    // 0.9 is near 1, and 0.85 near both; 0.5 is near none.
    let found = try choice(rule, [0.85, 1, 0.5, 0.9])
    #expect(found.experts == [1, 3])
    let (a, b, c) = (exp(1.0), exp(0.9), exp(0.85))
    expectClose(found.weights, [a / (a + b + c), b / (b + c)])
    // Of numbers below zero the distance is a share of the lower one.
    expectClose(
      try choice(rule, [-1, -1.2, -2]).weights,
      [
        1 / (1 + exp(-0.2)), 1,
      ])
    #expect(try choice(rule, [0, 0, -5]).weights.allSatisfy { $0.isFinite })
  }
}
