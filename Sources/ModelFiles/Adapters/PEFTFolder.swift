import JSON
import Tensor

/// Adapters in folders, as PEFT writes them.
enum PEFTFolder {
  /// The file that describes the adapter.
  static let configuration = "adapter_config.json"
  private static let weights = "adapter_model.safetensors"
  /// What stands before the names that the model's own files have.
  private static let prefix = "base_model.model."
  private static let limits = JSONLimits(depth: 16, values: 100_000)

  /// Reads the products of a folder.
  static func products(in folder: some ModelFolder) throws(ModelError) -> [AdapterFiles.Product] {
    guard let text = try folder.read(configuration) else {
      throw ModelError(.missing, field: configuration, "the folder has no such file")
    }
    let settings = PEFTSettings(
      try JSONFile.object(text, file: configuration, limits: limits), file: configuration)
    try settings.check()
    guard let source = try folder.open(weights) else {
      let isPickled = try folder.open("adapter_model.bin") != nil
      throw ModelError(
        isPickled ? .unsupported : .missing, field: weights,
        isPickled
          ? "adapter_model.bin is a pickle, which could run code when it is read; save the adapter as"
            + " safetensors"
          : "the folder has no such file")
    }
    let header = try SafetensorsHeader(source, file: weights, limits: .standard)
    var factors: (downs: [String: AdapterFactor], ups: [String: AdapterFactor]) = ([:], [:])
    for tensor in header.tensors {
      guard let place = place(of: tensor.name) else {
        throw ModelError(
          .unsupported, field: tensor.name,
          "only lora_A and lora_B of linear layers are supported in adapters")
      }
      guard let format = FolderTypes.formats.first(where: { $0.name == tensor.type }) else {
        throw ModelError(
          .unsupported, field: tensor.name,
          "stored as \(tensor.type); \(FolderTypes.names.joined(separator: ", ")) are supported")
      }
      let factor = try AdapterFactor(
        tensor.name, dimensions: tensor.shape.reversed(), format: format, at: tensor.byteRange,
        in: source)
      let other =
        place.isUp
        ? factors.ups.updateValue(factor, forKey: place.name)
        : factors.downs.updateValue(factor, forKey: place.name)
      guard other == nil else {
        throw ModelError(.duplicate, field: tensor.name, "\(place.name) has such a factor already")
      }
    }
    return try AdapterFiles.paired(downs: factors.downs, ups: factors.ups) {
      (name, rank) throws(ModelError) in try settings.scale(of: name, rank: rank)
    }
  }

  /// The matrix that a tensor is a factor for, and which of both; nil where it is none.
  private static func place(of tensor: String) -> (name: String, isUp: Bool)? {
    // Some programs leave the name of the adapter where PEFT takes it out.
    guard let stem = tensor.without(".weight") else { return nil }
    for (ending, isUp) in [("lora_A", false), ("lora_B", true)] {
      guard let name = stem.without(".\(ending)") ?? stem.without(".\(ending).default") else {
        continue
      }
      return (name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name, isUp)
    }
    return nil
  }
}

/// What a folder says of its adapter.
private struct PEFTSettings {
  private let object: JSONObject
  private let file: String

  init(_ object: JSONObject, file: String) {
    (self.object, self.file) = (object, file)
  }

  /// Refuses adapters that are more than products of low rank.
  func check() throws(ModelError) {
    guard case .string("LORA")? = object["peft_type"] else {
      throw unsupported("peft_type", "only LORA is supported")
    }
    for name in ["use_dora", "lora_bias", "use_qalora"] {
      if case .bool(true)? = object[name] { throw unsupported(name, "this is not supported") }
    }
    if case .string(let bias)? = object["bias"], bias != "none" {
      throw unsupported("bias", "biases of adapters are not supported")
    }
    switch object["modules_to_save"] {
    case nil, .null?: break
    case .array(let modules)? where modules.isEmpty: break
    default: throw unsupported("modules_to_save", "whole matrices in adapters are not supported")
    }
  }

  /// The factor on the product for a matrix.
  func scale(of name: String, rank: Int) throws(ModelError) -> Double {
    var alpha = try number("lora_alpha", of: object) ?? 8
    if case .object(let pattern)? = object["alpha_pattern"] {
      for member in pattern.members where name == member.name || name.hasSuffix(".\(member.name)") {
        alpha = try number(member.name, of: pattern) ?? alpha
      }
    }
    if case .bool(true)? = object["use_rslora"] { return alpha / Double(rank).squareRoot() }
    return alpha / Double(rank)
  }

  private func number(_ name: String, of object: JSONObject) throws(ModelError) -> Double? {
    switch object[name] {
    case nil, .null?: return nil
    case .integer(let value)?: return Double(value)
    case .number(let value)? where value.isFinite: return value
    default:
      throw ModelError(.invalid, field: "\(file): \(name)", "a finite number is needed")
    }
  }

  private func unsupported(_ name: String, _ detail: String) -> ModelError {
    ModelError(.unsupported, field: "\(file): \(name)", detail)
  }
}
