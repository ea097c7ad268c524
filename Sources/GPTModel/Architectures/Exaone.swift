import ModelFiles
import Tensor

/// EXAONE 3 and 3.5: Llama's shape under other names.
///
/// LG AI Research, "EXAONE 3.0 7.8B Instruction Tuned Language Model", 2024.
enum Exaone: Architecture {
  static let names = ["exaone"]

  static let naming = {
    var naming = TensorNaming.standard.with([
      "token_embd": "wte", "output_norm": "ln_f", "attn_norm": "ln_1",
      "attn_q": "attn.attention.q_proj", "attn_k": "attn.attention.k_proj",
      "attn_v": "attn.attention.v_proj", "attn_output": "attn.attention.out_proj",
      "ffn_norm": "ln_2", "ffn_gate": "mlp.c_fc_0", "ffn_up": "mlp.c_fc_1",
      "ffn_down": "mlp.c_proj",
    ])
    naming.layers = "h"
    return naming
  }()

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration, defaultEpsilon: 1e-5)
    var layer = sizes.layer(rotary: try configuration.rotary(headLength: sizes.headLength))
    layer.feedForward?.activation = try configuration.activation(default: .silu)
    return sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? false)
  }
}
