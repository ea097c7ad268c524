import ModelFiles
import Tensor

/// ERNIE 4.5 with experts behind the first layers, chosen by their shares and a bias for balance, beside a
/// network that all rows go through.
///
/// Baidu ERNIE Team, "ERNIE 4.5 Technical Report", 2025.
enum Ernie4_5MoE: Architecture {
  static let names = ["ernie4_5_moe", "ernie4_5-moe"]
  static let naming = TensorNaming.standard.with([
    "exp_probs_b.bias": "mlp.moe_statics.e_score_correction_bias"
  ])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration, DecoderSizes.Rules(epsilon: 1e-5, readsExperts: true))
    var spec = try Ernie4_5.spec(configuration, sizes)
    let least = try configuration.numberIfPresent(.leastWeightSum, in: 0...1) ?? 1e-12
    var experts = try sizes.groupedExperts(
      configuration,
      DecoderSizes.ExpertRules(
        defaults: [.experts: 64, .expertsUsed: 6, .expertWidth: 1_536],
        weight: .share(least: Float(least)),
        activation: try configuration.activation(default: .silu)), shared: 2)
    experts.routing.hasSelectionBias = true
    experts.shared?.network.hasBias = try configuration.flagIfPresent(.bias) ?? false
    spec.head.hasBias = try configuration.flagIfPresent(.bias) ?? false
    let last = try configuration.integerIfPresent(.lastExpertLayer, in: -1...1023) ?? -1
    let isWithin = (0..<sizes.layers).map { last < 0 || $0 <= last }
    let hasExperts = try configuration.expertLayers(sizes.layers, dense: 1)
    spec.add(experts, where: zip(hasExperts, isWithin).map { $0 && $1 })
    return spec
  }
}
