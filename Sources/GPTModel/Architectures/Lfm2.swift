import ModelFiles
import Tensor

/// LFM 2 and 2.5: short gated convolutions, and attention with a norm of each head's queries and keys in some
/// layers.
///
/// Liquid AI, "LFM2 Technical Report", 2025.
enum Lfm2: Architecture {
  static let names = ["lfm2"]
  static let naming = TensorNaming.standard.with([
    "output_norm": "embedding_norm", "attn_norm": "operator_norm",
    "attn_output": "self_attn.out_proj", "attn_q_norm": "self_attn.q_layernorm",
    "attn_k_norm": "self_attn.k_layernorm", "ffn_norm": "ffn_norm",
    "ffn_gate": "feed_forward.w1", "ffn_up": "feed_forward.w3", "ffn_down": "feed_forward.w2",
    "shortconv.in_proj": "conv.in_proj", "shortconv.conv": "conv.conv",
    "shortconv.out_proj": "conv.out_proj",
  ]).with(inGGUF: ["output_norm": "token_embd_norm"])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration, rules)
    return try spec(
      configuration, sizes,
      feedForwardWidth: feedForwardWidth(configuration, sizes.feedForwardWidth))
  }

  /// What configurations leave out, and what they list.
  static let rules = DecoderSizes.Rules(
    defaults: [.keyValueHeads: 8], epsilon: 1e-5, epsilonKey: .rootEpsilon, hasOtherLayers: true)

  /// Describes a decoder of some sizes.
  static func spec(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes, feedForwardWidth: Int
  ) throws(ModelError) -> TransformerSpec {
    var attention = sizes.layer(
      rotary: try configuration.rotary(headLength: sizes.headLength, base: 1_000_000))
    attention.attention?.queryKeyNorm = QueryKeyNorm(extent: .head, norm: sizes.norm)
    attention.feedForward?.width = feedForwardWidth
    var convolution = attention
    convolution.attention = nil
    let own = try configuration.convolution(
      .shortConvolutionLength, default: 3, hasBias: false)
    convolution.recurrence = .shortConvolution(
      ShortConvolutionSpec(width: sizes.width, convolution: own, hasBias: own.hasBias))
    let kinds =
      try LayerKind.kinds(configuration, layers: sizes.layers)
      ?? Array(repeating: .attention, count: sizes.layers)
    return sizes.spec(
      layers: kinds.map { $0 == .attention ? attention : convolution },
      isTied: configuration.isTied ?? true)
  }

  /// The width of feed-forward networks, of which folders state one that is to be adjusted.
  static func feedForwardWidth(
    _ configuration: any ModelConfiguration, _ stated: Int
  ) throws(ModelError) -> Int {
    guard configuration.omitsDefaults, try configuration.flagIfPresent(.adjustsFeedForward) ?? true
    else { return stated }
    let factor = try configuration.numberIfPresent(.feedForwardFactor, in: 1e-3...1e3) ?? 1
    let multiple = try configuration.integerIfPresent(.feedForwardMultiple, in: 1...65_536) ?? 256
    let width = Int(factor * Double(2 * stated / 3))
    return max(1, (width + multiple - 1) / multiple) * multiple
  }
}
