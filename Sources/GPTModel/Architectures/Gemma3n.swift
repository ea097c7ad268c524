import ModelFiles
import Tensor

/// Gemma 3n's text part: several residual streams, a linear map beside attention, gates of which the first
/// layers keep the largest, last layers that attend to keys and values of others, and a second embedding.
///
/// Google DeepMind, "Gemma 3n", 2025.
enum Gemma3n: Architecture {
  static let names = ["gemma3n", "gemma3n_text"]
  static let naming = {
    var names = [
      "laurel_l": "laurel.linear_left", "laurel_r": "laurel.linear_right",
      "laurel_post_norm": "laurel.post_laurel_norm",
      "altup_correct_scale": "altup.correct_output_scale",
      "altup_correct_coef": "altup.correction_coefs",
      "altup_predict_coef": "altup.prediction_coefs",
      "altup_router": "altup.modality_router", "altup_router_norm": "altup.router_norm",
    ]
    for stream in 0..<mostStreams - 1 {
      names["altup_proj.\(stream)"] = "altup_projections.\(stream)"
      names["altup_unembd_proj.\(stream)"] = "altup_unembed_projections.\(stream)"
    }
    return Gemma4.naming.with(names)
  }()

  private static let mostStreams = 8

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration,
      defaults: [
        .headLength: 256, .queryHeads: 8, .keyValueHeads: 2, .vocabularySize: 262_400,
        .contextLength: 32_768, .feedForwardWidth: 16_384,
      ], defaultEpsilon: 1e-6)
    let full = try layer(.full, sizes, configuration)
    let sliding = try layer(.sliding, sizes, configuration)
    let windows = try configuration.windows(layers: sizes.layers, pattern: 5, default: 512)
    var spec = sizes.spec(
      layers: windows.map { $0 == nil ? full : sliding.with(window: $0) },
      isTied: configuration.isTied ?? true)
    let thresholds = try thresholds(configuration, layers: sizes.layers)
    for index in spec.layers.indices {
      spec.layers[index].feedForward?.threshold = thresholds[index]
    }
    try LayerSpec.share(
      &spec.layers, last: Gemma4.sharedLayers(configuration, sizes, usual: 15),
      field: configuration.name(of: .sharedLayers))
    spec.embedding.scale = Float(sizes.width).squareRoot()
    spec.head.softCap = try Gemma2.softCap(.logitSoftCap, configuration, default: 30)
    spec.streams = try streams(configuration)
    try spec.addPerLayerEmbedding(configuration, sizes, usual: 256)
    return spec
  }

  private static func layer(
    _ kind: AttentionKind, _ sizes: DecoderSizes, _ configuration: any ModelConfiguration
  ) throws(ModelError) -> LayerSpec {
    var rotary = try configuration.rotary(
      of: kind, headLength: sizes.headLength, base: kind == .full ? 1_000_000 : 10_000)
    rotary.readsDivisors = false
    var layer = sizes.layer(rotary: rotary)
    layer.placement = .sandwich
    layer.feedForward?.activation = try configuration.activation(default: .geluTanh)
    try layer.addBiases(configuration)
    layer.attention?.scale = 1
    layer.attention?.queryKeyNorm = QueryKeyNorm(extent: .head, norm: sizes.norm)
    layer.attention?.valueEpsilon = sizes.norm.epsilon
    // GGUF files have the rank in the shape of a tensor alone.
    let rank = configuration.dimensions(ofTensor: "blk.0.laurel_l.weight")?.last
    layer.laurelRank =
      if let rank { rank } else {
        try configuration.integerIfPresent(.laurelRank, in: 1...65_536) ?? 64
      }
    return layer
  }

  private static func streams(
    _ configuration: any ModelConfiguration
  ) throws(ModelError) -> StreamsSpec {
    let count = try configuration.integerIfPresent(.streams, in: 2...mostStreams) ?? 4
    let active = try configuration.integerIfPresent(.activeStream, in: 0...count - 1) ?? 0
    var streams = StreamsSpec(count: count, active: active)
    streams.scalesOutput = try configuration.flagIfPresent(.scalesStream) ?? true
    return streams
  }

  /// How far above the mean gates must lie, by layer; nil where all count.
  private static func thresholds(
    _ configuration: any ModelConfiguration, layers: Int
  ) throws(ModelError) -> [Float?] {
    if let stated = try configuration.numbersIfPresent(.gateThresholds, count: layers) {
      return stated.map { $0 == -.infinity ? nil : $0 }
    }
    let usual = (0..<layers).map { $0 < 10 && configuration.omitsDefaults ? Float(0.95) : 0 }
    let shares = try configuration.numbersIfPresent(.gateSparsity, count: layers) ?? usual
    for share in shares where share < 0 || share >= 1 {
      throw ModelError(
        .invalid, field: configuration.name(of: .gateSparsity), "\(share) must lie in 0..<1")
    }
    // Files say decimal fractions, such as 0.95, which a Float is not quite.
    return shares.map { share in
      share > 0 ? GateThreshold.deviations(leavingOut: Double("\(share)") ?? Double(share)) : nil
    }
  }
}
