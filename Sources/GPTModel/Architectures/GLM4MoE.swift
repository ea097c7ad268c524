import ModelFiles
import Tensor

/// GLM 4.5 and 4.6: Llama's shape with biases, half of each head turning, and experts behind the first
/// layers, chosen by their logistic scores and a bias for balance.
///
/// GLM-4.5 Team, "GLM-4.5: Agentic, Reasoning, and Coding (ARC) Foundation Models", 2025.
enum GLM4MoE: Architecture {
  static let names = ["glm4_moe", "glm4moe"]
  static let naming = TensorNaming.standard.with(inGGUF: ["ffn_norm": "post_attention_norm"])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration,
      DecoderSizes.Rules(epsilon: 1e-5, readsExperts: true))
    var layer = sizes.layer(
      rotary: try configuration.rotary(headLength: sizes.headLength, share: 0.5))
    let activation = try configuration.activation(default: .silu)
    layer.feedForward?.activation = activation
    layer.attention?.hasInputBias = try configuration.flagIfPresent(.attentionBias) ?? false
    if try configuration.flagIfPresent(.queryKeyNorm) ?? false {
      layer.attention?.queryKeyNorm = QueryKeyNorm(extent: .head, norm: sizes.norm)
    }
    var spec = sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? false)
    let normalizes = try configuration.flagIfPresent(.normalizesWeights) ?? true
    var experts = try sizes.groupedExperts(
      configuration,
      DecoderSizes.ExpertRules(
        defaults: [.experts: 128, .expertsUsed: 8, .expertWidth: 1_408], score: .sigmoid,
        weight: normalizes ? .share(added: 1e-20) : .score, activation: activation))
    experts.routing.hasSelectionBias = true
    spec.add(experts, where: try configuration.expertLayers(sizes.layers, dense: 1))
    return spec
  }
}
