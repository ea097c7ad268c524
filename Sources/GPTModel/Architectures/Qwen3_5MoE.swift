import ModelFiles

/// Qwen 3.5 and 3.6 with experts: Qwen 3.5's layers, recurrent ones too, with experts in all of them beside
/// a network that all rows go through, times a gate of its own.
///
/// Qwen Team, "Qwen3.5", 2026.
enum Qwen3_5MoE: Architecture {
  static let names = ["qwen35moe", "qwen3_5_moe", "qwen3_5_moe_text"]
  static let naming = Qwen3_5.naming.with(Qwen2MoE.sharedNames)

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration,
      DecoderSizes.Rules(
        defaults: [.headLength: 256, .keyValueHeads: 2, .feedForwardWidth: 512], epsilon: 1e-6,
        readsExperts: true))
    var spec = try Qwen3_5.spec(
      configuration, sizes, tilesKeyHeads: !configuration.omitsDefaults)
    let experts = try Qwen2MoE.experts(
      configuration, sizes, normalizes: true,
      defaults: [.experts: 256, .expertsUsed: 8, .expertWidth: 512, .sharedExpertWidth: 512])
    spec.add(experts, where: spec.layers.map { _ in true })
    return spec
  }
}
