import ModelFiles
import Tensor

/// ChatGLM 2 and 3, and GLM 4 as it was first published: the shape of GLM 4 under other names.
///
/// Team GLM, "ChatGLM: A Family of Large Language Models from GLM-130B to GLM-4 All Tools", 2024.
enum ChatGLM: Architecture {
  static let names = ["chatglm"]

  static let naming = {
    var naming = TensorNaming.standard.with([
      "token_embd": "embedding.word_embeddings", "output_norm": "encoder.final_layernorm",
      "output": "output_layer", "attn_qkv": "self_attention.query_key_value",
      "attn_output": "self_attention.dense", "ffn_gate_up": "mlp.dense_h_to_4h",
      "ffn_down": "mlp.dense_4h_to_h",
    ])
    naming.layers = "encoder.layers"
    return naming
  }()

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    try configuration.refuse(
      flag: .residualFromNorm,
      because: "a norm in the place of the residual stream is not supported")
    let sizes = try DecoderSizes(configuration, defaultEpsilon: 1e-5)
    let growth = try configuration.numberIfPresent(.rotaryRatio, in: 1e-3...1e6) ?? 1
    var layer = sizes.layer(
      rotary: try configuration.rotary(
        headLength: sizes.headLength, base: 10_000 * growth, share: 0.5, pairing: .interleaved))
    layer.attention?.hasInputBias = try configuration.flagIfPresent(.inputBias) ?? false
    return sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? false)
  }
}
