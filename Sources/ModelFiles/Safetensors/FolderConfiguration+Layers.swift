import JSON

extension FolderConfiguration {
  /// Reads `layer_types`, or what GPT-Neo has in its place: `attention_layers`, or `attention_types`,
  /// where lists of kinds are repeated.
  package func slidingLayers(count: Int) throws(ModelError) -> [Bool]? {
    for key in ["layer_types", "attention_layers", "attention_types", "sliding_window_pattern"] {
      notes.read(key)
    }
    for key in ["layer_types", "attention_layers"] {
      if let kinds = values[key], kinds != .null {
        guard case .array(let kinds) = kinds else { throw Self.wrongKinds(key, count: count) }
        return try Self.slidingLayers(kinds, key, count: count)
      }
    }
    let key = "attention_types"
    guard let types = values[key], types != .null else {
      return slidingLayersOfPattern(count: count)
    }
    guard case .array(let parts) = types else { throw Self.wrongKinds(key, count: count) }
    var kinds: [JSONValue] = []
    for part in parts {
      guard case .array(let part) = part, part.count == 2, case .array(let repeated) = part[0]
      else {
        throw Self.wrongType(key, "an array of pairs of an array and a number")
      }
      for _ in 0..<(try Self.integer(part[1], key, in: 0...1024)) where kinds.count <= count {
        kinds += repeated
      }
    }
    return try Self.slidingLayers(kinds, key, count: count)
  }

  /// Which layers have a window by a pattern of letters such as `LLLG`; the last layer has none.
  private func slidingLayersOfPattern(count: Int) -> [Bool]? {
    guard case .string(let text)? = values["sliding_window_pattern"], !text.isEmpty,
      text.allSatisfy({ $0 == "L" || $0 == "G" })
    else { return nil }
    let isLocal = text.map { $0 == "L" }
    return (0..<count).map { $0 != count - 1 && isLocal[$0 % isLocal.count] }
  }

  private static func slidingLayers(
    _ kinds: [JSONValue], _ key: String, count: Int
  ) throws(ModelError) -> [Bool] {
    guard kinds.count == count else { throw wrongKinds(key, count: count) }
    let names = [
      AttentionKind.full.rawValue: false, AttentionKind.sliding.rawValue: true, "global": false,
      "local": true,
    ]
    var sliding: [Bool] = []
    for kind in kinds {
      guard case .string(let text) = kind, let isSliding = names[text] else {
        throw ModelError(
          .unsupported, field: field(key),
          "layers of another kind than full_attention and sliding_attention are not supported")
      }
      sliding.append(isSliding)
    }
    return sliding
  }

  private static func wrongKinds(_ key: String, count: Int) -> ModelError {
    wrongType(key, "an array of \(count) texts")
  }

  /// Reads `layer_types` or `layers_block_type`, or a pattern of letters in the place of either, or the
  /// numbers of the layers with attention.
  package func layerKinds(count: Int) throws(ModelError) -> [String]? {
    for key in ["layer_types", "layers_block_type"] {
      notes.read(key)
      guard let kinds = values[key], kinds != .null else { continue }
      guard case .array(let kinds) = kinds, kinds.count == count else {
        throw Self.wrongKinds(key, count: count)
      }
      return try kinds.map { kind throws(ModelError) in
        guard case .string(let text) = kind else { throw Self.wrongKinds(key, count: count) }
        return text
      }
    }
    notes.read("hybrid_override_pattern")
    if case .string(let letters)? = values["hybrid_override_pattern"] {
      guard letters.utf8.count == count else {
        throw Self.wrongType("hybrid_override_pattern", "a text of \(count) letters")
      }
      return letters.map(String.init)
    }
    return try kindsByNumber(count: count)
  }

  package var listsLayerSizes: Bool {
    if case .object? = values["per_layer_config"] { true } else { false }
  }

  package func listedExpertLayers(count: Int) throws(ModelError) -> [Bool]? {
    let key = "mlp_layer_types"
    notes.read(key)
    guard let kinds = values[key], kinds != .null else { return nil }
    guard case .array(let kinds) = kinds, kinds.count == count else {
      throw Self.wrongKinds(key, count: count)
    }
    return try kinds.map { kind throws(ModelError) in
      switch kind {
      case .string("sparse"): return true
      case .string("dense"): return false
      default: throw Self.wrongType(key, "an array of dense and sparse")
      }
    }
  }

  package var listedLayers: Int? {
    if case .array(let kinds)? = values["layers_block_type"] { kinds.count } else { nil }
  }

  private func kindsByNumber(count: Int) throws(ModelError) -> [String]? {
    let key = "full_attn_idxs"
    notes.read(key)
    guard let numbers = values[key], numbers != .null else { return nil }
    guard case .array(let numbers) = numbers, numbers.count <= count else {
      throw Self.wrongType(key, "an array of at most \(count) integers")
    }
    var kinds = [String](repeating: "conv", count: count)
    for number in numbers {
      kinds[try Self.integer(number, key, in: 0...(count - 1))] = AttentionKind.full.rawValue
    }
    return kinds
  }
}
