import ModelFiles
import Tensor

/// Qwen 3.5, 3.6 and 3.8: the gated delta rule in three of four layers, and gated attention in the others.
///
/// Qwen Team, "Qwen3.5", 2026.
enum Qwen3_5: Architecture {
  static let names = ["qwen35", "qwen3_5", "qwen3_5_text"]
  static let naming = layerNames.with([
    "attn_qkv": "linear_attn.in_proj_qkv", "attn_gate": "linear_attn.in_proj_z",
    "ssm_beta": "linear_attn.in_proj_b", "ssm_alpha": "linear_attn.in_proj_a",
  ])

  /// The names that Qwen3-Next has too.
  static let layerNames = TensorNaming.standard.with(
    [
      "ssm_conv1d": "linear_attn.conv1d", "ssm_dt.bias": "linear_attn.dt_bias",
      "ssm_a": "linear_attn.A_log", "ssm_norm": "linear_attn.norm",
      "ssm_out": "linear_attn.out_proj",
    ], addingOneTo: ["attn_norm", "ffn_norm", "output_norm", "attn_q_norm", "attn_k_norm"]
  ).with(inGGUF: ["ffn_norm": "post_attention_norm"])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration, defaults: [.headLength: 256, .keyValueHeads: 4],
      defaultEpsilon: 1e-6)
    return try spec(configuration, sizes, tilesKeyHeads: !configuration.omitsDefaults)
  }

  /// A decoder of the family's shape.
  ///
  /// - Parameter tilesKeyHeads: Whether files order heads of values so that the first of all keys' come first.
  static func spec(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes, tilesKeyHeads: Bool
  ) throws(ModelError) -> TransformerSpec {
    var attention = sizes.layer(
      rotary: try configuration.rotary(headLength: sizes.headLength, share: 0.25))
    attention.attention?.queryKeyNorm = QueryKeyNorm(extent: .head, norm: sizes.norm)
    attention.attention?.hasOutputGate = true
    try attention.addBiases(configuration)
    attention.feedForward?.activation = try configuration.activation(default: .silu)
    var recurrence = attention
    recurrence.attention = nil
    recurrence.recurrence = .gatedDelta(
      try configuration.gatedDelta(norm: sizes.norm, tilesKeyHeads: tilesKeyHeads))
    let interval = try configuration.integerIfPresent(.attentionInterval, in: 1...1024) ?? 4
    let kinds =
      try LayerKind.kinds(configuration, layers: sizes.layers)
      ?? (1...sizes.layers).map { $0.isMultiple(of: interval) ? .attention : .recurrence }
    return sizes.spec(
      layers: kinds.map { $0 == .attention ? attention : recurrence },
      isTied: configuration.isTied ?? false)
  }
}
