import ModelFiles

/// Gemma 3's text part: five layers with a window to one without, which rotate by other angles, and a
/// norm of each head's queries and keys.
///
/// Gemma Team, "Gemma 3 Technical Report", 2025. EmbeddingGemma is an encoder of the same shape: Schechter
/// Vera et al., "EmbeddingGemma: Powerful and Lightweight Text Representations", 2025.
enum Gemma3: Architecture {
  static let names = ["gemma3", "gemma3_text", "gemma-embedding"]
  static let naming = Gemma2.naming

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration,
      defaults: [
        .headLength: 256, .queryHeads: 8, .keyValueHeads: 4, .vocabularySize: 262_208,
        .contextLength: 131_072,
      ], defaultEpsilon: 1e-6)
    var full = try Gemma2.layer(sizes, configuration, layersOfLargest: 62, base: 1_000_000)
    full.attention?.queryKeyNorm = QueryKeyNorm(extent: .head, norm: sizes.norm)
    full.attention?.softCap = try Gemma2.softCap(.scoreSoftCap, configuration)
    var sliding = full
    sliding.attention?.rotary = try configuration.rotary(of: .sliding, headLength: sizes.headLength)
    sliding.attention?.rotary?.readsDivisors = false
    let windows = try configuration.windows(layers: sizes.layers, pattern: 6, default: 4_096)
    var spec = sizes.spec(
      layers: windows.map { $0 == nil ? full : sliding.with(window: $0) },
      isTied: configuration.isTied ?? true)
    spec.embedding.scale = Float(sizes.width).squareRoot()
    spec.head.softCap = try Gemma2.softCap(.logitSoftCap, configuration)
    let isEmbedding = configuration.architecture == "gemma-embedding"
    if try configuration.flagIfPresent(.seesAhead) ?? isEmbedding { spec.seeAhead() }
    return spec
  }
}
