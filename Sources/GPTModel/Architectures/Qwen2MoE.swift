import ModelFiles
import Tensor

/// Qwen 1.5 and 2 with experts: Qwen 2's attention, and a network that all rows go through, times a gate
/// of its own.
///
/// Yang et al., "Qwen2 Technical Report", 2024.
enum Qwen2MoE: Architecture {
  static let names = ["qwen2_moe", "qwen2moe"]
  static let naming = TensorNaming.standard.with([
    "ffn_gate_inp_shexp": "mlp.shared_expert_gate",
    "ffn_gate_shexp": "mlp.shared_expert.gate_proj", "ffn_up_shexp": "mlp.shared_expert.up_proj",
    "ffn_down_shexp": "mlp.shared_expert.down_proj",
  ])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration, DecoderSizes.Rules(readsExperts: true))
    var spec = try Qwen2.spec(configuration, sizes)
    let normalizes = try configuration.flagIfPresent(.normalizesWeights) ?? false
    let activation = try configuration.activation(default: .silu)
    var experts = try sizes.experts(
      configuration,
      DecoderSizes.ExpertRules(
        defaults: [.experts: 60, .expertsUsed: 4, .expertWidth: 1_408],
        weight: normalizes ? .share() : .score, activation: activation))
    let width = try configuration.integerIfPresent(.sharedExpertWidth, in: 1...1_048_576)
    experts.shared = SharedExpert(
      network: MLPSpec(width: width ?? 5_632, activation: activation), hasGate: true)
    spec.add(experts, where: try configuration.expertLayers(sizes.layers))
    return spec
  }
}
