import ArgumentParser
import GPTModel

/// Shows what a model file holds.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what a model file holds: its metadata and its tensors.")

  @Argument(help: "The GGUF file; the default model of Weights/ if left out.")
  var file: String?

  @Flag(help: "List every tensor instead of a summary by type.")
  var tensors = false

  func run() throws {
    let path = try ModelLocation(path: file).path
    let summary = try readingModel(path) { try ModelSummary(path: path) }
    print(summary.describe(everyTensor: tensors))
  }
}
