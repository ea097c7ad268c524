import ModelFiles
import Tensor

/// Qwen 1.5 and 2 with experts: Qwen 2's attention, and a network that all rows go through, times a gate
/// of its own.
///
/// Yang et al., "Qwen2 Technical Report", 2024.
enum Qwen2MoE: Architecture {
  static let names = ["qwen2_moe", "qwen2moe"]
  static let naming = TensorNaming.standard.with(sharedNames)

  /// What folders call the tensors of the network that all rows go through.
  static let sharedNames = [
    "ffn_gate_inp_shexp": "mlp.shared_expert_gate",
    "ffn_gate_shexp": "mlp.shared_expert.gate_proj", "ffn_up_shexp": "mlp.shared_expert.up_proj",
    "ffn_down_shexp": "mlp.shared_expert.down_proj",
  ]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration, DecoderSizes.Rules(readsExperts: true))
    var spec = try Qwen2.spec(configuration, sizes)
    let experts = try experts(
      configuration, sizes, normalizes: false,
      defaults: [
        .experts: 60, .expertsUsed: 4, .expertWidth: 1_408, .sharedExpertWidth: 5_632,
      ])
    spec.add(experts, where: try configuration.expertLayers(sizes.layers))
    return spec
  }

  /// The experts, and the gated network that all rows go through.
  ///
  /// - Parameters:
  ///   - normalizes: Whether weights are divided by their sum unless the files say otherwise.
  ///   - defaults: Figures that folders may leave out.
  static func experts(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes, normalizes: Bool,
    defaults: [ConfigurationKey: Int]
  ) throws(ModelError) -> ExpertsSpec {
    let normalizes = try configuration.flagIfPresent(.normalizesWeights) ?? normalizes
    let activation = try configuration.activation(default: .silu)
    var experts = try sizes.experts(
      configuration,
      DecoderSizes.ExpertRules(
        defaults: defaults, weight: normalizes ? .share() : .score, activation: activation))
    let stated = try configuration.integerIfPresent(.sharedExpertWidth, in: 1...1_048_576)
    let width = stated ?? defaults[.sharedExpertWidth] ?? sizes.feedForwardWidth
    experts.shared = SharedExpert(
      network: MLPSpec(width: width, activation: activation), hasGate: true)
    return experts
  }
}
