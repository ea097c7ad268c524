import ModelFiles
import Tensor

/// OLMoE: Llama's shape with norms of all queries and all keys together, and experts in all layers, whose
/// weights are not made to sum to one.
///
/// Muennighoff et al., "OLMoE: Open Mixture-of-Experts Language Models", 2024.
enum OlmoE: Architecture {
  static let names = ["olmoe"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration, DecoderSizes.Rules(epsilon: 1e-5, readsExperts: true))
    var layer = sizes.layer(rotary: try configuration.rotary(headLength: sizes.headLength))
    layer.attention?.queryKeyNorm = QueryKeyNorm(extent: .row, norm: sizes.norm)
    try layer.addBiases(configuration)
    var spec = sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? false)
    let normalizes = try configuration.flagIfPresent(.normalizesWeights) ?? false
    let experts = try sizes.experts(
      configuration,
      DecoderSizes.ExpertRules(
        defaults: [.experts: 64, .expertsUsed: 8], weight: normalizes ? .share() : .score,
        activation: try configuration.activation(default: .silu)))
    spec.add(experts, where: spec.layers.map { _ in true })
    return spec
  }
}
