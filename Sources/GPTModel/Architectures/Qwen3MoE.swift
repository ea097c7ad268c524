import ModelFiles
import Tensor

/// Qwen 3 with experts: Qwen 3's attention.
///
/// Yang et al., "Qwen3 Technical Report", 2025.
enum Qwen3MoE: Architecture {
  static let names = ["qwen3_moe", "qwen3moe"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration, DecoderSizes.Rules(readsExperts: true))
    var spec = try Qwen3.spec(configuration, sizes)
    // Files of llama.cpp do not say it: all models that were published do.
    let normalizes =
      try configuration.flagIfPresent(.normalizesWeights) ?? !configuration.omitsDefaults
    let experts = try sizes.experts(
      configuration,
      DecoderSizes.ExpertRules(
        defaults: [.experts: 128, .expertsUsed: 8, .expertWidth: 768],
        weight: normalizes ? .share() : .score,
        activation: try configuration.activation(default: .silu)))
    spec.add(experts, where: try configuration.expertLayers(sizes.layers))
    return spec
  }
}
