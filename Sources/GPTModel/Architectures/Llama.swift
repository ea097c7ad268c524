import ModelFiles
import Tensor

/// Llama, Mistral and the many models that share their shape: grouped attention with rotary positions,
/// a gated feed-forward network, or experts as Mixtral has them, root-mean-square norms before both.
///
/// Touvron et al., "LLaMA", 2023; Jiang et al., "Mistral 7B", 2023; "Mixtral of Experts", 2024.
enum Llama: Architecture {
  static let names = ["llama", "mistral", "internlm3", "mixtral"]
  static let naming = TensorNaming.standard.with([
    "ffn_gate_inp": "block_sparse_moe.gate",
    "ffn_gate_exps": "block_sparse_moe.experts.#.w1",
    "ffn_up_exps": "block_sparse_moe.experts.#.w3",
    "ffn_down_exps": "block_sparse_moe.experts.#.w2",
  ])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    // Folders of Mixtral have a name of their own.
    let isMixture = configuration.architecture == "mixtral" || !configuration.omitsDefaults
    let sizes = try DecoderSizes(configuration, DecoderSizes.Rules(readsExperts: isMixture))
    let layer = try layer(sizes, configuration)
    let layers = try configuration.windows(layers: sizes.layers).map { layer.with(window: $0) }
    var spec = sizes.spec(layers: layers, isTied: configuration.isTied ?? false)
    guard isMixture, try hasExperts(configuration) else { return spec }
    let experts = try sizes.experts(
      configuration,
      DecoderSizes.ExpertRules(
        defaults: [.experts: 8, .expertsUsed: 2],
        activation: try configuration.activation(default: .silu)))
    spec.add(experts, where: spec.layers.map { _ in true })
    return spec
  }

  private static func hasExperts(_ configuration: any ModelConfiguration) throws(ModelError) -> Bool
  {
    let count = try configuration.integerIfPresent(.experts, in: 0...ExpertsSpec.mostExperts)
    return count.map { $0 > 0 } ?? (configuration.architecture == "mixtral")
  }

  /// A layer without window, as many architectures have it.
  ///
  /// - Parameters:
  ///   - base: The base of the angles unless the files say another.
  ///   - activation: The activation unless the files say another.
  static func layer(
    _ sizes: DecoderSizes, _ configuration: any ModelConfiguration, base: Double = 10_000,
    activation: Activation = .silu
  ) throws(ModelError) -> LayerSpec {
    var layer = sizes.layer(
      rotary: try configuration.rotary(
        headLength: sizes.headLength, base: base,
        pairing: configuration.pairsNeighbours ? .interleaved : .halves))
    layer.attention?.rotary?.rowOrder = configuration.pairsNeighbours ? .neighbours : .halves
    try layer.addBiases(configuration)
    layer.feedForward?.activation = try configuration.activation(default: activation)
    return layer
  }
}
