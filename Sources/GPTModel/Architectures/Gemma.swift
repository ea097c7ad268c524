import ModelFiles
import Tensor

/// Gemma 1: Llama's shape with a scaled embedding, GELU, and norms that scale by 1 + w.
///
/// Gemma Team, "Gemma: Open Models Based on Gemini Research and Technology", 2024.
enum Gemma: Architecture {
  static let names = ["gemma"]
  static let naming = TensorNaming.standard.with(
    [:], addingOneTo: ["attn_norm", "ffn_norm", "output_norm"])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration,
      defaults: [
        .headLength: 256, .queryHeads: 16, .keyValueHeads: 16, .vocabularySize: 256_000,
        .contextLength: 8_192,
      ], defaultEpsilon: 1e-6)
    var layer = sizes.layer(rotary: try configuration.rotary(headLength: sizes.headLength))
    // Published files say `gelu` and mean its approximation.
    let activation = try configuration.activation(default: .geluTanh)
    layer.feedForward?.activation = activation == .gelu ? .geluTanh : activation
    try layer.addBiases(configuration)
    var spec = sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? true)
    spec.embedding.scale = Float(sizes.width).squareRoot()
    return spec
  }
}
