import ModelFiles
import Tensor

/// Nemotron-H: each layer is Mamba 2, attention without positions, or a feed-forward network with the square of
/// ReLU.
///
/// NVIDIA, "Nemotron-H: A Family of Accurate and Efficient Hybrid Mamba-Transformer Models", 2025.
enum NemotronH: Architecture {
  static let names = ["nemotron_h"]
  static let naming = Mamba2.naming.with(
    [
      "attn_q": "mixer.q_proj", "attn_k": "mixer.k_proj", "attn_v": "mixer.v_proj",
      "attn_output": "mixer.o_proj", "ffn_up": "mixer.up_proj", "ffn_down": "mixer.down_proj",
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
    for (index, kind) in kinds.enumerated() {
      switch kind {
      case .attention: layers.append(attention)
      case .feedForward: layers.append(network)
      // Files of llama.cpp tell a feed-forward network by its width.
      case .recurrence:
        let isNetwork = !configuration.omitsDefaults && sizes.hasFeedForward(index)
        layers.append(isNetwork ? network : mamba)
      }
    }
    return sizes.spec(layers: layers, isTied: configuration.isTied ?? false)
  }
}
