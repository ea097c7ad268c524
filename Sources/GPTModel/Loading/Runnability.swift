import ModelFiles
import Tokenizers

/// Whether a model runs, as far as its headers tell, and if not, every piece that is missing.
struct Runnability {
  /// The pieces that are missing, in words; none where the model runs.
  let missing: [String]
  /// What is read otherwise than it is written, or not at all.
  let warnings: [ModelWarning]

  /// Asks each part of loading that needs no weights.
  init(_ source: any ModelSource) {
    var missing: [String] = []
    do throws(ModelError) {
      try Self.checkNetwork(source)
    } catch {
      missing.append(error.description)
    }
    do throws(ModelError) {
      let tokenizer = try Tokenizer(source.vocabulary)
      _ = LoadedTemplates(source, tokenizer: tokenizer)
    } catch {
      missing.append(error.description)
    }
    self.missing = missing
    warnings = source.warnings
  }

  private static func checkNetwork(_ source: any ModelSource) throws(ModelError) {
    let configuration = source.configuration
    let architecture = try Architectures.named(configuration)
    let requirements = try architecture.description(configuration).tensors
    let tensors = try source.tensors(architecture.naming, for: requirements)
    guard !tensors.isEmpty else {
      throw ModelError(
        .missing, field: "tensors", "the file is a vocabulary alone; apus tokenize reads it")
    }
    try ModelTensors(tensors).check(expected: requirements)
  }

  /// Refuses what goes with a model and is none.
  static func refuseCompanion(_ configuration: any ModelConfiguration) throws(ModelError) {
    guard let part = companions[configuration.architecture] else { return }
    throw ModelError(
      .unsupported, field: configuration.architectureField,
      "'\(configuration.architecture)' is \(part), and does not run alone")
  }

  private static let companions = [
    "clip": "a projector of pictures or sound (mmproj), which goes with a model",
    "mmproj": "a projector of pictures or sound, which goes with a model",
    "adapter": "an adapter, which goes with a model",
    "controlvector": "a control vector, which goes with a model",
    "imatrix": "a table of importances, which programs that quantise read",
    "eagle3": "a drafter, which goes with a model",
  ]

  /// Lines for people to read.
  var lines: [String] {
    let verdict =
      missing.isEmpty
      ? ["Runs: yes"]
      : ["Runs: no"] + missing.map { "  \($0)" }
    return verdict + warnings.map { "  warning: \($0)" }
  }
}
