import ModelFiles
import Tensor

/// Granite 3: Llama's shape with factors on the embedding, scores, what blocks add, and logits.
///
/// Granite Team, "Granite 3.0 Language Models", 2024.
enum Granite: Architecture {
  static let names = ["granite"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    try spec(configuration, DecoderSizes(configuration, defaultEpsilon: 1e-6))
  }

  /// Describes a decoder of some sizes.
  static func spec(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes
  ) throws(ModelError) -> TransformerSpec {
    var layer = try layer(sizes, configuration)
    if try configuration.flagIfPresent(.rotates) == false { layer.attention?.rotary = nil }
    return try spec(configuration, sizes, Array(repeating: layer, count: sizes.layers))
  }

  /// A layer with the factors on scores and on what blocks add.
  static func layer(
    _ sizes: DecoderSizes, _ configuration: any ModelConfiguration
  ) throws(ModelError) -> LayerSpec {
    var layer = try Llama.layer(sizes, configuration)
    // What folders leave out is 1; files of llama.cpp that leave it out mean 1/√D.
    let usual = configuration.omitsDefaults ? 1 : Double(sizes.scoreScale)
    layer.attention?.scale = Float(try configuration.factor(.scoreScale, default: usual))
    layer.residualScale = Float(try configuration.factor(.residualScale))
    return layer
  }

  /// The decoder with the factors on the embedding and on logits.
  static func spec(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes, _ layers: [LayerSpec]
  ) throws(ModelError) -> TransformerSpec {
    var spec = sizes.spec(layers: layers, isTied: configuration.isTied ?? false)
    spec.embedding.scale = Float(try configuration.factor(.embeddingScale))
    spec.head.scale = Float(1 / (try configuration.factor(.logitDivisor)))
    return spec
  }
}
