import ModelFiles
import Tensor

/// The sizes that nearly every configuration states, read and checked once for all architectures.
///
/// Every product of two sizes stays far below what an `Int` holds.
struct DecoderSizes {
  /// Layers, L.
  let layers: Int
  /// Model width, W.
  let width: Int
  /// Feed-forward width, F.
  let feedForwardWidth: Int
  /// Whether a layer lists no feed-forward width.
  func hasFeedForward(_ layer: Int) -> Bool { own.feedForwardWidths?[layer] != 0 }
  /// Positions the model was made for, C.
  let contextLength: Int
  /// Query heads, Q.
  let queryHeads: Int
  /// Key-value heads, G.
  let keyValueHeads: Int
  /// Head length, D.
  let headLength: Int
  /// Vocabulary, V.
  let vocabularySize: Int
  /// The norms.
  let norm: NormSpec
  /// What differs by layer.
  private let own: LayerLists

  /// Sizes of each layer, [L]; nil where all layers have the same.
  private struct LayerLists {
    let queryHeads: [Int]?
    let keyValueHeads: [Int]?
    let feedForwardWidths: [Int]?

    init(
      _ configuration: any ModelConfiguration, layers: Int, least: Int
    ) throws(ModelError) {
      func list(
        _ key: ConfigurationKey, in range: ClosedRange<Int>
      ) throws(ModelError) -> [Int]? {
        try configuration.integersIfPresent(key, count: layers, in: range)
      }
      queryHeads = try list(.queryHeads, in: least...1024)
      keyValueHeads = try list(.keyValueHeads, in: least...1024)
      feedForwardWidths = try list(.feedForwardWidth, in: least...1_048_576)
    }
  }

  /// What an architecture's configurations leave out, and which norms it has.
  struct Rules {
    /// Sizes that folders may leave out, by key.
    var defaults: [ConfigurationKey: Int] = [:]
    /// The same for ε.
    var epsilon: Double?
    /// F by W, where folders leave F out; nil where they must not.
    var expansion: Int?
    /// The key of ε; nil for that of the norms.
    var epsilonKey: ConfigurationKey?
    /// The norms.
    var norm = NormSpec.Kind.rootMeanSquare
    /// Whether files may list no heads, or no feed-forward width, for layers that have none.
    var hasOtherLayers = false
    /// Whether the kinds of layers say which have experts, rather than their number.
    var listsExperts = false
    /// Whether the architecture knows a bound on projections.
    var readsClamp = false
    /// Whether the architecture knows layers of experts.
    var readsExperts = false
    /// Whether D is what files state of heads; otherwise the architecture finds it elsewhere.
    var readsHeadLength = true

    /// The rules of an architecture with layer norms, which have weights.
    static func layerNorm(
      hasBias: Bool = true, expansion: Int? = nil, defaults: [ConfigurationKey: Int] = [:]
    ) -> Rules {
      Rules(
        defaults: defaults, epsilon: 1e-5, expansion: expansion,
        norm: .layer(hasWeight: true, hasBias: hasBias))
    }
  }

  /// Reads the sizes of an architecture with root-mean-square norms.
  ///
  /// - Parameters:
  ///   - defaults: What folders may leave out, by key.
  ///   - defaultEpsilon: The same for ε.
  init(
    _ configuration: any ModelConfiguration, defaults: [ConfigurationKey: Int] = [:],
    defaultEpsilon: Double? = nil
  ) throws(ModelError) {
    try self.init(configuration, Rules(defaults: defaults, epsilon: defaultEpsilon))
  }

  /// Reads the sizes.
  init(_ configuration: any ModelConfiguration, _ rules: Rules) throws(ModelError) {
    let defaults = configuration.omitsDefaults ? rules.defaults : [:]
    func integer(_ key: ConfigurationKey, in range: ClosedRange<Int>) throws(ModelError) -> Int {
      if let value = try configuration.integerIfPresent(key, in: range) ?? defaults[key] {
        return value
      }
      return try configuration.integer(key, in: range)
    }
    layers = try integer(.layers, in: 1...1024)
    own = try LayerLists(
      configuration, layers: layers, least: rules.hasOtherLayers ? 0 : 1)
    width = try integer(.width, in: 1...65_536)
    feedForwardWidth =
      if let widths = own.feedForwardWidths { widths.first { $0 > 0 } ?? 1 } else {
        try Self.feedForwardWidth(configuration, rules, width: width)
      }
    contextLength = try integer(.contextLength, in: 1...16_777_216)
    queryHeads =
      if let heads = own.queryHeads { heads.first { $0 > 0 } ?? 1 } else {
        try integer(.queryHeads, in: 1...1024)
      }
    keyValueHeads =
      if let heads = own.keyValueHeads { heads.first { $0 > 0 } ?? 1 } else {
        try configuration.integerIfPresent(.keyValueHeads, in: 1...queryHeads)
          ?? (configuration.isNull(.keyValueHeads) ? nil : defaults[.keyValueHeads]) ?? queryHeads
      }
    for layer in 0..<layers {
      let heads = own.queryHeads?[layer] ?? queryHeads
      let shared = own.keyValueHeads?[layer] ?? keyValueHeads
      guard shared == 0 || heads.isMultiple(of: shared) else {
        throw ModelError(
          .invalid, field: configuration.name(of: .keyValueHeads),
          "\(shared) key-value heads do not divide \(heads) query heads")
      }
    }
    headLength =
      rules.readsHeadLength
      ? try Self.headLength(
        configuration, default: defaults[.headLength], width: width, queryHeads: queryHeads) : 16
    vocabularySize = try configuration.vocabularySize(default: defaults[.vocabularySize])
    norm = try Self.norm(configuration, rules)
    if !rules.readsExperts, !rules.listsExperts {
      try configuration.refuse(.experts, because: "the architecture has no layers of experts")
    }
    if !rules.readsClamp {
      try configuration.refuse(.projectionClamp, because: "clamped projections are not supported")
    }
  }

  /// The usual factor on scores, 1 / √D.
  var scoreScale: Float { 1 / Float(headLength).squareRoot() }

  /// A layer as Llama has it; architectures change what differs.
  ///
  /// - Parameter rotary: How queries and keys are rotated.
  func layer(rotary: RotarySpec?) -> LayerSpec {
    LayerSpec(
      attention: AttentionSpec(
        queryHeads: queryHeads, keyValueHeads: keyValueHeads, headLength: headLength,
        scale: scoreScale, rotary: rotary),
      feedForward: MLPSpec(width: feedForwardWidth, activation: .silu), placement: .pre, norm: norm)
  }

  /// A layer as GPT-2 has it, with biases everywhere or nowhere and no gate.
  func plainLayer(rotary: RotarySpec?, activation: Activation, hasBias: Bool) -> LayerSpec {
    var layer = layer(rotary: rotary)
    layer.feedForward = MLPSpec(
      width: feedForwardWidth, activation: activation, isGated: false, hasBias: hasBias)
    layer.attention?.hasInputBias = hasBias
    layer.attention?.hasOutputBias = hasBias
    return layer
  }

  /// The decoder of these layers.
  func spec(layers: [LayerSpec], isTied: Bool) -> TransformerSpec {
    let layers = layers.enumerated().map { index, layer in
      var layer = layer
      // Those that list nothing have something else.
      if let heads = own.queryHeads?[index], heads > 0 { layer.attention?.queryHeads = heads }
      if let heads = own.keyValueHeads?[index], heads > 0 {
        layer.attention?.keyValueHeads = heads
      }
      if let width = own.feedForwardWidths?[index], width > 0 { layer.feedForward?.width = width }
      return layer
    }
    return TransformerSpec(
      width: width, vocabularySize: vocabularySize, contextLength: contextLength, layers: layers,
      head: HeadSpec(norm: norm, isTied: isTied))
  }

  private static func norm(
    _ configuration: any ModelConfiguration, _ rules: Rules
  ) throws(ModelError) -> NormSpec {
    let usual =
      rules.norm == .rootMeanSquare ? ConfigurationKey.epsilon : ConfigurationKey.layerNormEpsilon
    let key = rules.epsilonKey ?? usual
    var stated = try configuration.numberIfPresent(key, in: 1e-30...1)
    // Files of llama.cpp may have it under the other name, as Nemotron-H's do.
    if stated == nil, rules.epsilonKey != nil, !configuration.omitsDefaults {
      stated = try configuration.numberIfPresent(.layerNormEpsilon, in: 1e-30...1)
    }
    stated = stated ?? rules.epsilon
    let epsilon = if let stated { stated } else { try configuration.number(key, in: 1e-30...1) }
    return NormSpec(epsilon: Float(epsilon), kind: rules.norm)
  }

  private static func feedForwardWidth(
    _ configuration: any ModelConfiguration, _ rules: Rules, width: Int
  ) throws(ModelError) -> Int {
    let key = ConfigurationKey.feedForwardWidth
    let stated = try configuration.integerIfPresent(key, in: 1...1_048_576)
    if stated == nil, configuration.omitsDefaults {
      if let usual = rules.defaults[key] { return usual }
      if let expansion = rules.expansion { return expansion * width }
    }
    // Where all layers have experts, GGUF files may state nothing but theirs.
    if stated == nil, !configuration.omitsDefaults, rules.readsExperts,
      let width = try configuration.integerIfPresent(.expertWidth, in: 1...1_048_576)
    {
      return width
    }
    return if let stated { stated } else { try configuration.integer(key, in: 1...1_048_576) }
  }

  private static func headLength(
    _ configuration: any ModelConfiguration, default: Int?, width: Int, queryHeads: Int
  ) throws(ModelError) -> Int {
    let stated =
      try configuration.integerIfPresent(.headLength, in: 1...1024)
      ?? (configuration.isNull(.headLength) ? nil : `default`)
    guard stated != nil || width.isMultiple(of: queryHeads) else {
      throw ModelError(
        .invalid, field: configuration.name(of: .queryHeads),
        "\(queryHeads) heads do not divide a width of \(width)")
    }
    let length = stated ?? width / queryHeads
    guard length.isMultiple(of: 2), length <= 1024 else {
      throw ModelError(
        .unsupported, field: configuration.name(of: stated == nil ? .queryHeads : .headLength),
        "a head length of \(length); it must be even and at most 1024")
    }
    _ = try configuration.integerIfPresent(.valueLength, in: length...length)
    return length
  }
}

extension LayerSpec {
  /// Gives the layer the biases that its files have; one key speaks for all of attention, unless another
  /// does for its output.
  mutating func addBiases(_ configuration: any ModelConfiguration) throws(ModelError) {
    let hasBias = try configuration.flagIfPresent(.attentionBias) ?? false
    attention?.hasInputBias = hasBias
    attention?.hasOutputBias = try configuration.flagIfPresent(.attentionOutputBias) ?? hasBias
    feedForward?.hasBias = try configuration.flagIfPresent(.feedForwardBias) ?? false
  }
}

extension Activation {
  /// The functions by the names that configurations have for them.
  static let known: [String: Activation] = [
    "silu": .silu, "swish": .silu, "gelu": .gelu, "gelu_new": .geluTanh,
    "gelu_pytorch_tanh": .geluTanh, "gelu_fast": .geluTanh, "gelu_accurate": .geluTanh,
    "gelu_python": .gelu, "relu": .relu, "relu2": .reluSquared,
  ]

  /// The function of a name; nil for an unknown one.
  init?(named name: String) {
    guard let activation = Self.known[name] else { return nil }
    self = activation
  }
}

extension ModelConfiguration {
  /// How queries and keys are rotated in layers of a kind.
  ///
  /// - Parameters:
  ///   - headLength: D, all of which turns unless the files say less.
  ///   - base: The base of the angles unless the files say another.
  ///   - share: The share of a head that turns unless a folder says another.
  ///   - pairing: Which elements form a pair, in the order of rows that the files have.
  func rotary(
    of kind: AttentionKind = .full, headLength: Int, base: Double = 10_000, share: Double = 1,
    pairing: RotaryTable.Pairing = .halves
  ) throws(ModelError) -> RotarySpec {
    let isStated = try numberIfPresent(.rotaryShare, in: 0.01...1) != nil
    let rotated = isStated || !omitsDefaults ? headLength : Int(Double(headLength) * share)
    return try rotary(
      of: kind, defaults: RotarySpec(dimensions: rotated, base: base, pairing: pairing))
  }

  /// The bound on queries, keys and values; nil for none.
  func clamp() throws(ModelError) -> Float? {
    guard let bound = try numberIfPresent(.projectionClamp, in: 0...1e6), bound > 0 else {
      return nil
    }
    return Float(bound)
  }

  /// A factor above 0, or 0 where that is the usual value; at most a million.
  func factor(_ key: ConfigurationKey, default: Double = 1) throws(ModelError) -> Double {
    try numberIfPresent(key, in: (`default` == 0 ? 0 : 1e-6)...1e6) ?? `default`
  }

  /// The function that gates go through, where the files name one.
  func activation(default: Activation) throws(ModelError) -> Activation {
    guard let name = try stringIfPresent(.activation) else { return `default` }
    if let activation = Activation(named: name) { return activation }
    throw ModelError(
      .unsupported, field: self.name(of: .activation),
      "\(name.debugDescription) is not one of"
        + " \(Activation.known.keys.sorted().joined(separator: ", "))")
  }

  /// The window of each layer, [L]: nil for those that see all positions before.
  ///
  /// - Parameters:
  ///   - layers: L.
  ///   - pattern: Every layer whose number is a multiple of it, counted from 1, sees all positions,
  ///     unless the files say otherwise; nil where all layers have a window.
  func windows(layers: Int, pattern: Int? = nil, default window: Int? = nil) throws(ModelError)
    -> [Int?]
  {
    guard
      let window = try integerIfPresent(.slidingWindow, in: 0...16_777_216)
        ?? (isNull(.slidingWindow) ? nil : window), window > 0
    else { return Array(repeating: nil, count: layers) }
    if let sliding = try slidingLayers(count: layers) { return sliding.map { $0 ? window : nil } }
    guard let usual = pattern else { return Array(repeating: window, count: layers) }
    let period = try integerIfPresent(.slidingWindowPattern, in: 1...1024) ?? usual
    return (1...layers).map { $0.isMultiple(of: period) ? nil : window }
  }
}
