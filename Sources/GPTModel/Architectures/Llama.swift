import ModelFiles
import Tensor

/// Llama, Mistral and the many models that share their shape: grouped attention with rotary positions,
/// a gated feed-forward network, root-mean-square norms before both.
///
/// Touvron et al., "LLaMA", 2023; Jiang et al., "Mistral 7B", 2023.
enum Llama: Architecture {
  static let names = ["llama", "mistral"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration)
    var layer = sizes.layer(
      rotary: try configuration.rotary(
        headLength: sizes.headLength,
        pairing: configuration.pairsNeighbours ? .interleaved : .halves))
    let hasBias = try configuration.flagIfPresent(.attentionBias) ?? false
    layer.attention.hasInputBias = hasBias
    layer.attention.hasOutputBias = hasBias
    layer.feedForward.hasBias = try configuration.flagIfPresent(.feedForwardBias) ?? false
    layer.feedForward.activation = try configuration.activation(default: .silu)
    let layers = try configuration.windows(layers: sizes.layers).map { layer.with(window: $0) }
    return sizes.spec(layers: layers, isTied: configuration.isTied ?? false)
  }
}
