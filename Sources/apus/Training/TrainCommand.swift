import ArgumentParser
import Training

/// Trains a model from nothing.
struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a new model to predict a corpus.",
    discussion: """
      The same corpus, options and seed give the same weights, bit for bit, for any number of threads and with any \
      instruction set, interrupted or not.
      """)

  @Argument(help: "The folder that `corpus tokenize` wrote.")
  var corpus: String

  @Option(name: [.short, .long], help: "The folder or GGUF file to write.")
  var output: String

  @OptionGroup var stage: StageOptions

  @Option(help: "Layers.")
  var layers = 6

  @Option(help: "The width of the model.")
  var width = 256

  @Option(help: "Query heads.")
  var heads = 4

  @Option(help: "Key-value heads.")
  var keyValueHeads = 2

  @Option(help: "The width of the feed-forward network.")
  var feedForward = 704

  @Option(help: "Positions of the context.")
  var context = 512

  @Option(help: "Rows of a leaf, each as long as the context; one thread computes a leaf.")
  var rows = 2

  @Option(help: "Leaves of a step, a power of two.")
  var leaves = 16

  @Option(help: "What steps the matrices of layers: adamW or muon.")
  var optimizer = OptimizerSettings.MatrixRule.muon

  func run() async throws {
    try await training {
      var work = try stage.work()
      work.stage.optimizer.matrixRule = optimizer
      let shape = ModelShape(
        vocabulary: 1, width: width, layers: layers,
        attention: .init(
          queryHeads: heads, keyValueHeads: keyValueHeads,
          headLength: width / max(heads, 1)),
        feedForward: feedForward, context: context)
      let cut = try TrainingData.Cut(rowLength: context, rows: rows, leaves: leaves)
      let name = output.split(separator: "/").last.map(String.init) ?? output
      let (ending, model) = try await work.train(corpus, shape: shape, cut: cut, name: name)
      try note(ending, stage.run)
      if Processes.isFirst { try WorkFolder().write(model, to: output) }
    }
  }
}

extension OptimizerSettings.MatrixRule: ExpressibleByArgument {}
