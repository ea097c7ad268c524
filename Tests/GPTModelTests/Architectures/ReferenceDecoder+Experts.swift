import Foundation
import GPTModel

extension ReferenceDecoder {
  /// What experts give: those whose scores are the highest, of equal ones those of the lowest numbers.
  ///
  /// - Parameter routed: What the router reads; nil for the same as the experts.
  func experts(
    _ x: [Double], _ spec: ExpertsSpec, _ block: String, routedBy routed: [Double]? = nil
  ) -> [Double] {
    let rule = spec.routing
    let logits = product(routed ?? x, block + "ffn_gate_inp")
    let scores = scores(logits, rule.score)
    var choice = scores
    if rule.hasSelectionBias { choice = add(choice, tensors[block + "exp_probs_b.bias"] ?? []) }
    if let groups = rule.groups { choice = kept(choice, groups) }
    let order = choice.indices.sorted { (-choice[$0], $0) < (-choice[$1], $1) }
    let chosen = Array(order.prefix(rule.used))
    var weights = weights(of: chosen, scores, rule.weight).map { $0 * Double(rule.scale) }
    if spec.hasScales, let scales = tensors[block + "ffn_down_exps.scale"] {
      weights = zip(chosen, weights).map { scales[$0] * $1 }
    }
    let isLatent = spec.latentWidth != nil
    let x = (rows: x, read: isLatent ? product(x, block + "ffn_latent_down") : x)
    var sum = [Double](repeating: 0, count: x.read.count)
    for (expert, weight) in zip(chosen, weights) {
      let isInput = rule.place == .input
      let input = isInput ? x.read.map { $0 * weight } : x.read
      let output = mlp(input, spec.network, block, "_exps.\(expert)")
      sum = add(sum, isInput ? output : output.map { $0 * weight })
    }
    if isLatent { sum = product(sum, block + "ffn_latent_up") }
    guard let shared = spec.shared else { return sum }
    let gate = shared.hasGate ? logistic(product(x.rows, block + "ffn_gate_inp_shexp")[0]) : 1
    return add(sum, mlp(x.rows, shared.network, block, "_shexp").map { $0 * gate })
  }

  private func scores(_ logits: [Double], _ score: RoutingRule.Score) -> [Double] {
    switch score {
    case .logit: logits
    case .softmax: shares(logits)
    case .sigmoid: logits.map(logistic)
    }
  }

  private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  private func shares(_ x: [Double]) -> [Double] {
    let highest = x.max() ?? 0
    let exponentials = x.map { exp($0 - highest) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { $0 / sum }
  }

  /// Scores, with those in groups that are not kept below all others.
  private func kept(_ scores: [Double], _ groups: ExpertGroups) -> [Double] {
    let length = scores.count / groups.count
    let sums = (0..<groups.count).map { group in
      scores[group * length..<(group + 1) * length].sorted(by: >).prefix(groups.summed)
        .reduce(0, +)
    }
    let order = sums.indices.sorted { (-sums[$0], $0) < (-sums[$1], $1) }
    let kept = Set(order.prefix(groups.used))
    return scores.enumerated().map { kept.contains($0.offset / length) ? $0.element : -.infinity }
  }

  private func weights(
    of chosen: [Int], _ scores: [Double], _ weight: RoutingRule.Weight
  ) -> [Double] {
    let own = chosen.map { scores[$0] }
    switch weight {
    case .score: return own
    case .share(let added, let least):
      let sum = max(Double(least), own.reduce(Double(added), +))
      return own.map { $0 / sum }
    case .softmax: return shares(own)
    case .sigmoid: return own.map(logistic)
    case .shareOfNear(let distance):
      return chosen.enumerated().map { place, expert in
        let best = scores[expert]
        let near = scores.indices.filter { other in
          !chosen[..<place].contains(other)
            && (best - scores[other]) / max(scores[other].magnitude, best) <= Double(distance)
        }
        return 1 / near.reduce(0) { $0 + exp(scores[$1] - best) }
      }
    }
  }
}
