import ModelFiles
import Tensor

/// OPT: GPT-2's shape with ReLU and positions counted from 2; in the 350M model norms follow the sums, and
/// the embedding has a width of its own.
///
/// Zhang et al., "OPT: Open Pre-trained Transformer Language Models", 2022.
enum OPT: Architecture {
  static let names = ["opt"]
  static let naming = TensorNaming.standard.with([
    "position_embd": "embed_positions", "token_embd_proj": "project_in",
    "output_proj": "project_out", "output_norm": "final_layer_norm",
    "attn_norm": "self_attn_layer_norm", "attn_output": "self_attn.out_proj",
    "ffn_norm": "final_layer_norm", "ffn_up": "fc1", "ffn_down": "fc2",
  ])

  /// The row of the first position.
  private static let firstRow = 2

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    var rules = DecoderSizes.Rules.layerNorm(defaults: [.contextLength: 2_048])
    if try configuration.flagIfPresent(.normWeights) == false {
      rules.norm = .layer(hasWeight: false, hasBias: false)
    }
    let sizes = try DecoderSizes(configuration, rules)
    var layer = sizes.plainLayer(
      rotary: nil, activation: try configuration.activation(default: .relu),
      hasBias: try configuration.flagIfPresent(.enablesBias) ?? true)
    let isFirst = try configuration.flagIfPresent(.normsFirst) ?? true
    if !isFirst { layer.placement = .afterSum }
    var spec = sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? true)
    spec.embedding.positions = PositionEmbedding(
      rows: sizes.contextLength + firstRow, first: firstRow)
    let width = try configuration.integerIfPresent(.embeddingWidth, in: 1...65_536)
    if let width, width != sizes.width { spec.embedding.width = width }
    let omitsLast = try configuration.flagIfPresent(.omitsLastNorm) ?? false
    if !isFirst || omitsLast { spec.head.norm = nil }
    return spec
  }
}
