import ArgumentParser
import GPTModel

/// Why a setting cannot have a value.
struct SettingFailure: Error, CustomStringConvertible {
  /// One sentence.
  let description: String
}

extension SamplingOptions {
  /// The settings that may change during a conversation, named as the options are.
  static let settingNames = ["temperature", "top-p", "top-k", "max-tokens", "seed"]

  /// Changes a setting; without a value to what is usual.
  mutating func set(_ name: String, to value: String?) throws(SettingFailure) {
    var changed = self
    switch name {
    case "temperature": changed.temperature = try Self.read(value, name)
    case "top-p": changed.topP = try Self.read(value, name)
    case "top-k": changed.topK = try Self.read(value, name)
    case "max-tokens": changed.maxTokens = try Self.read(value, name)
    case "seed": changed.seed = try Self.read(value, name)
    default:
      throw SettingFailure(
        description:
          "there is no setting \(name); there are \(Self.settingNames.joined(separator: ", "))")
    }
    do {
      try changed.validate()
    } catch {
      throw SettingFailure(description: "\(error)")
    }
    self = changed
  }

  private static func read<Value: LosslessStringConvertible>(
    _ text: String?, _ name: String
  ) throws(SettingFailure) -> Value? {
    guard let text, !text.isEmpty else { return nil }
    if let value = Value(text) { return value }
    throw SettingFailure(description: "\(name) cannot be \(text)")
  }

  /// The settings and their values for a model.
  func listing(for model: LoadedModel) -> [(name: String, value: String)] {
    let parameters = parameters(for: model)
    return [
      ("temperature", "\(parameters.temperature)"), ("top-p", "\(parameters.topP)"),
      ("top-k", "\(parameters.topK)"),
      ("max-tokens", maxTokens.map(String.init) ?? "what the context leaves"),
      ("seed", seed.map(String.init) ?? "another one for each answer"),
    ]
  }
}
