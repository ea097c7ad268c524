import ModelFiles
import Tensor

/// StarCoder 2: layer norms, biases everywhere, grouped attention with rotary positions and a window.
///
/// Lozhkov et al., "StarCoder 2 and The Stack v2", 2024.
enum StarCoder2: Architecture {
  static let names = ["starcoder2"]
  static let naming = TensorNaming.standard.with([
    "ffn_up": "mlp.c_fc", "ffn_down": "mlp.c_proj",
  ])

  /// The window of all models, which GGUF files do not state.
  private static let window = 4_096

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration, .layerNorm(defaults: [.contextLength: 4_096, .keyValueHeads: 2]))
    let layer = sizes.plainLayer(
      rotary: try configuration.rotary(headLength: sizes.headLength),
      activation: try configuration.activation(default: .geluTanh),
      hasBias: try configuration.flagIfPresent(.bias) ?? true)
    let windows = try configuration.windows(
      layers: sizes.layers, default: configuration.omitsDefaults ? nil : window)
    return sizes.spec(
      layers: windows.map { layer.with(window: $0) }, isTied: configuration.isTied ?? true)
  }
}
