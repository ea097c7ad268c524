import ModelFiles
import Tensor

/// OLMo 2 and 3: norms after blocks alone, and of all queries and all keys together; OLMo 3 with three
/// layers with a window to one without, whose angles alone are stretched.
///
/// OLMo Team, "2 OLMo 2 Furious", 2025.
enum Olmo2: Architecture {
  static let names = ["olmo2", "olmo3"]
  static let naming = TensorNaming.standard.with(
    [
      "post_attention_norm": "post_attention_layernorm",
      "post_ffw_norm": "post_feedforward_layernorm",
    ], without: ["attn_norm", "ffn_norm"])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration, defaultEpsilon: 1e-5)
    var full = sizes.layer(rotary: try configuration.rotary(headLength: sizes.headLength))
    full.placement = .post
    full.attention?.queryKeyNorm = QueryKeyNorm(extent: .row, norm: sizes.norm)
    full.feedForward?.activation = try configuration.activation(default: .silu)
    try full.addBiases(configuration)
    var sliding = full
    sliding.attention?.rotary = try full.attention?.rotary.map { rotary throws(ModelError) in
      var own = rotary
      own.scaling = .none
      own.readsDivisors = false
      return try configuration.rotary(of: .sliding, defaults: own)
    }
    let windows = try configuration.windows(
      layers: sizes.layers, pattern: 4,
      default: configuration.architecture == "olmo3" ? 4_096 : nil)
    return sizes.spec(
      layers: windows.map { $0 == nil ? full : sliding.with(window: $0) },
      isTied: configuration.isTied ?? false)
  }
}
