import ModelFiles
import Tensor

/// Falcon 7B, 40B, 11B and those of RefinedWeb: attention and the feed-forward network read the same
/// stream by one norm or by two; few key-value heads, or scores that fall with distance.
///
/// Almazrouei et al., "The Falcon Series of Open Language Models", 2023.
enum Falcon: Architecture {
  static let names = ["falcon"]

  static let naming = {
    var naming = TensorNaming.standard.with([
      "token_embd": "word_embeddings", "output_norm": "ln_f",
      "attn_qkv": "self_attention.query_key_value", "attn_output": "self_attention.dense",
      "ffn_up": "mlp.dense_h_to_4h", "ffn_down": "mlp.dense_4h_to_h",
    ])
    naming.layers = "h"
    naming.byHead = ["attn_qkv"]
    naming.aliases = ["ln_attn": "attn_norm", "ln_mlp": "ffn_norm"]
    naming.fileNames = ["attn_norm_2": "attn_norm", "attn_norm": "ffn_norm"]
    return naming
  }()

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let isNew = try configuration.flagIfPresent(.newDecoder) ?? false
    let isShared = try configuration.flagIfPresent(.multiQuery) ?? true
    let stated = try configuration.integerIfPresent(.sharedHeads, in: 1...1024)
    var rules = DecoderSizes.Rules.layerNorm(expansion: 4, defaults: [.contextLength: 2_048])
    if !isNew, isShared {
      rules.defaults[.keyValueHeads] = 1
    } else if let stated {
      rules.defaults[.keyValueHeads] = stated
    }
    let sizes = try DecoderSizes(configuration, rules)
    let falls = try configuration.flagIfPresent(.alibi) ?? false
    var layer = sizes.plainLayer(
      rotary: try falls ? nil : configuration.rotary(headLength: sizes.headLength),
      activation: try configuration.activation(default: .gelu),
      hasBias: try configuration.flagIfPresent(.bias) ?? false)
    if falls { layer.attention?.alibi = Alibi(scale: Double(sizes.scoreScale)) }
    layer.placement = try placement(configuration, isNew: isNew)
    return sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? true)
  }

  private static func placement(
    _ configuration: any ModelConfiguration, isNew: Bool
  ) throws(ModelError) -> NormPlacement {
    if let hasTwo = try configuration.flagIfPresent(.secondNorm) {
      return hasTwo ? .parallelApart : .parallel
    }
    if isNew {
      let norms = try configuration.integerIfPresent(.parallelNorms, in: 1...2) ?? 2
      return norms == 2 ? .parallelApart : .parallel
    }
    return try configuration.flagIfPresent(.parallelAttention) ?? true ? .parallel : .pre
  }
}
