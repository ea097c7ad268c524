import ModelFiles
import Tensor

/// MPT: layer norms without bias, no other biases, and scores that fall with distance, or else positions
/// that are learned.
///
/// MosaicML, "Introducing MPT-7B: A New Standard for Open-Source, Commercially Usable LLMs", 2023.
enum MPT: Architecture {
  static let names = ["mpt"]

  static let naming = {
    var naming = TensorNaming.standard.with([
      "token_embd": "wte", "output_norm": "norm_f", "attn_norm": "norm_1",
      "attn_qkv": "attn.Wqkv", "position_embd": "wpe", "attn_output": "attn.out_proj",
      "ffn_norm": "norm_2",
      "ffn_up": "ffn.up_proj", "ffn_down": "ffn.down_proj",
    ])
    naming.layers = "blocks"
    return naming
  }()

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    try configuration.refuse(
      flag: .rowNorm, because: "norms of queries and keys are not supported here")
    try configuration.refuse(
      flag: .rotatesAttention, because: "rotary positions are not supported here")
    try configuration.refuse(
      flag: .prefixAttention, because: "prompts that see ahead are not supported")
    var rules = DecoderSizes.Rules.layerNorm(
      hasBias: false,
      expansion: try configuration.integerIfPresent(.expansionRatio, in: 1...16) ?? 4,
      defaults: [.contextLength: 2_048])
    rules.readsClamp = true
    let sizes = try DecoderSizes(configuration, rules)
    var layer = sizes.plainLayer(
      rotary: nil, activation: .gelu, hasBias: false)
    layer.attention?.clamp = try configuration.clamp()
    if let scale = try configuration.numberIfPresent(.softmaxScale, in: 1e-6...1e6) {
      layer.attention?.scale = Float(scale)
    }
    let maximum = try configuration.numberIfPresent(.alibiMaximum, in: 0...1e3) ?? 8
    let falls = try configuration.flagIfPresent(.alibi) ?? true && maximum > 0
    if falls { layer.attention?.alibi = Alibi(maximum: maximum) }
    var spec = sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? true)
    if !falls { spec.embedding.positions = PositionEmbedding(rows: sizes.contextLength) }
    return spec
  }
}
