import ArgumentParser
import ModelFiles
import Training

/// Writes a model in other files.
struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a model of Llama's kind as a folder of safetensors or as a GGUF file.")

  @Argument(help: "The folder or GGUF file to write.")
  var output: String

  @Option(
    help: "The GGUF file, the folder, or the name in Weights/ of a model; by default the one there."
  )
  var model: String?

  @Option(help: "How a GGUF file stores matrices: F32, Q8_0 or Q4_1.")
  var format = "F32"

  @Option(help: "Adapters to add to its weights: a folder as PEFT has them, or a GGUF file.")
  var adapter: String?

  func run() async throws {
    try await training {
      let format = try WorkFolder.format(named: format)
      let model = try trainableModel(model)
      if let adapter {
        let files = try readingModel(adapter) { try AdapterFiles(path: adapter) }
        try AdapterMerge(model.decoder, kernels: TrainingKernels()).add(files, to: model.weights)
      }
      try WorkFolder().write(model, to: output, format: format)
    }
  }
}
