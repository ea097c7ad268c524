/// Feed-forward networks, the experts, of which each row takes a few and adds what they give by weights.
///
/// Shazeer et al., "Outrageously Large Neural Networks: The Sparsely-Gated Mixture-of-Experts Layer", 2017.
package struct ExpertsSpec: Sendable, Hashable {
  /// Experts, E.
  package var count: Int
  /// The network of one expert.
  package var network: MLPSpec
  /// How a row's experts are chosen and weighed.
  package var routing: RoutingRule
  /// Whether the router's logits have biases.
  package var hasRouterBias = false
  /// Whether each expert has a factor on its weight.
  package var hasScales = false
  /// The network that every row goes through besides; nil for none.
  package var shared: SharedExpert?
  /// The width P of latents that experts read and give, which one product makes of a row, and another takes
  /// back to W; nil where experts read rows: NVIDIA, "Nemotron 3", 2025.
  package var latentWidth: Int?

  /// Names the figures that all experts have.
  package init(count: Int, network: MLPSpec, routing: RoutingRule) {
    self.count = count
    self.network = network
    self.routing = routing
  }

  /// The most experts that a layer may have.
  package static let mostExperts = 1024
}

/// The network that every row goes through beside the experts that it chooses.
package struct SharedExpert: Sendable, Hashable {
  /// The network.
  package var network: MLPSpec
  /// Whether a logit of its own, through the logistic function, is a factor on what it gives.
  package var hasGate = false

  /// Creates one.
  package init(network: MLPSpec, hasGate: Bool = false) {
    self.network = network
    self.hasGate = hasGate
  }
}

/// How a row's experts are chosen by the router's logits, and weighed.
package struct RoutingRule: Sendable, Hashable {
  /// What a logit becomes before experts are chosen by it.
  package enum Score: Sendable, Hashable {
    /// It stays as it is.
    case logit
    /// Its share of all by the exponential.
    case softmax
    /// 1 / (1 + e^-x).
    case sigmoid
  }

  /// What the weights of the chosen are made of.
  package enum Weight: Sendable, Hashable {
    /// Their scores, as they are.
    case score
    /// Their scores, divided by the sum of these, to which a little is added and which is at least
    /// something.
    case share(added: Float = 0, least: Float = 0)
    /// Their scores' shares by the exponential.
    case softmax
    /// Their scores through the logistic function.
    case sigmoid
    /// Each one's share by the exponential among itself and those experts that were not chosen before it
    /// and are not far below it: (s - s') / max(|s'|, s) is at most the distance. Liu et al., "GRIN:
    /// GRadient-INformed MoE", 2024.
    case shareOfNear(distance: Float)
  }

  /// What weights are multiplied with.
  package enum Place: Sendable, Hashable {
    /// What the expert gives.
    case output
    /// What the expert reads, as Llama 4 does.
    case input
  }

  /// Experts that a row takes, k.
  package var used: Int
  /// What a logit becomes.
  package var score: Score
  /// What weights are made of.
  package var weight: Weight
  /// Whether a bias for each expert is added to scores for the choice alone: Wang et al.,
  /// "Auxiliary-Loss-Free Load Balancing Strategy for Mixture-of-Experts", 2024.
  package var hasSelectionBias = false
  /// The groups of experts of which some are kept before experts are chosen; nil for none.
  package var groups: ExpertGroups?
  /// A factor on all weights.
  package var scale: Float = 1
  /// What weights are multiplied with.
  package var place = Place.output

  /// Names the figures that all rules have.
  package init(used: Int, score: Score, weight: Weight) {
    self.used = used
    self.score = score
    self.weight = weight
  }
}

/// Neighbouring experts in groups, of which a row keeps the best: DeepSeek-AI, "DeepSeek-V2", 2024.
package struct ExpertGroups: Sendable, Hashable {
  /// Groups.
  package var count: Int
  /// Groups that a row keeps.
  package var used: Int
  /// How many of a group's best scores are summed to compare groups.
  package var summed: Int

  /// Names the figures.
  package init(count: Int, used: Int, summed: Int) {
    self.count = count
    self.used = used
    self.summed = summed
  }
}
