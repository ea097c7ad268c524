import ArgumentParser
import GPTModel

/// Which adapters a server has.
struct AdapterOptions: ParsableArguments {
  @Option(
    name: .customLong("adapter"),
    help: ArgumentHelp(
      "An adapter of low rank (LoRA): a folder of PEFT's or a GGUF file; may be repeated.",
      discussion: "Requests name it in `model`, by itself or behind the model's name and a colon.",
      valueName: "name=path"))
  var paths: [String] = []

  func validate() throws {
    for name in paths.compactMap({ Self.parts(of: $0).name }) where !Self.isName(name) {
      throw ValidationError(
        "--adapter \(name)=…: a name has letters, digits, dots, hyphens and underscores, 64 at most."
      )
    }
  }

  /// Reads the adapters for a model.
  func load(for model: LoadedModel) throws -> [LoadedAdapter] {
    try paths.map { argument in
      let (name, path) = Self.parts(of: argument)
      return try LoadedAdapter(path: path, name: name, for: model)
    }
  }

  private static func parts(of argument: String) -> (name: String?, path: String) {
    let parts = argument.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, !parts[0].contains("/") else { return (nil, argument) }
    return (String(parts[0]), String(parts[1]))
  }

  private static func isName(_ name: String) -> Bool {
    name.utf8.count <= 64
      && name.allSatisfy { ($0.isASCII && ($0.isLetter || $0.isNumber)) || ".-_".contains($0) }
  }
}
