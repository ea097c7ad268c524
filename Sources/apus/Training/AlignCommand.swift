import ArgumentParser
import Training

/// Aligns a model with what is preferred, or with what is right.
struct AlignCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "align",
    abstract: "Align a model with preferred answers (DPO), or with rewards for right ones (GRPO).",
    discussion: """
      A line of pairs is {"messages": […], "chosen": "…", "rejected": "…"}; one of questions is \
      {"messages": […], "check": "number", "answer": "…"}, where the check is number, sentence, json or unknown. \
      Answers to questions are written by the engine of this process.
      """)

  @Option(
    help: "The GGUF file, the folder, or the name in Weights/ of a model; by default the one there."
  )
  var model: String?

  @Option(help: "A file of pairs of answers.")
  var pairs: String?

  @Option(help: "A file of questions.")
  var questions: String?

  @Option(name: [.short, .long], help: "The folder or GGUF file to write.")
  var output: String

  @OptionGroup var stage: StageOptions

  @Option(help: "Pairs, or questions, of a step.")
  var batch = 32

  @Option(help: "Answers to each question.")
  var answers = 8

  @Option(help: "Tokens of an answer at most.")
  var longest = 128

  @Option(help: "β of pairs: how dear it is to leave the model as it was.")
  var beta = 0.1

  func validate() throws {
    if (pairs == nil) == (questions == nil) {
      throw ValidationError("Name either --pairs or --questions.")
    }
  }

  func run() async throws {
    try await training {
      var work = try stage.work(final: 0, decay: 0.8)
      work.stage.optimizer.weightDecay = 0
      let model = try trainableModel(self.model)
      let files = WorkFolder().files
      let ending: StageRunner.Ending
      if let pairs {
        var settings = PreferenceObjective.Settings()
        (settings.pairs, settings.seed, settings.preference.beta) = (batch, stage.seed, beta)
        ending = try await work.align(
          model, by: PreferencePair.read(files.read(pairs), file: pairs), settings: settings)
      } else {
        let file = questions ?? ""
        var settings = GroupObjective.Settings()
        (settings.questions, settings.answers, settings.seed) = (batch, answers, stage.seed)
        (settings.longest, settings.freeTokens) = (longest, longest)
        ending = try await work.align(
          model, by: Question.read(files.read(file), file: file), settings: settings)
      }
      try note(ending, stage.run)
      if Processes.isFirst { try WorkFolder().write(model, to: output) }
    }
  }
}
