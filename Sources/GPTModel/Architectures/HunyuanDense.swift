import ModelFiles
import Tensor

/// Hunyuan's dense models: Llama's shape with a norm of each head's queries and keys after they are
/// rotated.
///
/// Tencent Hunyuan Team, "Hunyuan-A13B Technical Report", 2025.
enum HunyuanDense: Architecture {
  static let names = ["hunyuan_v1_dense", "hunyuan-dense"]
  static let naming = TensorNaming.standard.with([
    "attn_q_norm": "self_attn.query_layernorm", "attn_k_norm": "self_attn.key_layernorm",
  ])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    try spec(configuration, DecoderSizes(configuration, defaultEpsilon: 1e-5))
  }

  /// Describes a decoder of some sizes.
  static func spec(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes
  ) throws(ModelError) -> TransformerSpec {
    var layer = sizes.layer(rotary: try configuration.rotary(headLength: sizes.headLength))
    layer.attention?.queryKeyNorm = QueryKeyNorm(
      extent: .head, norm: sizes.norm, followsRotation: true)
    layer.feedForward?.activation = try configuration.activation(default: .silu)
    try layer.addBiases(configuration)
    return sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers),
      isTied: configuration.isTied ?? false)
  }
}
