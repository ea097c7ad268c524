import ModelFiles
import Tensor

/// BLOOM: GPT-2's shape without positions, whose scores fall with distance, and a norm of the embedding.
///
/// BigScience Workshop, "BLOOM: A 176B-Parameter Open-Access Multilingual Language Model", 2022.
enum Bloom: Architecture {
  static let names = ["bloom"]

  static let naming = {
    var naming = Falcon.naming.with(["token_embd_norm": "word_embeddings_layernorm"])
    naming.aliases = [:]
    naming.fileNames = [:]
    return naming
  }()

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration, .layerNorm(expansion: 4, defaults: [.contextLength: 2_048]))
    var layer = sizes.plainLayer(
      rotary: nil, activation: .geluTanh, hasBias: true)
    layer.attention?.alibi = Alibi()
    if try configuration.flagIfPresent(.residualFromNorm) ?? false {
      layer.placement = .beforeSum
    }
    var spec = sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? true)
    spec.embedding.norm = sizes.norm
    return spec
  }
}
