import ModelFiles
import Tensor

/// LFM 2 with experts behind the first layers, chosen by their logistic scores and a bias for balance.
///
/// Liquid AI, "LFM2 Technical Report", 2025.
enum Lfm2MoE: Architecture {
  static let names = ["lfm2_moe", "lfm2moe"]
  static let naming = Lfm2.naming.with([
    "ffn_gate_inp": "feed_forward.gate", "exp_probs_b.bias": "feed_forward.expert_bias",
    "ffn_gate_exps": "feed_forward.experts.#.w1", "ffn_up_exps": "feed_forward.experts.#.w3",
    "ffn_down_exps": "feed_forward.experts.#.w2",
  ])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    var rules = Lfm2.rules
    rules.readsExperts = true
    let sizes = try DecoderSizes(configuration, rules)
    var spec = try Lfm2.spec(configuration, sizes, feedForwardWidth: sizes.feedForwardWidth)
    let normalizes = try configuration.flagIfPresent(.normalizesWeights) ?? true
    var experts = try sizes.experts(
      configuration,
      DecoderSizes.ExpertRules(
        defaults: [.experts: 32, .expertsUsed: 4, .expertWidth: 1_792], score: .sigmoid,
        weight: normalizes ? .share(added: 1e-6) : .score))
    experts.routing.hasSelectionBias = try configuration.flagIfPresent(.selectionBias) ?? true
    experts.routing.scale = Float(try configuration.factor(.weightScale))
    spec.add(experts, where: try configuration.expertLayers(sizes.layers, dense: 2))
    return spec
  }
}
