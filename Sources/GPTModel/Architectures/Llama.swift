import ModelFiles
import Tensor

/// Llama, Mistral and the many models that share their shape: grouped attention with rotary positions,
/// a gated feed-forward network, root-mean-square norms before both.
///
/// Touvron et al., "LLaMA", 2023; Jiang et al., "Mistral 7B", 2023.
enum Llama: Architecture {
  static let names = ["llama", "mistral", "internlm3"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration)
    let layer = try layer(sizes, configuration)
    let layers = try configuration.windows(layers: sizes.layers).map { layer.with(window: $0) }
    return sizes.spec(layers: layers, isTied: configuration.isTied ?? false)
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
    try layer.addBiases(configuration)
    layer.feedForward?.activation = try configuration.activation(default: activation)
    return layer
  }
}
