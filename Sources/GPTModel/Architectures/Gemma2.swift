import ModelFiles
import Tensor

/// Gemma 2: norms before and after each block, soft caps, and a window in every other layer.
///
/// Gemma Team, "Gemma 2: Improving Open Language Models at a Practical Size", 2024.
enum Gemma2: Architecture {
  static let names = ["gemma2"]

  /// Folders keep w for norms that scale by 1 + w, and call the norms otherwise than Llama's do.
  static let naming = TensorNaming.standard.with(
    [
      "post_attention_norm": "post_attention_layernorm",
      "ffn_norm": "pre_feedforward_layernorm",
      "post_ffw_norm": "post_feedforward_layernorm",
    ],
    addingOneTo: [
      "attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm", "attn_q_norm",
      "attn_k_norm", "output_norm",
    ])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration,
      defaults: [
        .headLength: 256, .queryHeads: 8, .keyValueHeads: 4, .vocabularySize: 256_000,
        .contextLength: 8_192,
      ], defaultEpsilon: 1e-6)
    var layer = try layer(sizes, configuration, layersOfLargest: 46)
    layer.attention?.softCap = try softCap(.scoreSoftCap, configuration, default: 50)
    let windows = try configuration.windows(layers: sizes.layers, pattern: 2, default: 4_096)
    var spec = sizes.spec(
      layers: windows.map { layer.with(window: $0) }, isTied: configuration.isTied ?? true)
    spec.embedding.scale = Float(sizes.width).squareRoot()
    spec.head.softCap = try softCap(.logitSoftCap, configuration, default: 30)
    return spec
  }

  /// A layer that sees all positions, as Gemma 2 and 3 have it.
  ///
  /// - Parameter layersOfLargest: The layers of the largest model, whose scores are divided by another
  ///   length than D, which GGUF files do not say.
  static func layer(
    _ sizes: DecoderSizes, _ configuration: any ModelConfiguration, layersOfLargest: Int,
    base: Double = 10_000
  ) throws(ModelError) -> LayerSpec {
    var layer = sizes.layer(
      rotary: try configuration.rotary(headLength: sizes.headLength, base: base))
    layer.placement = .sandwich
    try layer.addBiases(configuration)
    layer.feedForward?.activation = try configuration.activation(default: .geluTanh)
    let usual = sizes.layers == layersOfLargest ? sizes.width / sizes.queryHeads : sizes.headLength
    let length = try configuration.numberIfPresent(.scoreLength, in: 1e-3...1e6) ?? Double(usual)
    layer.attention?.scale = Float(1 / length.squareRoot())
    return layer
  }

  /// A bound of scores or logits; nil for none.
  ///
  /// - Parameter default: The bound where the files do not say that there is none.
  static func softCap(
    _ key: ConfigurationKey, _ configuration: any ModelConfiguration, default: Float? = nil
  ) throws(ModelError) -> Float? {
    if configuration.isNull(key) { return nil }
    return try configuration.numberIfPresent(key, in: 1e-3...1e6).map { Float($0) } ?? `default`
  }
}
