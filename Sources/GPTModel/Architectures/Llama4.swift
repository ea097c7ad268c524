import ModelFiles
import Tensor

/// Llama 4's part that reads text: chunks of positions in three layers of four, whose heads are normalised
/// after they are rotated; no rotation and queries that grow with their position in the fourth; and in
/// some layers one expert of many, whose input is weighed.
///
/// Meta, "The Llama 4 herd: The beginning of a new era of natively multimodal AI innovation", 2025.
enum Llama4: Architecture {
  static let names = ["llama4_text", "llama4"]
  static let naming = {
    var naming = TensorNaming.standard.with([
      "ffn_gate": "feed_forward.gate_proj", "ffn_up": "feed_forward.up_proj",
      "ffn_down": "feed_forward.down_proj", "ffn_gate_inp": "feed_forward.router",
      "ffn_gate_up_exps": "feed_forward.experts.gate_up_proj",
      "ffn_gate_shexp": "feed_forward.shared_expert.gate_proj",
      "ffn_up_shexp": "feed_forward.shared_expert.up_proj",
      "ffn_down_shexp": "feed_forward.shared_expert.down_proj",
    ])
    naming.aliases["feed_forward.experts.down_proj"] = "ffn_down_exps"
    naming.transposed = ["ffn_gate_up_exps", "ffn_down_exps"]
    return naming
  }()

  /// Experts from which on models have no norms of heads, which GGUF files do not say.
  private static let expertsWithoutNorms = 128

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration,
      DecoderSizes.Rules(
        defaults: [
          .headLength: 128, .keyValueHeads: 8, .feedForwardWidth: 8_192, .contextLength: 131_072,
        ], epsilon: 1e-5, readsExperts: true))
    let experts = try experts(configuration, sizes)
    let layers = try attentions(configuration, sizes, experts).map { attention in
      var layer = sizes.layer(rotary: nil)
      layer.attention = attention
      return layer
    }
    var spec = sizes.spec(layers: layers, isTied: configuration.isTied ?? false)
    if let width = try configuration.integerIfPresent(.denseWidth, in: 1...1_048_576) {
      for layer in layers.indices { spec.layers[layer].feedForward?.width = width }
    }
    var hasExperts = try configuration.expertLayers(sizes.layers)
    if let listed = try configuration.integerListIfPresent(.expertLayerNumbers, in: 0...1023) {
      hasExperts = layers.indices.map { listed.contains($0) }
    }
    spec.add(experts, where: hasExperts)
    return spec
  }

  /// The attention of each layer, [L].
  private static func attentions(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes, _ experts: ExpertsSpec
  ) throws(ModelError) -> [AttentionSpec?] {
    var layer = sizes.layer(
      rotary: try configuration.rotary(
        headLength: sizes.headLength, base: 500_000, pairing: .interleaved))
    try layer.addBiases(configuration)
    let rotates = try SmolLM3.rotatingLayers(configuration, sizes.layers)
    let isChunked = try configuration.chunkedLayers(sizes.layers) ?? rotates
    let chunk = try configuration.chunk()
    let normalizes =
      try configuration.flagIfPresent(.normalizesRotatedHeads)
      ?? (configuration.omitsDefaults || experts.count < expertsWithoutNorms)
    let temperature = try temperature(configuration)
    return zip(rotates, isChunked).map { rotates, isChunked in
      var attention = layer.attention
      attention?.chunk = isChunked ? chunk : nil
      if rotates, normalizes {
        attention?.queryKeyNorm = QueryKeyNorm(
          extent: .head, norm: sizes.norm, followsRotation: true, hasWeights: false)
      } else if !rotates {
        attention?.rotary = nil
        attention?.temperature = temperature
      }
      return attention
    }
  }

  /// How queries of layers grow that do not rotate.
  private static func temperature(
    _ configuration: any ModelConfiguration
  ) throws(ModelError) -> AttentionTemperature? {
    guard try configuration.flagIfPresent(.tunesTemperature) ?? true else { return nil }
    return AttentionTemperature(
      scale: try configuration.numberIfPresent(.temperatureGrowth, in: 0...1e3) ?? 0.1,
      length: try configuration.integerIfPresent(.temperatureSteps, in: 1...16_777_216) ?? 8_192,
      first: 1)
  }

  private static func experts(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes
  ) throws(ModelError) -> ExpertsSpec {
    var experts = try sizes.experts(
      configuration,
      DecoderSizes.ExpertRules(
        defaults: [.experts: 16, .expertsUsed: 1], score: .logit, weight: .sigmoid,
        activation: try configuration.activation(default: .silu)))
    experts.routing.place = .input
    experts.shared = SharedExpert(network: experts.network)
    return experts
  }
}

extension ModelConfiguration {
  /// Which layers see chunks of positions, [L]; nil where folders do not say.
  fileprivate func chunkedLayers(_ layers: Int) throws(ModelError) -> [Bool]? {
    guard omitsDefaults, let kinds = try layerKinds(count: layers) else { return nil }
    let known = ["chunked_attention", "full_attention"]
    guard kinds.allSatisfy(known.contains) else {
      throw ModelError(
        .unsupported, field: name(of: .attentionChunk),
        "layers of another kind than \(known.joined(separator: " and ")) are not supported")
    }
    return kinds.map { $0 == known[0] }
  }

  /// The length of chunks of positions that see each other: whole pages of the key-value cache.
  fileprivate func chunk() throws(ModelError) -> Int {
    let length = try integerIfPresent(.attentionChunk, in: 1...16_777_216) ?? 8_192
    guard length.isMultiple(of: PageLayout.positions) else {
      throw ModelError(
        .unsupported, field: name(of: .attentionChunk),
        "chunks of \(length); they must be multiples of \(PageLayout.positions)")
    }
    return length
  }
}
