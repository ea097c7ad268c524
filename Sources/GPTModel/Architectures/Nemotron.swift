import ModelFiles
import Tensor

/// Nemotron 4 and Minitron: layer norms that scale by 1 + w, the square of ReLU, and half of each head
/// turns.
///
/// Parmar et al., "Nemotron-4 15B Technical Report", 2024.
enum Nemotron: Architecture {
  static let names = ["nemotron"]
  static let naming = TensorNaming.standard.with(
    [:], addingOneTo: ["attn_norm", "ffn_norm", "output_norm"])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration, .layerNorm(defaults: [.contextLength: 4_096]))
    var layer = sizes.plainLayer(
      rotary: try configuration.rotary(headLength: sizes.headLength, share: 0.5),
      activation: try configuration.activation(default: .reluSquared), hasBias: false)
    try layer.addBiases(configuration)
    return sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? false)
  }
}
