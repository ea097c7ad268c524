import ModelFiles
import Tensor

/// GPT-J: attention and the feed-forward network read one norm, neighbours in the first elements of each
/// head turn, and logits have a bias.
///
/// Wang and Komatsuzaki, "GPT-J-6B", 2021.
enum GPTJ: Architecture {
  static let names = ["gptj"]

  static let naming = {
    var naming = TensorNaming.standard.with([
      "token_embd": "wte", "output_norm": "ln_f", "attn_norm": "ln_1", "attn_q": "attn.q_proj",
      "attn_k": "attn.k_proj", "attn_v": "attn.v_proj", "attn_output": "attn.out_proj",
      "ffn_up": "mlp.fc_in", "ffn_down": "mlp.fc_out",
    ])
    naming.layers = "h"
    return naming
  }()

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration, .layerNorm(expansion: 4))
    let rotated =
      try configuration.integerIfPresent(.rotaryLength, in: 2...sizes.headLength)
      ?? sizes.headLength
    let rotary = try configuration.rotary(headLength: rotated, pairing: .interleaved)
    try rotary.checkPairs(configuration.name(of: .rotaryLength))
    var layer = sizes.plainLayer(
      rotary: rotary,
      activation: try configuration.activation(default: .geluTanh), hasBias: true)
    layer.attention?.hasInputBias = false
    layer.attention?.hasOutputBias = false
    layer.placement = .parallel
    var spec = sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? false)
    spec.head.hasBias = true
    return spec
  }
}
