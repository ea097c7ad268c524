import ModelFiles
import Tensor

/// Hunyuan with experts in all layers, beside a network that all rows go through.
///
/// Tencent Hunyuan Team, "Hunyuan-A13B Technical Report", 2025.
enum HunyuanMoE: Architecture {
  static let names = ["hunyuan_v1_moe", "hunyuan-moe"]
  static let naming = HunyuanDense.naming.with([
    "ffn_gate_inp": "mlp.gate.wg", "ffn_gate_shexp": "mlp.shared_mlp.gate_proj",
    "ffn_up_shexp": "mlp.shared_mlp.up_proj", "ffn_down_shexp": "mlp.shared_mlp.down_proj",
  ])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration, DecoderSizes.Rules(epsilon: 1e-5, readsExperts: true))
    var spec = try HunyuanDense.spec(configuration, sizes)
    let activation = try configuration.activation(default: .silu)
    var experts = try sizes.experts(
      configuration, DecoderSizes.ExpertRules(activation: activation))
    let width = try configuration.integerIfPresent(.sharedExpertWidth, in: 1...1_048_576)
    experts.shared = SharedExpert(
      network: MLPSpec(width: width ?? sizes.feedForwardWidth, activation: activation))
    spec.add(experts, where: spec.layers.map { _ in true })
    return spec
  }
}
