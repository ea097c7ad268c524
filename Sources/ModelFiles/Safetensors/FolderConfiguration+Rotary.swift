import JSON

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension FolderConfiguration {
  /// Reads `rope_parameters`, flat or by kind of layer, or the older `rope_theta` and `rope_scaling`.
  package func rotary(
    of kind: AttentionKind, defaults: RotarySpec
  ) throws(ModelError) -> RotarySpec {
    for name in Self.rotaryMembers { notes.read(name) }
    var rotary = defaults
    if let parameters = try Self.object(values["rope_parameters"], "rope_parameters") {
      if case .object(let own)? = parameters[kind.rawValue] {
        try read(own, into: &rotary)
      } else if kind == .full {
        try read(parameters, into: &rotary)
      }
    } else if kind == .full {
      try read(values, into: &rotary, scalingIsNested: true)
    } else if let base = values["rope_local_base_freq"], base != .null {
      rotary.base = try Self.number(base, "rope_local_base_freq", in: 1.001...1e12)
    }
    return rotary
  }

  private static let rotaryMembers = [
    "rope_parameters", "rope_scaling", "rope_theta", "rotary_emb_base", "rope_local_base_freq",
    "partial_rotary_factor", "rotary_pct", "original_max_position_embeddings",
  ]

  /// - Parameter scalingIsNested: Whether scaling is an object of its own, `rope_scaling`.
  private func read(
    _ object: JSONObject, into rotary: inout RotarySpec, scalingIsNested: Bool = false
  ) throws(ModelError) {
    if let base = object["rope_theta"] ?? values["rotary_emb_base"], base != .null {
      rotary.base = try Self.number(base, "rope_theta", in: 1.001...1e12)
    }
    let key = "partial_rotary_factor"
    if case .string("proportional")? = object["rope_type"] {
      let share = try object[key].map { value throws(ModelError) in
        try Self.number(value, key, in: 0.01...1)
      }
      rotary.scaling = .proportional(share: share ?? 1)
      return try refuseFactor(object)
    }
    if let part = object[key] ?? values[key] ?? values["rotary_pct"], part != .null {
      let share = try Self.number(part, key, in: 0.01...1)
      rotary.dimensions = Int(Double(rotary.dimensions) * share)
      try rotary.checkPairs(Self.field(key))
    }
    guard scalingIsNested else { return try readScaling(object, into: &rotary) }
    if let scaling = try Self.object(object["rope_scaling"], "rope_scaling") {
      try readScaling(scaling, into: &rotary)
    }
  }

  /// Refuses angles that are stretched besides.
  private func refuseFactor(_ object: JSONObject) throws(ModelError) {
    guard let factor = object["factor"], factor != .null else { return }
    _ = try Self.number(factor, "rope: factor", in: 1...1)
  }

  private func readScaling(
    _ object: JSONObject, into rotary: inout RotarySpec
  ) throws(ModelError) {
    let type: String
    switch object["rope_type"] ?? object["type"] {
    case nil, .null: return
    case .string(let name): type = name
    default: throw Self.wrongType("rope_type", "a text")
    }
    let figures = RotaryFigures(object: object, configuration: self)
    switch type {
    // Models that see pictures turn text, whose three positions are equal, as others do.
    case "default", "mrope": rotary.scaling = .none
    case "linear": rotary.scaling = .linear(factor: try figures.number("factor", in: 1...1e6))
    case "llama3": rotary.scaling = .llama3(try figures.llama3())
    case "yarn": rotary.scaling = .yarn(try figures.yarn())
    case "longrope", "su":
      rotary.scaling = .longRope(try figures.longRope(pairs: rotary.dimensions / 2))
    case "dynamic":
      // Without a fixed factor the angles change beyond the context only, which no sequence passes.
      if let alpha = try figures.numberIfPresent("alpha", in: 1...1e6), rotary.dimensions > 2 {
        let pairs = Double(rotary.dimensions)
        rotary.base *= pow(alpha, pairs / (pairs - 2))
      }
    default:
      throw ModelError(
        .unsupported, field: Self.field("rope_type"),
        "\(type.prefix(40).debugDescription) is not one of default, dynamic, linear, llama3,"
          + " longrope, mrope, yarn")
    }
  }
}

/// The figures of one way to stretch rotary angles.
private struct RotaryFigures {
  let object: JSONObject
  let configuration: FolderConfiguration

  func numberIfPresent(
    _ key: String, in range: ClosedRange<Double>
  ) throws(ModelError) -> Double? {
    guard let value = object[key], value != .null else { return nil }
    return try FolderConfiguration.number(value, "rope: \(key)", in: range)
  }

  func number(_ key: String, in range: ClosedRange<Double>) throws(ModelError) -> Double {
    if let number = try numberIfPresent(key, in: range) { return number }
    throw ModelError(
      .missing, field: FolderConfiguration.field("rope: \(key)"), "the scaling needs this key")
  }

  func originalContextIfPresent() throws(ModelError) -> Int? {
    let key = "original_max_position_embeddings"
    guard let value = object[key] ?? configuration.values[key], value != .null else { return nil }
    return try FolderConfiguration.integer(value, key, in: 1...16_777_216)
  }

  /// The context of the training; where the files do not state it apart, that of the model.
  func originalContext() throws(ModelError) -> Int {
    if let context = try originalContextIfPresent() { return context }
    return try contextLength()
  }

  func contextLength() throws(ModelError) -> Int {
    try configuration.integer(.contextLength, in: 1...16_777_216)
  }

  func llama3() throws(ModelError) -> Llama3Scaling {
    let low = try number("low_freq_factor", in: 1e-3...1e6)
    return Llama3Scaling(
      factor: try number("factor", in: 1...1e6), lowFrequencyFactor: low,
      highFrequencyFactor: try number("high_freq_factor", in: low.nextUp...1e7),
      originalContext: try originalContext())
  }

  func yarn() throws(ModelError) -> YarnScaling {
    let original = try originalContext()
    let growth = Double(try contextLength()) / Double(original)
    let factor = try numberIfPresent("factor", in: 1...1e6) ?? max(1, growth)
    var yarn = YarnScaling(factor: factor, originalContext: original)
    yarn.turnsStretched = try numberIfPresent("beta_slow", in: 1e-3...1e6) ?? yarn.turnsStretched
    yarn.turnsKept =
      try numberIfPresent("beta_fast", in: yarn.turnsStretched...1e7)
      ?? max(yarn.turnsKept, yarn.turnsStretched)
    if case .bool(let rounds)? = object["truncate"] { yarn.roundsBounds = rounds }
    yarn.amplitude = try numberIfPresent("attention_factor", in: 1e-3...1e3)
    let scale = try numberIfPresent("mscale", in: 0...1e3) ?? 0
    let allScale = try numberIfPresent("mscale_all_dim", in: 0...1e3) ?? 0
    if yarn.amplitude == nil, scale > 0, allScale > 0 {
      yarn.amplitude =
        YarnScaling.magnitude(factor: factor, scale: scale)
        / YarnScaling.magnitude(factor: factor, scale: allScale)
    }
    return yarn
  }

  func longRope(pairs: Int) throws(ModelError) -> LongRopeScaling {
    let trained = try originalContext()
    let growth = Double(try contextLength()) / Double(trained)
    let stated = try numberIfPresent("factor", in: 1...1e6) ?? 1
    let factor = try originalContextIfPresent() == nil ? stated : growth
    var amplitude = try numberIfPresent("attention_factor", in: 1e-3...1e3)
    if amplitude == nil { amplitude = try magnitude() }
    return LongRopeScaling(
      short: try divisors("short_factor", count: pairs),
      long: try divisors("long_factor", count: pairs), originalContext: trained,
      amplitude: amplitude
        ?? LongRopeScaling.amplitude(factor: factor, originalContext: trained))
  }

  /// The factor that Phi 3.5 with experts states, for short contexts and for long ones.
  private func magnitude() throws(ModelError) -> Double? {
    let short = try numberIfPresent("short_mscale", in: 1e-3...1e3)
    let long = try numberIfPresent("long_mscale", in: 1e-3...1e3)
    guard short == long else {
      throw ModelError(
        .unsupported, field: FolderConfiguration.field("rope: short_mscale"),
        "another factor than long_mscale is not supported")
    }
    return long
  }

  private func divisors(_ key: String, count: Int) throws(ModelError) -> [Float] {
    guard case .array(let values)? = object[key], values.count == count else {
      throw FolderConfiguration.wrongType("rope: \(key)", "an array of \(count) numbers")
    }
    var divisors: [Float] = []
    for value in values {
      divisors.append(
        Float(try FolderConfiguration.number(value, "rope: \(key)", in: 1e-3...1e6)))
    }
    return divisors
  }
}
