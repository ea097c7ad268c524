import ModelFiles
import Tensor

/// Qwen 3: Llama's shape with a norm of each head's queries and keys before they are rotated.
///
/// Yang et al., "Qwen3 Technical Report", 2025.
enum Qwen3: Architecture {
  static let names = ["qwen3"]
  static let naming = TensorNaming.standard.with(["cls.output": "score"])

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
    var spec = sizes.spec(layers: layers, isTied: configuration.isTied ?? false)
    addScore(configuration, &spec)
    return spec
  }

  /// Has a reranker answer with the last state: by a classifier, or by what it would answer, yes or no.
  private static func addScore(
    _ configuration: any ModelConfiguration, _ spec: inout TransformerSpec
  ) {
    if let classes = configuration.classes {
      // Of two classes the first is yes, the second no.
      spec.pooled.score = ScoreSpec(function: classes == 2 ? .firstOfTwo : .sigmoid)
      spec.pooled.layers = [PooledLayer(name: "cls.output", inputs: spec.width, outputs: classes)]
      spec.head.hasLogits = false
    } else if configuration.isCalled("qwen3-reranker") {
      spec.pooled.score = ScoreSpec(function: .firstOfTwo, words: ["yes", "no"])
    } else {
      return
    }
    spec.pooled.score?.layout = .yesOrNo
    spec.pooled.pooling = .last
  }
}
