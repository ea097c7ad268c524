import ModelFiles
import Tensor

/// Phi 3.5 with experts: layer norms, biases, and two experts in all layers, each weighed among those whose
/// logits are near its own.
///
/// Abdin et al., "Phi-3 Technical Report", 2024; Liu et al., "GRIN: GRadient-INformed MoE", 2024.
enum PhiMoE: Architecture {
  static let names = ["phimoe"]
  static let naming = Llama.naming

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration,
      DecoderSizes.Rules(
        defaults: [.keyValueHeads: 8, .contextLength: 131_072], epsilon: 1e-5, readsExperts: true))
    var layer = sizes.layer(rotary: try configuration.rotary(headLength: sizes.headLength))
    layer.norm.kind = .layer(hasWeight: true, hasBias: true)
    try layer.addBiases(configuration)
    let windows = try configuration.windows(layers: sizes.layers)
    var spec = sizes.spec(
      layers: windows.map { layer.with(window: $0) }, isTied: configuration.isTied ?? false)
    spec.head.norm = layer.norm
    spec.head.hasBias = try configuration.flagIfPresent(.headBias) ?? !configuration.omitsDefaults
    let jitter = try configuration.numberIfPresent(.routerJitter, in: 0...1) ?? 0.01
    let experts = try sizes.experts(
      configuration,
      DecoderSizes.ExpertRules(
        defaults: [.experts: 16, .expertsUsed: 2], score: .logit,
        weight: .shareOfNear(distance: Float(2 * jitter)),
        activation: try configuration.activation(default: .silu)))
    spec.add(experts, where: spec.layers.map { _ in true })
    return spec
  }
}
