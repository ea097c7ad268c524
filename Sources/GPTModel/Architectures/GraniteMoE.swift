import ModelFiles
import Tensor

/// Granite 3 with experts: Granite's factors, and experts weighed by the shares of their own logits alone;
/// in some models a network beside them that all rows go through.
///
/// Granite Team, "Granite 3.0 Language Models", 2024.
enum GraniteMoE: Architecture {
  static let names = ["granitemoe", "granitemoeshared"]
  static let naming = TensorNaming.standard.with(expertNames)

  /// What folders call the tensors of experts.
  static let expertNames = [
    "ffn_gate_inp": "block_sparse_moe.router.layer",
    "ffn_gate_up_exps": "block_sparse_moe.input_linear",
    "ffn_down_exps": "block_sparse_moe.output_linear",
    "ffn_gate_up_shexp": "shared_mlp.input_linear",
    "ffn_down_shexp": "shared_mlp.output_linear",
  ]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration, DecoderSizes.Rules(epsilon: 1e-6, readsExperts: true))
    var spec = try Granite.spec(configuration, sizes)
    spec.add(try experts(configuration, sizes), where: spec.layers.map { _ in true })
    return spec
  }

  /// The experts, and the network that all rows go through where there is one.
  static func experts(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes
  ) throws(ModelError) -> ExpertsSpec {
    let activation = try configuration.activation(default: .silu)
    var experts = try sizes.experts(
      configuration,
      DecoderSizes.ExpertRules(
        defaults: [.experts: 8, .expertsUsed: 2], score: .logit, weight: .softmax,
        activation: activation))
    if let width = try configuration.integerIfPresent(.sharedExpertWidth, in: 0...1_048_576),
      width > 0
    {
      experts.shared = SharedExpert(network: MLPSpec(width: width, activation: activation))
    }
    return experts
  }
}
