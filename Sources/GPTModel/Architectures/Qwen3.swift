import ModelFiles
import Tensor

/// Qwen 3: Llama's shape with a norm of each head's queries and keys before they are rotated.
///
/// Yang et al., "Qwen3 Technical Report", 2025.
enum Qwen3: Architecture {
  static let names = ["qwen3"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    try spec(configuration, DecoderSizes(configuration, defaults: [.headLength: 128]))
  }

  /// Describes a decoder of some sizes.
  static func spec(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes
  ) throws(ModelError) -> TransformerSpec {
    var layer = sizes.layer(rotary: try configuration.rotary(headLength: sizes.headLength))
    layer.attention?.queryKeyNorm = QueryKeyNorm(extent: .head, norm: sizes.norm)
    try layer.addBiases(configuration)
    layer.feedForward?.activation = try configuration.activation(default: .silu)
    let layers = try Qwen2.windows(configuration, layers: sizes.layers).map {
      layer.with(window: $0)
    }
    return sizes.spec(layers: layers, isTied: configuration.isTied ?? false)
  }
}
