import ModelFiles
import Tensor

/// ModernBERT and Granite Embedding: norms before blocks, gates, and a window about a position in two layers
/// of three.
///
/// Warner et al., "Smarter, Better, Faster, Longer: A Modern Bidirectional Encoder", 2024.
enum ModernBert: Architecture {
  static let names = ["modernbert", "modern-bert"]
  static let naming = {
    var naming = TensorNaming.standard.with([
      "token_embd": "embeddings.tok_embeddings", "token_embd_norm": "embeddings.norm",
      "output_norm": "final_norm", "attn_norm": "attn_norm", "attn_qkv": "attn.Wqkv",
      "attn_output": "attn.Wo", "ffn_norm": "mlp_norm", "ffn_gate_up": "mlp.Wi",
      "ffn_down": "mlp.Wo", "cls": "head.dense", "cls.norm": "head.norm",
      "cls.output": "classifier",
    ])
    naming.unused = ["decoder."]
    return naming
  }()

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let hasBias = try configuration.flagIfPresent(.normBias) ?? false
    let sizes = try DecoderSizes(
      configuration,
      .layerNorm(hasBias: hasBias, defaults: [.contextLength: 8_192, .vocabularySize: 50_368]))
    var full = sizes.layer(
      rotary: try configuration.rotary(
        headLength: sizes.headLength,
        base: try configuration.numberIfPresent(.globalBase, in: 1.001...1e12) ?? 160_000))
    full.attention?.isCausal = false
    try full.addBiases(configuration)
    full.feedForward?.activation = try activation(configuration, .statedActivation)
    let around = try configuration.integerIfPresent(.localAttention, in: 1...16_777_216) ?? 128
    var local = full.with(window: around / 2 * 2 + 1)
    local.attention?.rotary = try configuration.rotary(
      of: .sliding, headLength: sizes.headLength,
      base: try configuration.numberIfPresent(.localBase, in: 1.001...1e12) ?? 10_000)
    let interval = try configuration.integerIfPresent(.globalInterval, in: 1...1_024) ?? 3
    let isLocal =
      try configuration.slidingLayers(count: sizes.layers)
      ?? (0..<sizes.layers).map { !$0.isMultiple(of: interval) }
    var layers = isLocal.map { $0 ? local : full }
    layers[0].omitsFirstNorm = true
    var spec = sizes.encoder(layers: layers)
    spec.head.norm = sizes.norm
    spec.embedding.norm = sizes.norm
    if let classes = configuration.classes { try addClassifier(classes, configuration, &spec) }
    return spec
  }

  static func activation(
    _ configuration: any ModelConfiguration, _ key: ConfigurationKey
  ) throws(ModelError) -> Activation {
    let name = try configuration.stringIfPresent(key) ?? "gelu"
    if let activation = Activation(named: name) { return activation }
    throw ModelError(
      .unsupported, field: configuration.name(of: key),
      "\(name.debugDescription) is not one of \(Activation.known.keys.sorted().joined(separator: ", "))"
    )
  }
}
