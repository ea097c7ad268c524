import ModelFiles
import Tensor

/// Command-R, Command-R+ and Aya: attention and the feed-forward network read one layer norm without
/// bias, and logits are multiplied; in the largest each head has a norm of its own.
///
/// Cohere, "Command R", 2024.
enum Cohere: Architecture {
  static let names = ["command-r", "cohere"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try sizes(configuration)
    let layer = try layer(sizes, configuration)
    return try spec(configuration, sizes, Array(repeating: layer, count: sizes.layers))
  }

  /// The sizes of Cohere's models.
  static func sizes(_ configuration: any ModelConfiguration) throws(ModelError) -> DecoderSizes {
    try DecoderSizes(
      configuration, .layerNorm(hasBias: false, defaults: [.contextLength: 8_192]))
  }

  /// A layer that turns its heads and sees all positions.
  static func layer(
    _ sizes: DecoderSizes, _ configuration: any ModelConfiguration
  ) throws(ModelError) -> LayerSpec {
    var layer = sizes.layer(
      rotary: try configuration.rotary(headLength: sizes.headLength, pairing: .interleaved))
    layer.placement = .parallel
    layer.feedForward?.activation = try configuration.activation(default: .silu)
    try layer.addBiases(configuration)
    if try configuration.flagIfPresent(.queryKeyNorm) ?? false {
      layer.attention?.queryKeyNorm = QueryKeyNorm(extent: .ownHead, norm: sizes.norm)
    }
    return layer
  }

  /// The decoder of these layers.
  static func spec(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes, _ layers: [LayerSpec]
  ) throws(ModelError) -> TransformerSpec {
    var spec = sizes.spec(layers: layers, isTied: configuration.isTied ?? true)
    spec.head.scale = Float(try configuration.factor(.logitScale, default: 0.0625))
    return spec
  }
}
