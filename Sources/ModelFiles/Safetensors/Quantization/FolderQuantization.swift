import JSON

/// A way in which folders keep quantised weights, by the name that `quant_method` gives it.
protocol FolderQuantization: Sendable {
  /// The name in `quantization_config`.
  static var method: String { get }
  /// Endings of names of tensors that products do not need: how activations were quantised.
  static var unused: [String] { get }

  /// Reads the settings.
  init(_ settings: QuantizationSettings) throws(ModelError)

  /// The tensors that are made of several stored ones; all others are as they are stored.
  func assembled(_ stored: StoredTensors) throws(ModelError) -> [AssembledTensor]
}

extension FolderQuantization {
  static var unused: [String] {
    [
      ".input_scale", ".input_zero_point", ".input_global_scale", ".activation_scale",
      ".activation_scale_inv", ".k_scale", ".v_scale", ".output_scale",
    ]
  }
}

/// The ways of quantising that can be read: the one place that lists them.
package enum FolderQuantizations {
  /// Every way.
  static let all: [any FolderQuantization.Type] = [
    FineGrainedFloats.self, CompressedTensors.self, GPTQWeights.self, AWQWeights.self,
    MicroscaledExperts.self,
  ]

  /// Their names.
  package static var methods: [String] { all.map { $0.method } }

  /// Reads `quantization_config`.
  static func quantization(_ value: JSONValue) throws(ModelError) -> any FolderQuantization {
    let field = FolderConfiguration.field("quantization_config")
    guard case .object(let object) = value else {
      throw ModelError(.invalid, field: field, "the value must be an object")
    }
    guard case .string(let name)? = object["quant_method"] else {
      throw ModelError(.unsupported, field: field, "no quant_method says how weights are kept")
    }
    for kind in all where kind.method == name {
      return try kind.init(QuantizationSettings(object: object))
    }
    let known = methods.joined(separator: ", ")
    throw ModelError(
      .unsupported, field: field,
      "weights quantised by \(name.prefix(40).debugDescription) are not supported; \(known) are")
  }
}

/// The keys of `quantization_config`.
struct QuantizationSettings {
  /// The value of the key.
  let object: JSONObject

  /// The integer of a key; nil where it is missing or null.
  func integer(_ key: String, in range: ClosedRange<Int>) throws(ModelError) -> Int? {
    guard let value = object[key], value != .null else { return nil }
    return try FolderConfiguration.integer(value, "quantization_config: \(key)", in: range)
  }

  /// The text of a key; nil where it is missing or null.
  func text(_ key: String) throws(ModelError) -> String? {
    switch object[key] {
    case nil, .null: return nil
    case .string(let text) where text.utf8.count <= 64: return text
    default: throw FolderConfiguration.wrongType("quantization_config: \(key)", "a short text")
    }
  }

  /// The error for a setting that cannot be read.
  func unsupported(_ key: String, _ detail: String) -> ModelError {
    ModelError(
      .unsupported, field: FolderConfiguration.field("quantization_config: \(key)"), detail)
  }
}
