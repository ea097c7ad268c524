import ModelFiles
import Tensor

/// Gemma 4's text part: layers with a window and longer heads in those without, the last of which attend to
/// the keys and values of others; and in the small models a second embedding with a part for each layer.
///
/// Google DeepMind, "Gemma 4", 2026.
enum Gemma4: Architecture {
  static let names = ["gemma4", "gemma4_text"]
  static let naming = TensorNaming.standard.with([
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
    "per_layer_token_embd": "embed_tokens_per_layer",
    "per_layer_model_proj": "per_layer_model_projection",
    "per_layer_proj_norm": "per_layer_projection_norm",
    "inp_gate": "per_layer_input_gate", "proj": "per_layer_projection",
    "post_norm": "post_per_layer_input_norm", "layer_output_scale": "layer_scalar",
    "post_ffw_norm_1": "post_feedforward_layernorm_1",
    "pre_ffw_norm_2": "pre_feedforward_layernorm_2",
    "post_ffw_norm_2": "post_feedforward_layernorm_2",
    "ffn_gate_inp": "router.proj", "ffn_gate_inp.scale": "router.scale",
    "ffn_down_exps.scale": "router.per_expert_scale",
    "ffn_gate_up_exps": "experts.gate_up_proj", "ffn_down_exps": "experts.down_proj",
  ])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration,
      DecoderSizes.Rules(
        defaults: [
          .headLength: 256, .queryHeads: 8, .keyValueHeads: 4, .vocabularySize: 262_144,
          .contextLength: 131_072,
        ], epsilon: 1e-6, readsExperts: true))
    let shared = try sharedLayers(configuration, sizes)
    let doubles = try configuration.flagIfPresent(.doublesSharedWidth) ?? false
    let windows = try configuration.windows(layers: sizes.layers, pattern: 6, default: 512)
    var layers: [LayerSpec] = []
    for (index, window) in windows.enumerated() {
      var layer = try layer(index, window: window, sizes, configuration)
      if doubles, index >= sizes.layers - shared { layer.feedForward?.width *= 2 }
      layers.append(layer)
    }
    var spec = sizes.spec(layers: layers, isTied: configuration.isTied ?? true)
    try LayerSpec.share(
      &spec.layers, last: shared, field: configuration.name(of: .sharedLayers))
    spec.embedding.scale = Float(sizes.width).squareRoot()
    spec.head.softCap = try Gemma2.softCap(.logitSoftCap, configuration)
    try spec.addPerLayerEmbedding(configuration, sizes, usual: 256)
    if let experts = try experts(configuration, sizes) {
      for index in spec.layers.indices { spec.layers[index].experts = experts }
    }
    return spec
  }

  /// The experts beside the feed-forward networks; nil where there are none.
  private static func experts(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes
  ) throws(ModelError) -> ExpertsSpec? {
    let count = try configuration.integerIfPresent(.experts, in: 0...1024) ?? 0
    let isOn = try configuration.flagIfPresent(.hasExperts) ?? !configuration.omitsDefaults
    guard isOn, count > 0 else { return nil }
    var experts = try sizes.experts(
      configuration,
      DecoderSizes.ExpertRules(activation: try configuration.activation(default: .geluTanh)))
    experts.hasScales = true
    return experts
  }

  /// Layers that attend to keys and values of others.
  static func sharedLayers(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes, usual: Int = 0
  ) throws(ModelError) -> Int {
    let range = 0...(sizes.layers - 1)
    let stated = try configuration.integerIfPresent(.sharedLayers, in: range)
    return stated ?? (configuration.omitsDefaults ? min(usual, sizes.layers - 1) : 0)
  }

  private static func layer(
    _ index: Int, window: Int?, _ sizes: DecoderSizes, _ configuration: any ModelConfiguration
  ) throws(ModelError) -> LayerSpec {
    let length = try headLength(index, window: window, sizes, configuration)
    var rotary = RotarySpec(
      dimensions: length, base: window == nil ? 1_000_000 : 10_000, pairing: .halves)
    if window == nil, configuration.omitsDefaults { rotary.scaling = .proportional(share: 0.25) }
    rotary = try configuration.rotary(of: window == nil ? .full : .sliding, defaults: rotary)
    rotary.readsDivisors = window == nil
    var layer = sizes.layer(rotary: rotary)
    layer.placement = .sandwich
    layer.hasOutputScale = true
    layer.feedForward?.activation = try configuration.activation(default: .geluTanh)
    try layer.addBiases(configuration)
    layer.attention?.headLength = length
    layer.attention?.scale = 1
    layer.attention?.window = window
    layer.attention?.queryKeyNorm = QueryKeyNorm(extent: .head, norm: sizes.norm)
    layer.attention?.valueEpsilon = sizes.norm.epsilon
    guard window == nil else { return layer }
    let areValues = try configuration.flagIfPresent(.keysAreValues) ?? false
    let range = 1...sizes.queryHeads
    let global =
      try areValues
      ? configuration.integerIfPresent(.globalKeyValueHeads, in: range) : nil
    let own = try configuration.integerIfPresent(.ofLayer(index, "num_key_value_heads"), in: range)
    layer.attention?.keyValueHeads = try checked(own ?? global, sizes, configuration)
    let hasValues = ["attn_v", "attn_qkv"].contains {
      configuration.dimensions(ofTensor: "blk.\(index).\($0).weight") != nil
    }
    layer.attention?.valuesAreKeys = configuration.omitsDefaults ? areValues : !hasValues
    return layer
  }

  /// Key-value heads, which must divide the query heads.
  private static func checked(
    _ stated: Int?, _ sizes: DecoderSizes, _ configuration: any ModelConfiguration
  ) throws(ModelError) -> Int {
    guard let stated else { return sizes.keyValueHeads }
    guard sizes.queryHeads.isMultiple(of: stated) else {
      throw ModelError(
        .invalid, field: configuration.name(of: .globalKeyValueHeads),
        "\(stated) key-value heads do not divide \(sizes.queryHeads) query heads")
    }
    return stated
  }

  /// D, which GGUF files state for layers without a window, and folders for those with one.
  private static func headLength(
    _ index: Int, window: Int?, _ sizes: DecoderSizes, _ configuration: any ModelConfiguration
  ) throws(ModelError) -> Int {
    let range = 16...1024
    var length = sizes.headLength
    if !configuration.omitsDefaults {
      guard window != nil else { return length }
      length = try configuration.integerIfPresent(.slidingHeadLength, in: range) ?? length
      _ = try configuration.integerIfPresent(.slidingValueLength, in: length...length)
      _ = try configuration.integerIfPresent(.slidingRotaryLength, in: length...length)
    } else if window == nil {
      let stated = try configuration.integerIfPresent(.globalHeadLength, in: range)
      length =
        try configuration.integerIfPresent(.ofLayer(index, "head_dim"), in: range) ?? stated
        ?? (configuration.listsLayerSizes ? length : 512)
    }
    return length
  }
}
