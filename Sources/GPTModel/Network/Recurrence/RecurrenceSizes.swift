import ModelFiles

/// What a layer of a hybrid has.
enum LayerKind: Sendable {
  /// Attention.
  case attention
  /// A recurrence.
  case recurrence
  /// Nothing but a feed-forward network.
  case feedForward
  /// Nothing but experts.
  case experts

  /// What files call the kinds.
  private static let names: [String: LayerKind] = [
    "full_attention": .attention, "attention": .attention, "*": .attention,
    "recurrent": .recurrence, "linear_attention": .recurrence, "mamba": .recurrence,
    "conv": .recurrence, "M": .recurrence, "mlp": .feedForward, "-": .feedForward,
    "moe": .experts, "E": .experts,
  ]

  /// The kinds of layers, [L]; nil where the files do not say.
  static func kinds(
    _ configuration: any ModelConfiguration, layers: Int
  ) throws(ModelError) -> [LayerKind]? {
    guard let names = try configuration.layerKinds(count: layers) else { return nil }
    var kinds: [LayerKind] = []
    for name in names {
      guard let kind = Self.names[name] else {
        throw ModelError(
          .unsupported, field: configuration.architectureField,
          "layers of the kind \(name.prefix(40).debugDescription) are not supported")
      }
      kinds.append(kind)
    }
    return kinds
  }
}

/// The sizes of models that have nothing but recurrences.
struct RecurrentSizes {
  /// Layers, L.
  let layers: Int
  /// Model width, W.
  let width: Int
  /// The norms.
  let norm: NormSpec
  private let vocabularySize: Int
  private let contextLength: Int

  /// Reads the sizes; nothing bounds the positions of such a model, so that files may leave a context out.
  init(_ configuration: any ModelConfiguration) throws(ModelError) {
    layers = try configuration.integer(.layers, in: 1...1024)
    width = try configuration.integer(.width, in: 1...65_536)
    vocabularySize = try configuration.vocabularySize(default: nil)
    contextLength =
      try configuration.integerIfPresent(.contextLength, in: 1...16_777_216) ?? 1_048_576
    let epsilon = try configuration.numberIfPresent(.rootEpsilon, in: 1e-30...1) ?? 1e-5
    norm = NormSpec(epsilon: Float(epsilon))
  }

  /// The decoder of layers of one recurrence each.
  func spec(_ recurrence: RecurrenceSpec, isTied: Bool) -> TransformerSpec {
    let layer = LayerSpec(recurrence: recurrence, placement: .pre, norm: norm)
    return TransformerSpec(
      width: width, vocabularySize: vocabularySize, contextLength: contextLength,
      layers: Array(repeating: layer, count: layers), head: HeadSpec(norm: norm, isTied: isTied))
  }
}

extension ModelConfiguration {
  /// The convolution of a recurrence.
  func convolution(
    _ key: ConfigurationKey = .convolutionLength, default length: Int = 4, hasBias: Bool
  ) throws(ModelError) -> ConvolutionSpec {
    ConvolutionSpec(
      length: try size(key, in: 2...16, default: length),
      hasBias: try flagIfPresent(.convolutionBias) ?? hasBias)
  }

  /// An integer that folders may leave out.
  func size(
    _ key: ConfigurationKey, in range: ClosedRange<Int>, default value: Int?
  ) throws(ModelError) -> Int {
    if let stated = try integerIfPresent(key, in: range) { return stated }
    if omitsDefaults, let value { return value }
    return try integer(key, in: range)
  }

  /// Refuses another function of state spaces than the one there is.
  func requireSilu() throws(ModelError) {
    guard let name = try stringIfPresent(.stateSpaceActivation) else { return }
    guard ["silu", "swish"].contains(name) else {
      throw ModelError(
        .unsupported, field: self.name(of: .stateSpaceActivation),
        "\(name.debugDescription); state spaces know silu only")
    }
  }

  /// Refuses sizes of which one does not divide the other.
  func require(
    _ parts: Int, divides whole: Int, _ key: ConfigurationKey, _ what: String
  ) throws(ModelError) {
    guard whole.isMultiple(of: parts) else {
      throw ModelError(.invalid, field: name(of: key), "\(parts) \(what) do not divide \(whole)")
    }
  }
}

/// What a family's configurations of Mamba 2 leave out.
struct Mamba2Defaults {
  /// Heads, groups and numbers of the state.
  var heads: Int?
  var groups: Int?
  var states: Int?
  /// The length of a head where that and not W says how many elements there are; nil where W does.
  var headLength: Int?
}

extension ModelConfiguration {
  /// The state space of layers of a width.
  func mamba2(
    width: Int, norm: NormSpec, defaults: Mamba2Defaults
  ) throws(ModelError) -> Mamba2Spec {
    try requireSilu()
    let heads = try size(.stateSpaceHeads, in: 1...65_536, default: defaults.heads)
    let inner = try inner(width: width, heads: heads, headLength: defaults.headLength)
    let groups = try size(.stateSpaceGroups, in: 1...1024, default: defaults.groups)
    try require(heads, divides: inner, .stateSpaceHeads, "heads")
    try require(groups, divides: heads, .stateSpaceGroups, "groups")
    var spec = Mamba2Spec(
      heads: heads, headLength: inner / heads,
      states: try size(.stateSize, in: 1...4096, default: defaults.states), groups: groups,
      convolution: try convolution(hasBias: true), normEpsilon: norm.epsilon)
    spec.hasBias = try flagIfPresent(.stateSpaceBias) ?? false
    let least = try numberIfPresent(.leastStep, in: 0...1e6) ?? 0
    let most = try numberIfPresent(.mostStep, in: least...Double.infinity) ?? .infinity
    spec.stepRange = Float(least)...Float(most)
    return spec
  }

  /// Elements of all heads.
  private func inner(
    width: Int, heads: Int, headLength: Int?
  ) throws(ModelError) -> Int {
    if let headLength, omitsDefaults {
      return heads * (try size(.stateSpaceHeadLength, in: 1...4096, default: headLength))
    }
    if let stated = try integerIfPresent(.stateSpaceInner, in: 1...1_048_576) { return stated }
    return width * (try size(.stateSpaceExpansion, in: 1...64, default: 2))
  }

  /// The gated delta rule.
  func gatedDelta(
    norm: NormSpec, tilesKeyHeads: Bool
  ) throws(ModelError) -> GatedDeltaSpec {
    let keyHeads = try size(.deltaKeyHeads, in: 1...1024, default: 16)
    let valueHeads = try size(.deltaValueHeads, in: 1...1024, default: 32)
    let keyLength = try size(.deltaKeyLength, in: 1...4096, default: 128)
    try require(keyHeads, divides: valueHeads, .deltaKeyHeads, "heads of keys")
    var valueLength = try integerIfPresent(.deltaValueLength, in: 1...4096)
    if let inner = try integerIfPresent(.stateSpaceInner, in: 1...1_048_576), valueLength == nil {
      try require(valueHeads, divides: inner, .deltaValueHeads, "heads of values")
      valueLength = inner / valueHeads
    }
    let convolution = try convolution(hasBias: false)
    return GatedDeltaSpec(
      keyHeads: keyHeads, valueHeads: valueHeads, keyLength: keyLength,
      valueLength: valueLength ?? 128, convolution: convolution, normEpsilon: norm.epsilon,
      tilesKeyHeads: tilesKeyHeads && keyHeads < valueHeads)
  }
}
