import ArgumentParser
import Training

/// Makes and shows what models are trained with.
struct CorpusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corpus", abstract: "Make and show what models are trained with.",
    subcommands: [Generate.self, Tokenize.self, Inspect.self])

  /// Makes up exercises.
  struct Generate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make up texts, dialogues, pairs and questions whose answers can be checked.")

    @Argument(help: "The folder to write.")
    var folder: String

    @Option(help: "What everything is drawn from.")
    var seed: UInt64 = 1

    @Option(help: "Texts to begin with.")
    var texts = CorpusGenerator.Sizes().texts

    @Option(help: "Dialogues to be tuned with.")
    var dialogues = CorpusGenerator.Sizes().dialogues

    @Option(help: "Pairs of a better and a worse answer.")
    var pairs = CorpusGenerator.Sizes().pairs

    @Option(help: "Questions for which answers are rewarded.")
    var rehearsals = CorpusGenerator.Sizes().rehearsals

    @Option(help: "Questions of each kind that are held out.")
    var questions = CorpusGenerator.Sizes().questions

    func run() async throws {
      var sizes = CorpusGenerator.Sizes()
      (sizes.texts, sizes.dialogues, sizes.pairs) = (texts, dialogues, pairs)
      (sizes.rehearsals, sizes.questions) = (rehearsals, questions)
      let lines = try await training {
        try CorpusWork().generate(seed: seed, sizes: sizes, into: folder)
      }
      try show(lines.joined(separator: "\n"))
    }
  }

  /// Learns a vocabulary, and writes texts as tokens.
  struct Tokenize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Learn a vocabulary from texts, and write them as tokens.")

    @Argument(help: "Files of JSON lines with text or messages, or of plain text.")
    var files: [String]

    @Option(help: "Entries of the vocabulary.")
    var vocabulary = 2048

    @Option(name: [.short, .long], help: "The folder to write.")
    var output: String

    func run() async throws {
      let lines = try await training {
        try CorpusWork().tokenize(files, vocabulary: vocabulary, into: output)
      }
      try show(lines.joined(separator: "\n"))
    }
  }

  /// Shows what a folder of tokens has.
  struct Inspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show what a folder of tokens has.")

    @Argument(help: "The folder that `corpus tokenize` wrote.")
    var folder: String

    func run() async throws {
      try show(try await training { try CorpusWork().inspect(folder) }.joined(separator: "\n"))
    }
  }
}
