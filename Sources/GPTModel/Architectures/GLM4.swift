import ModelFiles
import Tensor

/// GLM 4 of 2024, 9B: Llama's shape, rotating neighbours in half of each head.
///
/// Team GLM, "ChatGLM: A Family of Large Language Models from GLM-130B to GLM-4 All Tools", 2024.
enum GLM: Architecture {
  static let names = ["glm"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    try spec(configuration, placement: .pre)
  }

  /// Describes a decoder whose norms stand somewhere.
  static func spec(
    _ configuration: any ModelConfiguration, placement: NormPlacement
  ) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration, defaults: [.headLength: 128, .keyValueHeads: 2],
      defaultEpsilon: 1.5625e-7)
    var layer = sizes.layer(
      rotary: try configuration.rotary(
        headLength: sizes.headLength, share: 0.5, pairing: .interleaved))
    layer.placement = placement
    layer.attention?.hasInputBias = try configuration.flagIfPresent(.attentionBias) ?? false
    layer.feedForward?.activation = try configuration.activation(default: .silu)
    return sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers),
      isTied: configuration.isTied ?? false)
  }
}

/// GLM 4 of 2025, 9B and 32B: the same with norms before and after each block.
enum GLM4: Architecture {
  static let names = ["glm4"]
  static let naming = TensorNaming.standard.with([
    "post_attention_norm": "post_self_attn_layernorm",
    "post_ffw_norm": "post_mlp_layernorm",
  ])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    try GLM.spec(configuration, placement: .sandwich)
  }
}
