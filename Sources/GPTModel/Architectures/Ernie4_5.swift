import ModelFiles
import Tensor

/// ERNIE 4.5's dense models: Llama's shape, rotating neighbours.
///
/// Baidu ERNIE Team, "ERNIE 4.5 Technical Report", 2025.
enum Ernie4_5: Architecture {
  static let names = ["ernie4_5"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    try spec(
      configuration,
      DecoderSizes(configuration, defaults: [.headLength: 128], defaultEpsilon: 1e-5))
  }

  /// Describes a decoder of some sizes.
  static func spec(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes
  ) throws(ModelError) -> TransformerSpec {
    var layer = sizes.layer(
      rotary: try configuration.rotary(
        headLength: sizes.headLength, base: 500_000, pairing: .interleaved))
    layer.feedForward?.activation = try configuration.activation(default: .silu)
    let hasBias = try configuration.flagIfPresent(.bias) ?? false
    layer.attention?.hasInputBias = hasBias
    layer.attention?.hasOutputBias = hasBias
    layer.feedForward?.hasBias = hasBias
    return sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? true)
  }
}
