import ModelFiles
import Tensor

/// GPT-NeoX and Pythia: attention and the feed-forward network read norms of the same stream, and a
/// quarter of each head turns.
///
/// Black et al., "GPT-NeoX-20B", 2022; Biderman et al., "Pythia", 2023.
enum GPTNeoX: Architecture {
  static let names = ["gptneox", "gpt_neox"]

  static let naming = {
    var naming = TensorNaming.standard.with([
      "token_embd": "embed_in", "output_norm": "final_layer_norm", "output": "embed_out",
      "attn_qkv": "attention.query_key_value", "attn_output": "attention.dense",
      "ffn_up": "mlp.dense_h_to_4h", "ffn_down": "mlp.dense_4h_to_h",
    ])
    naming.byHead = ["attn_qkv"]
    return naming
  }()

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration, .layerNorm(defaults: [.contextLength: 2_048]))
    var layer = sizes.plainLayer(
      rotary: try configuration.rotary(headLength: sizes.headLength, share: 0.25),
      activation: try configuration.activation(default: .gelu), hasBias: true)
    let hasBias = try configuration.flagIfPresent(.attentionBias) ?? true
    layer.attention?.hasInputBias = hasBias
    layer.attention?.hasOutputBias = hasBias
    if try configuration.flagIfPresent(.parallelResidual) ?? true {
      layer.placement = .parallelApart
    }
    return sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? false)
  }
}
