import ModelFiles
import Tensor

/// DeepSeek V2, V3 and R1, and those of their shape: Kimi K2, GLM 4.7 Flash. Keys and values are made of
/// latents, and layers behind the first have experts in groups beside one for all rows.
///
/// DeepSeek-AI, "DeepSeek-V2", 2024; "DeepSeek-V3 Technical Report", 2024.
enum DeepSeek: Architecture {
  static let names = ["deepseek2", "deepseek_v2", "deepseek_v3", "kimi_k2", "glm4_moe_lite"]

  /// The vocabulary of GLM 4.7 Flash, whose GGUF files may leave out how its experts are chosen.
  private static let flashVocabulary = 154_880

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try sizes(configuration)
    let neighbours = try configuration.flagIfPresent(.rotatesNeighbours) ?? true
    let layer = try configuration.latentLayer(
      sizes, usual: usual, pairing: neighbours ? .interleaved : .halves)
    var spec = sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? false)
    guard try configuration.integerIfPresent(.experts, in: 0...1024) ?? 0 > 0 else { return spec }
    let isFlash =
      configuration.architecture == "glm4_moe_lite" || sizes.vocabularySize == flashVocabulary
    let isFirst = configuration.architecture == "deepseek_v2"
    let has = try configuration.expertLayers(
      sizes.layers, dense: isFlash ? 1 : isFirst || !configuration.omitsDefaults ? 0 : 3)
    let score: RoutingRule.Score =
      isFirst || !configuration.omitsDefaults && !isFlash ? .softmax : .sigmoid
    spec.add(
      try experts(configuration, sizes, score: score, layers: has), where: has)
    return spec
  }

  /// Sizes of a family whose heads' lengths stand elsewhere.
  static func sizes(_ configuration: any ModelConfiguration) throws(ModelError) -> DecoderSizes {
    var rules = DecoderSizes.Rules(epsilon: 1e-6)
    rules.readsHeadLength = false
    rules.readsExperts = true
    return try DecoderSizes(configuration, rules)
  }

  /// What folders leave out.
  static let usual = LatentSpec(
    rank: 512, keyLength: 128, rotatedLength: 64, valueLength: 128,
    norm: NormSpec(epsilon: 1e-6))

  /// The experts.
  ///
  /// - Parameters:
  ///   - score: What a router's logit becomes unless the files say otherwise.
  ///   - layers: Which layers have experts.
  static func experts(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes, score: RoutingRule.Score,
    layers: [Bool]
  ) throws(ModelError) -> ExpertsSpec {
    let isGreedy = try configuration.stringIfPresent(.choiceName) == "greedy"
    let normalizes =
      try configuration.flagIfPresent(.normalizesWeights)
      ?? (configuration.omitsDefaults && score == .sigmoid)
    let rules = DecoderSizes.ExpertRules(
      score: score, weight: normalizes ? .share(added: 1e-20) : .score,
      activation: try configuration.activation(default: .silu))
    var experts = try sizes.groupedExperts(configuration, rules)
    if experts.routing.score == .softmax { experts.routing.groups?.summed = 1 }
    if isGreedy { experts.routing.groups = nil }
    let first = layers.firstIndex(of: true) ?? 0
    experts.routing.hasSelectionBias =
      configuration.omitsDefaults
      ? experts.routing.score == .sigmoid
      : configuration.dimensions(ofTensor: "blk.\(first).exp_probs_b.bias") != nil
    return experts
  }
}
