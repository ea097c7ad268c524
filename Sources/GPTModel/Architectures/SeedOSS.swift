import ModelFiles
import Tensor

/// Seed-OSS: Qwen 2's shape with heads of 128, and biases that are said apart.
///
/// ByteDance Seed Team, "Seed-OSS Open-Source Models", 2025.
enum SeedOSS: Architecture {
  static let names = ["seed_oss"]
  static let naming = TensorNaming.standard.with(inGGUF: ["ffn_norm": "post_attention_norm"])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration, defaults: [.headLength: 128, .keyValueHeads: 8], defaultEpsilon: 1e-6)
    var layer = sizes.layer(rotary: try configuration.rotary(headLength: sizes.headLength))
    layer.attention?.hasInputBias = try configuration.flagIfPresent(.attentionBias) ?? true
    layer.attention?.hasOutputBias = try configuration.flagIfPresent(.attentionOutputBias) ?? false
    layer.feedForward?.hasBias = try configuration.flagIfPresent(.feedForwardBias) ?? false
    layer.feedForward?.activation = try configuration.activation(default: .silu)
    return sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers),
      isTied: configuration.isTied ?? false)
  }
}
