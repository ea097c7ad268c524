import ModelFiles
import Tensor

/// Arcee's foundation models: Llama's shape with a feed-forward network without gate, whose activation is
/// the square of what is above 0.
///
/// Arcee AI, "Announcing Arcee Foundation Models", 2025.
enum Arcee: Architecture {
  static let names = ["arcee"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration, defaultEpsilon: 1e-5)
    var layer = try Llama.layer(sizes, configuration, activation: .reluSquared)
    layer.feedForward?.isGated = false
    return sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers),
      isTied: configuration.isTied ?? false)
  }
}
