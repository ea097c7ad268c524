import ModelFiles

/// OLMo 1: Llama's shape with layer norms that have no parameters, and a bound on projections in the 7B
/// models.
///
/// Groeneveld et al., "OLMo: Accelerating the Science of Language Models", 2024.
enum Olmo: Architecture {
  static let names = ["olmo"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration,
      DecoderSizes.Rules(
        defaults: [.contextLength: 2_048], epsilon: 1e-5,
        norm: .layer(hasWeight: false, hasBias: false), readsClamp: true))
    var layer = try Llama.layer(sizes, configuration)
    layer.attention?.clamp = try configuration.clamp()
    return sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? false)
  }
}
