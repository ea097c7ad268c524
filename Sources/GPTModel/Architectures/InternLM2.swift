import ModelFiles

/// InternLM 2: Llama's shape, with queries, keys and values of each group in one matrix.
///
/// Cai et al., "InternLM2 Technical Report", 2024.
enum InternLM2: Architecture {
  static let names = ["internlm2"]

  static let naming = {
    var naming = TensorNaming.standard.with([
      "token_embd": "tok_embeddings", "output": "output", "attn_norm": "attention_norm",
      "attn_qkv": "attention.wqkv", "attn_output": "attention.wo", "ffn_norm": "ffn_norm",
      "ffn_gate": "feed_forward.w1", "ffn_up": "feed_forward.w3", "ffn_down": "feed_forward.w2",
    ])
    naming.byHead = ["attn_qkv"]
    return naming
  }()

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration)
    var layer = try Llama.layer(sizes, configuration)
    let hasBias = try configuration.flagIfPresent(.bias) ?? false
    layer.attention?.hasInputBias = hasBias
    layer.attention?.hasOutputBias = hasBias
    return sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? false)
  }
}
