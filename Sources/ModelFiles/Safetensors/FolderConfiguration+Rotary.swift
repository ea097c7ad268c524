import JSON

extension FolderConfiguration {
  /// Reads `rope_parameters`, flat or by kind of layer, or the older `rope_theta` and `rope_scaling`.
  package func rotary(
    of kind: AttentionKind, defaults: RotarySpec
  ) throws(ModelError) -> RotarySpec {
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

  /// - Parameter scalingIsNested: Whether scaling is an object of its own, `rope_scaling`.
  private func read(
    _ object: JSONObject, into rotary: inout RotarySpec, scalingIsNested: Bool = false
  ) throws(ModelError) {
    if let base = object["rope_theta"], base != .null {
      rotary.base = try Self.number(base, "rope_theta", in: 1.001...1e12)
    }
    let key = "partial_rotary_factor"
    if let part = object[key] ?? values[key], part != .null {
      let share = try Self.number(part, key, in: 0.01...1)
      rotary.dimensions = Int(Double(rotary.dimensions) * share)
      guard rotary.dimensions >= 2, rotary.dimensions.isMultiple(of: 2) else {
        throw ModelError(
          .invalid, field: Self.field(key),
          "\(rotary.dimensions) elements do not form pairs")
      }
    }
    guard scalingIsNested else {
      rotary.scaling = try scaling(object)
      return
    }
    if let scaling = try Self.object(object["rope_scaling"], "rope_scaling") {
      rotary.scaling = try self.scaling(scaling)
    }
  }

  private func scaling(_ object: JSONObject) throws(ModelError) -> RotaryScaling {
    func number(_ key: String, in range: ClosedRange<Double>) throws(ModelError) -> Double {
      guard let value = object[key], value != .null else {
        throw ModelError(.missing, field: Self.field("rope: \(key)"), "the scaling needs this key")
      }
      return try Self.number(value, "rope: \(key)", in: range)
    }
    func originalContext() throws(ModelError) -> Int {
      let key = "original_max_position_embeddings"
      guard let value = object[key] ?? values[key], value != .null else {
        return try integer(.contextLength, in: 1...16_777_216)
      }
      return try Self.integer(value, key, in: 1...16_777_216)
    }
    let type: String
    switch object["rope_type"] ?? object["type"] {
    case nil, .null: return .none
    case .string(let name): type = name
    default: throw Self.wrongType("rope_type", "a text")
    }
    switch type {
    case "default": return .none
    case "linear": return .linear(factor: try number("factor", in: 1...1e6))
    case "llama3":
      let low = try number("low_freq_factor", in: 1e-3...1e6)
      return .llama3(
        Llama3Scaling(
          factor: try number("factor", in: 1...1e6), lowFrequencyFactor: low,
          highFrequencyFactor: try number("high_freq_factor", in: low.nextUp...1e7),
          originalContext: try originalContext()))
    default:
      throw ModelError(
        .unsupported, field: Self.field("rope_type"),
        "\(type.prefix(40).debugDescription) is not one of default, linear, llama3")
    }
  }
}
