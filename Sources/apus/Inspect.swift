import ArgumentParser
import GPTModel

/// Shows what the files of a model hold.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what a model's files hold, its metadata and tensors, and what memory it takes.")

  @Argument(
    help: "The GGUF file, the folder, or the name in Weights/ of a model; by default the one there."
  )
  var file: String?

  @Flag(help: "List every tensor instead of a summary by type.")
  var tensors = false

  func run() throws {
    let path = try ModelLocation(path: file).path
    let summary = try readingModel(path) { try ModelSummary(path: path) }
    try show(summary.describe(everyTensor: tensors))
  }
}
