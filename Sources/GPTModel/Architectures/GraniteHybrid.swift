import ModelFiles
import Tensor

/// Granite 4: Mamba 2 in most layers, attention without positions in some, and Granite 3's factors.
///
/// IBM, "Granite 4.0 Language Models", 2025.
enum GraniteHybrid: Architecture {
  static let names = ["granitehybrid", "granitemoehybrid"]
  static let naming = TensorNaming.standard.with([
    "ffn_gate_up": "shared_mlp.input_linear", "ffn_down": "shared_mlp.output_linear",
    "ssm_in": "mamba.in_proj", "ssm_conv1d": "mamba.conv1d", "ssm_dt.bias": "mamba.dt_bias",
    "ssm_a": "mamba.A_log", "ssm_d": "mamba.D", "ssm_norm": "mamba.norm",
    "ssm_out": "mamba.out_proj",
  ])

  /// Whether there are no experts; `GraniteHybridMoE` describes those that have some.
  static func describes(_ configuration: any ModelConfiguration) -> Bool {
    let count = try? configuration.integerIfPresent(.experts, in: 0...Int.max)
    return count ?? 0 == 0
  }

  /// What configurations leave out, and what they list.
  static let rules = DecoderSizes.Rules(
    defaults: [.feedForwardWidth: 1024], epsilon: 1e-6, hasOtherLayers: true)

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    try spec(configuration, DecoderSizes(configuration, rules))
  }

  /// Describes a decoder of some sizes, as if it had no experts.
  static func spec(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes
  ) throws(ModelError) -> TransformerSpec {
    var attention = try Granite.layer(sizes, configuration)
    let isRotary = try configuration.stringIfPresent(.positionKind) == "rope"
    let stated = try configuration.flagIfPresent(.rotates)
    if !(stated ?? (isRotary || !configuration.omitsDefaults)) { attention.attention?.rotary = nil }
    if let width = try configuration.integerIfPresent(.sharedWidth, in: 1...1_048_576) {
      attention.feedForward?.width = width
    }
    var mamba = attention
    mamba.attention = nil
    mamba.recurrence = .mamba2(
      try configuration.mamba2(
        width: sizes.width, norm: sizes.norm,
        defaults: Mamba2Defaults(heads: 128, groups: 1, states: 256)))
    let kinds =
      try LayerKind.kinds(configuration, layers: sizes.layers)
      ?? Array(repeating: .recurrence, count: sizes.layers)
    return try Granite.spec(
      configuration, sizes, kinds.map { $0 == .attention ? attention : mamba })
  }
}
