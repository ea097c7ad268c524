import ModelFiles

/// Qwen3-Next: the gated delta rule in three of four layers, gated attention in the others, and experts beside
/// a network that all rows go through; what recurrent layers project stands together for each head of keys.
///
/// Qwen Team, "Qwen3-Next", 2025.
enum Qwen3Next: Architecture {
  static let names = ["qwen3next", "qwen3_next"]
  static let naming = Qwen3_5.layerNames.with(Qwen2MoE.sharedNames).with([
    "attn_qkvz": "linear_attn.in_proj_qkvz", "ssm_ba": "linear_attn.in_proj_ba",
  ]).with(inGGUF: ["attn_qkvz": "ssm_in"])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration,
      DecoderSizes.Rules(
        defaults: [.headLength: 256, .keyValueHeads: 2, .feedForwardWidth: 5_632], epsilon: 1e-6,
        readsExperts: true))
    var spec = try Qwen3_5.spec(configuration, sizes, tilesKeyHeads: false)
    let experts = try Qwen2MoE.experts(
      configuration, sizes, normalizes: true,
      defaults: [.experts: 512, .expertsUsed: 10, .expertWidth: 512, .sharedExpertWidth: 512])
    spec.add(experts, where: try configuration.expertLayers(sizes.layers))
    return spec
  }
}
