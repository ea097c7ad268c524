import ModelFiles
import Tensor

/// Qwen 2 and 2.5: Llama's shape with biases on queries, keys and values.
///
/// Yang et al., "Qwen2 Technical Report", 2024.
enum Qwen2: Architecture {
  static let names = ["qwen2"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    try spec(configuration, DecoderSizes(configuration))
  }

  /// Describes a decoder of some sizes.
  static func spec(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes
  ) throws(ModelError) -> TransformerSpec {
    var layer = sizes.layer(rotary: try configuration.rotary(headLength: sizes.headLength))
    layer.attention?.hasInputBias = try configuration.flagIfPresent(.inputBias) ?? true
    layer.feedForward?.activation = try configuration.activation(default: .silu)
    let layers = try windows(configuration, layers: sizes.layers).map { layer.with(window: $0) }
    return sizes.spec(layers: layers, isTied: configuration.isTied ?? false)
  }

  /// The windows, which most files state and switch off; the first layers never have one.
  static func windows(
    _ configuration: any ModelConfiguration, layers: Int
  ) throws(ModelError) -> [Int?] {
    guard try configuration.flagIfPresent(.usesSlidingWindow) ?? false else {
      return Array(repeating: nil, count: layers)
    }
    let first = try configuration.integerIfPresent(.firstSlidingLayer, in: 0...1_024) ?? 28
    let isListed = try configuration.slidingLayers(count: layers) != nil
    return try configuration.windows(layers: layers, default: 4_096).enumerated().map {
      layer, window in isListed || layer >= first ? window : nil
    }
  }
}
