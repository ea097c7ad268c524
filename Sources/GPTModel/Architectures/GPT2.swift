import ModelFiles
import Tensor

/// GPT-2: layer norms before attention and a feed-forward network without gates, biases everywhere, and a
/// row of a table for each position.
///
/// Radford et al., "Language Models are Unsupervised Multitask Learners", 2019.
enum GPT2: Architecture {
  static let names = ["gpt2"]

  static let naming = {
    var naming = layerNames
    naming.transposed = ["attn_qkv", "attn_output", "ffn_up", "ffn_down"]
    return naming
  }()

  /// What folders call the tensors of GPT-2, and of models that took over its names.
  static let layerNames = {
    var naming = TensorNaming.standard.with([
      "token_embd": "wte", "position_embd": "wpe", "output_norm": "ln_f", "attn_norm": "ln_1",
      "attn_qkv": "attn.c_attn", "attn_output": "attn.c_proj", "ffn_norm": "ln_2",
      "ffn_up": "mlp.c_fc", "ffn_down": "mlp.c_proj",
    ])
    naming.layers = "h"
    return naming
  }()

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    try spec(configuration, DecoderSizes(configuration, .layerNorm(expansion: 4)))
  }

  /// A decoder of GPT-2's shape.
  static func spec(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes
  ) throws(ModelError) -> TransformerSpec {
    try configuration.refuse(
      flag: .crossAttention, because: "attention to another network is not supported")
    var layer = sizes.plainLayer(
      rotary: nil, activation: try configuration.activation(default: .geluTanh), hasBias: true)
    if try configuration.flagIfPresent(.scalesScores) == false { layer.attention?.scale = 1 }
    var layers = Array(repeating: layer, count: sizes.layers)
    if try configuration.flagIfPresent(.scalesScoresByLayer) ?? false {
      for index in layers.indices { layers[index].attention?.scale /= Float(index + 1) }
    }
    var spec = sizes.spec(layers: layers, isTied: configuration.isTied ?? true)
    spec.embedding.positions = PositionEmbedding(rows: sizes.contextLength)
    return spec
  }
}
