import ArgumentParser
import ModelFiles
import Training

/// Tunes a model with dialogues.
struct TuneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune",
    abstract: "Tune a model with dialogues: all of its weights, or adapters of low rank.",
    discussion: """
      A line of the dialogues is {"messages": [{"role": "user", "content": "…"}, …]}. What the assistant says is \
      learned; the model's chat template tells which tokens these are.
      """)

  @Argument(help: "The file of dialogues, an object of JSON on each line.")
  var dialogues: String

  @Option(
    help: "The GGUF file, the folder, or the name in Weights/ of a model; by default the one there."
  )
  var model: String?

  @Option(name: [.short, .long], help: "The folder or GGUF file to write, adapters merged.")
  var output: String?

  @OptionGroup var stage: StageOptions

  @Option(help: "The rank of adapters; without it all weights are tuned.")
  var lora: Int?

  @Option(help: "α of adapters; twice the rank if left out.")
  var alpha: Double?

  @Option(help: "The folder to write the adapters to, as PEFT has them, or a GGUF file.")
  var adapter: String?

  @Option(help: "A file of texts that are learned whole, against forgetting.")
  var texts: String?

  @Option(help: "Of the texts, so many are taken.")
  var textCount = 1000

  @Option(help: "Documents of a leaf; one thread computes a leaf.")
  var documents = 8

  @Option(help: "Leaves of a step.")
  var leaves = 4

  func validate() throws {
    if output == nil, adapter == nil {
      throw ValidationError("Name what to write: --output, --adapter, or both.")
    }
    if adapter != nil, lora == nil { throw ValidationError("--adapter needs --lora RANK.") }
  }

  func run() async throws {
    try await training {
      var work = try stage.work(final: 0, decay: 0.8)
      if lora != nil { work.stage.optimizer.weightDecay = 0 }
      let model = try trainableModel(self.model)
      let folder = WorkFolder()
      var data = TrainingWork.TuningData(
        try Dialogue.read(folder.files.read(dialogues), file: dialogues))
      if let texts { data.texts = Array(try CorpusWork().texts(texts).prefix(max(textCount, 0))) }
      (data.perLeaf, data.leaves) = (documents, leaves)
      var settings = lora.map(AdapterSettings.init)
      if let alpha { settings?.alpha = alpha }
      settings?.seed = stage.seed
      let (ending, adapters) = try await work.tune(model, with: data, adapters: settings)
      try note(ending, stage.run)
      guard Processes.isFirst else { return }
      if let output { try folder.write(model, to: output) }
      if let adapter, let adapters {
        let export = AdapterExport(
          adapters, shape: model.shape, base: model.source.names.first ?? "model")
        try folder.write(export, to: adapter)
      }
    }
  }
}
