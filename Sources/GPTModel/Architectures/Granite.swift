import ModelFiles
import Tensor

/// Granite 3: Llama's shape with factors on the embedding, scores, what blocks add, and logits.
///
/// Granite Team, "Granite 3.0 Language Models", 2024.
enum Granite: Architecture {
  static let names = ["granite"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration, defaultEpsilon: 1e-6)
    var layer = try Llama.layer(sizes, configuration)
    if try configuration.flagIfPresent(.rotates) == false { layer.attention?.rotary = nil }
    // What folders leave out is 1; files of llama.cpp that leave it out mean 1/√D.
    let usual = configuration.omitsDefaults ? 1 : Double(sizes.scoreScale)
    layer.attention?.scale = Float(try configuration.factor(.scoreScale, default: usual))
    layer.residualScale = Float(try configuration.factor(.residualScale))
    var spec = sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers),
      isTied: configuration.isTied ?? false)
    spec.embedding.scale = Float(try configuration.factor(.embeddingScale))
    spec.head.scale = Float(1 / (try configuration.factor(.logitDivisor)))
    return spec
  }
}
