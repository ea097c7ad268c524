import ModelFiles
import Tensor

/// Nemotron-H and Nemotron 3: each layer is Mamba 2, attention without positions, or a feed-forward network
/// with the square of ReLU, or experts of such networks.
///
/// NVIDIA, "Nemotron-H: A Family of Accurate and Efficient Hybrid Mamba-Transformer Models", 2025.
enum NemotronH: Architecture {
  static let names = ["nemotron_h", "nemotron_h_moe"]
  static let naming = Mamba2.naming.with(
    [
      "attn_q": "mixer.q_proj", "attn_k": "mixer.k_proj", "attn_v": "mixer.v_proj",
      "attn_output": "mixer.o_proj", "ffn_up": "mixer.up_proj", "ffn_down": "mixer.down_proj",
      "ffn_gate_inp": "mixer.gate", "exp_probs_b.bias": "mixer.gate.e_score_correction_bias",
      "ffn_up_exps": "mixer.experts.#.up_proj", "ffn_down_exps": "mixer.experts.#.down_proj",
      "ffn_up_shexp": "mixer.shared_experts.up_proj",
      "ffn_down_shexp": "mixer.shared_experts.down_proj",
      "ffn_latent_down": "mixer.fc1_latent_proj", "ffn_latent_up": "mixer.fc2_latent_proj",
    ], without: ["ffn_norm", "ffn_gate"])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    var defaults: [ConfigurationKey: Int] = [
      .headLength: 128, .keyValueHeads: 8, .feedForwardWidth: 21_504,
    ]
    defaults[.layers] = configuration.listedLayers
    let sizes = try DecoderSizes(
      configuration,
      DecoderSizes.Rules(
        defaults: defaults, epsilon: 1e-5, epsilonKey: .rootEpsilon, hasOtherLayers: true,
        listsExperts: true))
    var attention = sizes.plainLayer(
      rotary: nil, activation: try configuration.activation(default: .reluSquared), hasBias: false)
    try attention.addBiases(configuration)
    if configuration.omitsDefaults {
      // Folders may say otherwise, and have none.
      attention.attention?.hasInputBias = false
      attention.attention?.hasOutputBias = false
    }
    var (mamba, network) = (attention, attention)
    attention.feedForward = nil
    (mamba.attention, mamba.feedForward) = (nil, nil)
    network.attention = nil
    var mixer = try configuration.mamba2(
      width: sizes.width, norm: sizes.norm,
      defaults: Mamba2Defaults(heads: 128, groups: 8, states: 128, headLength: 64))
    let least = try configuration.numberIfPresent(.stepFloor, in: 0...1) ?? 1e-3
    mixer.stepRange = Float(least)...Float.infinity
    mamba.recurrence = .mamba2(mixer)
    let kinds = try LayerKind.kinds(configuration, layers: sizes.layers) ?? []
    guard kinds.count == sizes.layers else {
      throw ModelError(
        .missing, field: configuration.name(of: .layers), "the model needs the kinds of its layers")
    }
    var layers: [LayerSpec] = []
    let count = try configuration.integerIfPresent(.experts, in: 0...ExpertsSpec.mostExperts)
    let listsExperts = count ?? 0 > 0
    var hasExperts = [Bool](repeating: false, count: kinds.count)
    for (index, kind) in kinds.enumerated() {
      switch kind {
      case .attention: layers.append(attention)
      case .feedForward: layers.append(network)
      case .experts:
        layers.append(network)
        hasExperts[index] = true
      // Files of llama.cpp tell a feed-forward network by its width, and have experts in all or none.
      case .recurrence:
        let isNetwork = !configuration.omitsDefaults && sizes.hasFeedForward(index)
        layers.append(isNetwork ? network : mamba)
        hasExperts[index] = isNetwork && listsExperts
      }
    }
    var spec = sizes.spec(layers: layers, isTied: configuration.isTied ?? false)
    if hasExperts.contains(true) {
      spec.add(try experts(configuration, sizes), where: hasExperts)
    }
    return spec
  }

  /// Experts without gates, chosen by their logistic scores and a bias for balance, which may read latents.
  private static func experts(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes
  ) throws(ModelError) -> ExpertsSpec {
    try configuration.refuse(
      flag: .feedForwardBias, because: "biases of experts are not supported")
    let normalizes = try configuration.flagIfPresent(.normalizesWeights) ?? true
    var experts = try sizes.groupedExperts(
      configuration,
      DecoderSizes.ExpertRules(
        defaults: [.experts: 8, .expertsUsed: 2, .expertWidth: 7_688], score: .sigmoid,
        weight: normalizes ? .share(added: 1e-20) : .score,
        activation: try configuration.activation(default: .reluSquared)))
    experts.routing.hasSelectionBias = true
    experts.network.isGated = false
    let width = try configuration.size(
      .sharedExpertWidth, in: 1...1_048_576, default: 7_688)
    var shared = experts.network
    shared.width = width
    experts.shared = SharedExpert(network: shared)
    experts.latentWidth = try configuration.integerIfPresent(
      .expertLatentWidth, in: 1...65_536)
    return experts
  }
}
