import ModelFiles
import Tensor

/// BERT and what was trained in its shape for vectors and scores of texts: MiniLM, BGE, E5, GTE, Arctic.
///
/// Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019.
enum Bert: Architecture {
  static let names = ["bert"]
  static let naming = names(dense: "pooler.dense", output: "classifier")

  /// What folders call the tensors of BERT's shape.
  ///
  /// - Parameters:
  ///   - dense: The layer before a classifier's.
  ///   - output: The classifier's.
  static func names(dense: String, output: String) -> TensorNaming {
    var naming = TensorNaming.standard.with([
      "token_embd": "embeddings.word_embeddings", "token_embd_norm": "embeddings.LayerNorm",
      "position_embd": "embeddings.position_embeddings",
      "token_types": "embeddings.token_type_embeddings", "attn_q": "attention.self.query",
      "attn_k": "attention.self.key", "attn_v": "attention.self.value",
      "attn_output": "attention.output.dense", "attn_norm": "attention.output.LayerNorm",
      "ffn_up": "intermediate.dense", "ffn_down": "output.dense", "ffn_norm": "output.LayerNorm",
      "cls": dense, "cls.output": output,
    ])
    .with(inGGUF: ["attn_norm": "attn_output_norm", "ffn_norm": "layer_output_norm"])
    naming.layers = "encoder.layer"
    naming.unused = ["cls.predictions.", "cls.seq_relationship.", "lm_head.", "pooler."]
    naming.unused.removeAll { dense.hasPrefix($0) }
    return naming
  }

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    try spec(configuration, epsilon: 1e-12, firstPosition: 0)
  }

  /// An encoder of BERT's shape.
  ///
  /// - Parameter firstPosition: The row of the table of positions that is the first's.
  static func spec(
    _ configuration: any ModelConfiguration, epsilon: Double, firstPosition: Int
  ) throws(ModelError) -> TransformerSpec {
    var rules = DecoderSizes.Rules.layerNorm(
      defaults: [.contextLength: 512, .vocabularySize: 30_522])
    rules.epsilon = epsilon
    let sizes = try DecoderSizes(configuration, rules)
    try configuration.refuse(flag: .isDecoder, because: "an encoder that is used as a decoder")
    if let kind = try configuration.stringIfPresent(.positionKind), kind != "absolute" {
      throw ModelError(
        .unsupported, field: configuration.name(of: .positionKind),
        "\(kind.prefix(40).debugDescription) is not absolute")
    }
    guard sizes.contextLength > firstPosition else {
      throw ModelError(
        .invalid, field: configuration.name(of: .contextLength),
        "\(sizes.contextLength) positions, the first of which is number \(firstPosition)")
    }
    let layer = Self.layer(
      sizes.plainLayer(
        rotary: nil, activation: try configuration.activation(default: .gelu), hasBias: true))
    var spec = sizes.encoder(layers: Array(repeating: layer, count: sizes.layers))
    spec.embedding.positions = PositionEmbedding(rows: sizes.contextLength, first: firstPosition)
    spec.embedding.types = try configuration.tokenTypes()
    spec.embedding.norm = sizes.norm
    spec.contextLength -= firstPosition
    if let classes = configuration.classes { try addClassifier(classes, configuration, &spec) }
    return spec
  }

  /// The layer with norms after sums, whose positions see all others.
  static func layer(_ layer: LayerSpec) -> LayerSpec {
    var layer = layer
    layer.attention?.isCausal = false
    layer.placement = .afterSum
    return layer
  }

}
