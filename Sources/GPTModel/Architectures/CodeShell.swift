import ModelFiles
import Tensor

/// CodeShell: GPT-2's shape with rotary positions and shared key-value heads.
///
/// Xie et al., "CodeShell Technical Report", 2024.
enum CodeShell: Architecture {
  static let names = ["codeshell"]

  static let naming = {
    var naming = TensorNaming.standard.with([
      "token_embd": "wte", "output_norm": "ln_f", "attn_norm": "ln_1",
      "attn_qkv": "attn.c_attn", "attn_output": "attn.c_proj", "ffn_norm": "ln_2",
      "ffn_up": "mlp.c_fc", "ffn_down": "mlp.c_proj",
    ])
    naming.layers = "h"
    return naming
  }()

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration, .layerNorm(expansion: 4))
    let layer = sizes.plainLayer(
      rotary: try configuration.rotary(headLength: sizes.headLength),
      activation: try configuration.activation(default: .geluTanh), hasBias: true)
    return sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? true)
  }
}
