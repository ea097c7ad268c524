/// The hyper-parameters in the metadata of a GGUF file, under the architecture's name.
package struct GGUFConfiguration: ModelConfiguration {
  package let architecture: String
  package let architectureField = Self.architectureKey
  package let pairsNeighbours = true
  package let omitsDefaults = false
  package let isTied: Bool?
  private let metadata: Metadata
  /// Whether the file has LongRoPE's divisors, which is the one thing that says so.
  private let hasLongRope: Bool
  /// The tensors of the first layer, without its number, and those outside of layers.
  private let layerTensors: Set<String>
  /// The lengths of all tensors.
  private let dimensions: [String: [Int]]

  package let classes: Int?
  package let modules: TextModules
  package let hasHead = true

  private static let architectureKey = "general.architecture"

  /// Reads which architecture a file has.
  init(_ header: GGUFHeader) throws(ModelError) {
    metadata = header.metadata
    architecture = try metadata.string(Self.architectureKey, atMost: 64)
    isTied = !header.tensors.contains { $0.name == "output.weight" }
    let prefix = "blk.0."
    layerTensors = Set(
      header.tensors.lazy.map(\.name).filter { $0.hasPrefix(prefix) || !$0.hasPrefix("blk.") }
        .map { String($0.hasPrefix(prefix) ? $0.dropFirst(prefix.count) : $0[...]) })
    classes = header.tensors.first { $0.name == "cls.output.weight" }.map {
      $0.dimensions.dropFirst().reduce(1, *)
    }
    modules = try TextModules(header, architecture: architecture)
    dimensions = Dictionary(header.tensors.map { ($0.name, $0.dimensions) }) { first, _ in first }
    hasLongRope = header.tensors.contains { $0.name == "rope_factors_long.weight" }
  }

  /// Says no: files name what they are in their keys.
  package func isCalled(_ word: String) -> Bool { false }

  /// Counts the tokens, whatever the key says.
  package func vocabularySize(default: Int?) throws(ModelError) -> Int {
    let count = try metadata.strings("tokenizer.ggml.tokens", count: 1...(1 << 24)).count
    let stated = try integerIfPresent(.vocabularySize, in: 0...Int(UInt32.max))
    if let stated, stated != count {
      metadata.notes.warn(
        name(of: .vocabularySize), "\(stated), but the file has \(count) tokens, which count")
    }
    return count
  }

  package func name(of key: ConfigurationKey) -> String {
    key.gguf.map { key.isPrefixed ? "\(architecture).\($0)" : $0 } ?? key.folder.first ?? "a key"
  }

  package func integerIfPresent(
    _ key: ConfigurationKey, in range: ClosedRange<Int>
  ) throws(ModelError) -> Int? {
    guard key.gguf != nil else { return nil }
    let value = try metadata.integerIfPresent(name(of: key), in: range)
    guard key == .layers, let value else { return value }
    let drafting = try draftLayers(atMost: value)
    guard range.contains(value - drafting) else {
      throw ModelError(
        .unsupported, field: name(of: key),
        "all \(value) layers only draft for another model, and do not run alone")
    }
    return value - drafting
  }

  /// Layers behind those of the model that only draft tokens; the file counts them among its layers.
  private func draftLayers(atMost count: Int) throws(ModelError) -> Int {
    try metadata.integerIfPresent("\(architecture).nextn_predict_layers", in: 0...count) ?? 0
  }

  /// Whether there are such layers.
  var hasDraftLayers: Bool { (try? draftLayers(atMost: 1024)) ?? 0 > 0 }

  /// The layers that run; nil where the file does not count layers.
  var layers: Int? { try? integerIfPresent(.layers, in: 1...1024) }

  /// Keys under the architecture's name that may change results, and that nobody has read.
  var unreadKeys: [String] {
    let prefix = "\(architecture)."
    return metadata.keys.filter { key in
      guard key.hasPrefix(prefix), !metadata.notes.hasRead(key),
        let value = metadata[key]?.value
      else { return false }
      return !HarmlessKeys.contains(String(key.dropFirst(prefix.count)), value)
    }
  }

  package func numberIfPresent(
    _ key: ConfigurationKey, in range: ClosedRange<Double>
  ) throws(ModelError) -> Double? {
    key.gguf == nil ? nil : try metadata.floatIfPresent(name(of: key), in: range)
  }

  package func flagIfPresent(_ key: ConfigurationKey) throws(ModelError) -> Bool? {
    guard key.tensors.isEmpty else { return !layerTensors.isDisjoint(with: key.tensors) }
    return key.gguf == nil ? nil : try metadata.boolIfPresent(name(of: key))
  }

  package func stringIfPresent(_ key: ConfigurationKey) throws(ModelError) -> String? {
    key.gguf == nil ? nil : try metadata.stringIfPresent(name(of: key), atMost: 64)
  }

  package func integersIfPresent(
    _ key: ConfigurationKey, count: Int, in range: ClosedRange<Int>
  ) throws(ModelError) -> [Int]? {
    guard key.gguf != nil, case .numbers? = metadata[name(of: key)]?.value else { return nil }
    let counts = count...(count + (try draftLayers(atMost: 1024)))
    return try metadata.integersIfPresent(name(of: key), count: counts, in: range)
      .map { Array($0.prefix(count)) }
  }

  package func integerListIfPresent(
    _ key: ConfigurationKey, in range: ClosedRange<Int>
  ) throws(ModelError) -> [Int]? {
    key.gguf == nil
      ? nil : try metadata.integersIfPresent(name(of: key), count: 0...1024, in: range)
  }

  package func numbersIfPresent(
    _ key: ConfigurationKey, count: Int
  ) throws(ModelError) -> [Float]? {
    guard key.gguf != nil, case .numbers? = metadata[name(of: key)]?.value else { return nil }
    let counts = count...(count + (try draftLayers(atMost: 1024)))
    return try metadata.floatsIfPresent(
      name(of: key), count: counts, allowsNothing: key.allowsNothing
    ).map { Array($0.prefix(count)) }
  }

  package func dimensions(ofTensor name: String) -> [Int]? { dimensions[name] }

  /// Reads the pattern, where it is an array with a truth value for each layer.
  package func slidingLayers(count: Int) throws(ModelError) -> [Bool]? {
    let key = name(of: .slidingWindowPattern)
    guard case .numbers? = metadata[key]?.value else { return nil }
    let counts = count...(count + (try draftLayers(atMost: 1024)))
    return Array(try metadata.flags(key, count: counts).prefix(count))
  }

  /// Reads which layers are recurrent, or which have no key-value heads.
  package func layerKinds(count: Int) throws(ModelError) -> [String]? {
    let key = "\(architecture).attention.recurrent_layers"
    var flags: [Bool]?
    if case .numbers? = metadata[key]?.value {
      let counts = count...(count + (try draftLayers(atMost: 1024)))
      flags = Array(try metadata.flags(key, count: counts).prefix(count))
    } else if let heads = try integersIfPresent(.keyValueHeads, count: count, in: 0...1024) {
      flags = heads.map { $0 == 0 }
    }
    return flags?.map { $0 ? "recurrent" : AttentionKind.full.rawValue }
  }

  /// Reads what stands under `rope`; layers with a window have a base of their own and no scaling.
  package func rotary(
    of kind: AttentionKind, defaults: RotarySpec
  ) throws(ModelError) -> RotarySpec {
    let rope = "\(architecture).rope"
    var rotary = defaults
    if kind == .sliding {
      rotary.base =
        try metadata.floatIfPresent("\(rope).freq_base_swa", in: 1.001...1e12) ?? rotary.base
      return rotary
    }
    let dimensionKey = "\(rope).dimension_count"
    rotary.dimensions =
      try metadata.integerIfPresent(dimensionKey, in: 2...defaults.dimensions)
      ?? defaults.dimensions
    try rotary.checkPairs(dimensionKey)
    rotary.base =
      try metadata.floatIfPresent("\(rope).freq_base", in: 1.001...1e12) ?? rotary.base
    rotary.scaling = try scaling(rope)
    return rotary
  }

  private func scaling(_ rope: String) throws(ModelError) -> RotaryScaling {
    if hasLongRope { return .longRope(try longRope(rope)) }
    let key = "\(rope).scaling.type"
    let stated = try metadata.stringIfPresent(key, atMost: 64)
    if stated == "none" { return .none }
    let (factorKey, factor) = try factor(rope)
    switch stated {
    case nil where factor == 1: return .none
    case nil:
      metadata.notes.warn(
        factorKey, "a factor of \(factor) without a type; angles are divided by it (linear)")
      return .linear(factor: factor)
    case "linear": return .linear(factor: factor)
    case "yarn": return .yarn(try yarn(rope, factor: factor))
    case "longrope":
      throw ModelError(
        .missing, field: "rope_factors_long.weight",
        "\(key) is longrope, whose divisors are not in the file")
    case let kind?:
      throw ModelError(
        .unsupported, field: key, "'\(kind)' is not one of none, linear, longrope, yarn")
    }
  }

  /// What angles are divided by, and the key that says so: one of two, of which the second is older.
  private func factor(_ rope: String) throws(ModelError) -> (String, Double) {
    for key in ["\(rope).scaling.factor", "\(rope).scale_linear"] {
      // Some writers have 0 for none.
      guard let factor = try metadata.floatIfPresent(key, in: 0...1e6), factor != 0 else {
        continue
      }
      guard factor >= 1 else {
        throw ModelError(.invalid, field: key, "\(factor) must lie in 1.0...1000000.0")
      }
      return (key, factor)
    }
    return ("\(rope).scaling.factor", 1)
  }

  private func yarn(_ rope: String, factor: Double) throws(ModelError) -> YarnScaling {
    func number(_ key: String, in range: ClosedRange<Double>) throws(ModelError) -> Double? {
      try metadata.floatIfPresent("\(rope).scaling.\(key)", in: range)
    }
    var yarn = YarnScaling(
      factor: factor,
      originalContext: try originalContext(rope))
    yarn.turnsStretched = try number("yarn_beta_slow", in: 1e-3...1e6) ?? yarn.turnsStretched
    yarn.turnsKept =
      try number("yarn_beta_fast", in: yarn.turnsStretched...1e7)
      ?? max(yarn.turnsKept, yarn.turnsStretched)
    let older = try number("yarn_attn_factor", in: 1e-3...1e3)
    let attention = try number("attn_factor", in: 1e-3...1e3) ?? older
    let allScale = try number("yarn_log_multiplier", in: 0...1e3) ?? 0
    if let mix = try number("yarn_ext_factor", in: -1e3...1e3), mix >= 0, mix != 1 {
      throw ModelError(
        .unsupported, field: "\(rope).scaling.yarn_ext_factor", "\(mix); 1 is supported")
    }
    if attention != nil || allScale > 0 {
      yarn.amplitude =
        (attention ?? 1) * YarnScaling.magnitude(factor: factor, scale: 1)
        / YarnScaling.magnitude(factor: factor, scale: allScale)
    }
    return yarn
  }

  /// The context of the training; where the file does not state it apart, that of the model.
  private func originalContext(_ rope: String) throws(ModelError) -> Int {
    let context = try integer(.contextLength, in: 1...16_777_216)
    let key = "\(rope).scaling.original_context_length"
    if let original = try metadata.integerIfPresent(key, in: 1...16_777_216) { return original }
    metadata.notes.warn(key, "not stated; the context of the model, \(context), is taken")
    return context
  }

  private func longRope(_ rope: String) throws(ModelError) -> LongRopeScaling {
    let context = try integer(.contextLength, in: 1...16_777_216)
    let original =
      try metadata.integerIfPresent(
        "\(rope).scaling.original_context_length", in: 1...16_777_216) ?? context
    return LongRopeScaling(
      short: nil, long: nil, originalContext: original,
      amplitude: try metadata.floatIfPresent("\(rope).scaling.attn_factor", in: 1e-3...1e3)
        ?? LongRopeScaling.amplitude(
          factor: Double(context) / Double(original), originalContext: original))
  }
}
