import ModelFiles
import Tensor

/// Nomic Embed 1 and 1.5: BERT's shape with rotary positions, gates and no biases but those of norms.
///
/// Nussbaum et al., "Nomic Embed: Training a Reproducible Long Context Text Embedder", 2024.
enum NomicBert: Architecture {
  static let names = ["nomic_bert", "nomic-bert"]
  static let naming = {
    var naming = TensorNaming.standard.with([
      "token_embd": "embeddings.word_embeddings", "token_embd_norm": "emb_ln",
      "token_types": "embeddings.token_type_embeddings", "attn_qkv": "attn.Wqkv",
      "attn_output": "attn.out_proj", "attn_norm": "norm1", "ffn_up": "mlp.fc11",
      "ffn_gate": "mlp.fc12", "ffn_down": "mlp.fc2", "ffn_norm": "norm2",
    ])
    .with(inGGUF: ["attn_norm": "attn_output_norm", "ffn_norm": "layer_output_norm"])
    naming.layers = "encoder.layers"
    naming.unused = ["cls.", "pooler."]
    return naming
  }()

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    try configuration.refuse(.nomicExpertInterval, because: "layers of experts are not supported")
    for key in [ConfigurationKey.normsBefore, .turnsNeighbours, .attentionBias] {
      try configuration.refuse(flag: key, because: "true is not supported for this architecture")
    }
    _ = try configuration.numberIfPresent(.rotaryFraction, in: 1...1)
    var rules = DecoderSizes.Rules.layerNorm(defaults: [.contextLength: 2_048])
    rules.epsilon = 1e-12
    let sizes = try DecoderSizes(configuration, rules)
    let name = try configuration.stringIfPresent(.statedActivation) ?? "silu"
    guard ["silu", "swiglu"].contains(name) else {
      throw ModelError(
        .unsupported, field: configuration.name(of: .statedActivation),
        "\(name.debugDescription) is not one of silu, swiglu")
    }
    var layer = Bert.layer(
      sizes.layer(
        rotary: try configuration.rotary(headLength: sizes.headLength, base: 1_000)))
    layer.feedForward = MLPSpec(width: sizes.feedForwardWidth, activation: .silu)
    var spec = sizes.encoder(layers: Array(repeating: layer, count: sizes.layers))
    spec.embedding.types = try configuration.integerIfPresent(.tokenTypes, in: 1...64) ?? 2
    spec.embedding.norm = sizes.norm
    let trained = try configuration.integerIfPresent(.trainedPositions, in: 1...16_777_216)
    spec.contextLength = min(spec.contextLength, trained ?? spec.contextLength)
    return spec
  }
}
