import ArgumentParser
import GPTModel

/// Reads the files of a model as if to run it.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read a model's files as if to run it; exit with 65 and one line when they are bad.")

  @Argument(help: "The GGUF file or the folder of a model.")
  var file: String

  func run() throws {
    let bar = ProgressBar("Checking \(file)")
    defer { bar.finish() }
    var options = LoadedModel.LoadingOptions()
    options.progress = { bar.show(Double($0.bytes) / Double(max(1, $0.totalBytes))) }
    let model = try readingModel(file) { try LoadedModel.read(path: file, options: options) }
    bar.finish()
    for warning in model.warnings { printError("apus: warning: \(warning)") }
    try show("\(file): sound, sha256 \(model.sha256)")
  }
}
