import ChatTemplates
import GPTModel
import Tensor
import Testing
import Tokenizers

@testable import Training

/// Dialogues become tokens to learn, and models learn from them, from pairs and from rewards.
@Suite("Dialogues")
struct DialogueTests {
  /// A model of one small layer with a vocabulary of its own.
  static func model(seed: UInt64 = 1) throws -> TrainableModel {
    var trainer = BytePairTrainer(splitter: try #require(TextSplitters.named("smollm")))
    try trainer.add("What is it? It is one. It is two. system user assistant it is")
    let document = try trainer.train(vocabulary: 265).document(controls: NewModel.controls)
    let shape = ModelShape(
      vocabulary: 272, width: 32, layers: 1,
      attention: .init(queryHeads: 2, keyValueHeads: 1, headLength: 16), feedForward: 48,
      context: 96)
    return try NewModel(name: "tiny", shape: shape, tokenizer: document).model(seed: seed)
  }

  static func encoder(_ model: TrainableModel) throws -> DialogueEncoder {
    DialogueEncoder(
      template: try #require(model.template), tokenizer: model.tokenizer,
      context: model.shape.context)
  }

  static func dialogue(_ answer: String) -> [ChatMessage] {
    [
      ChatMessage(role: "user", content: "What is it?"),
      ChatMessage(role: "assistant", content: answer),
    ]
  }

  private static func start(_ model: TrainableModel) -> TrainingRun.Start {
    TrainingRun.Start(decoder: model.decoder, weights: model.weights, identity: [:])
  }

  private static func means() throws -> TrainingRun.Means {
    TrainingRun.Means(kernels: try TrainingKernels(), threads: 2, store: nil)
  }

  private static func settings(_ rate: Double, steps: Int) -> StageSettings {
    StageSettings(rate: LearningRate(peak: rate, warmUp: 1, total: steps))
  }

  /// Teaches two answers to one question, as often the one as the other.
  private static func tune(_ model: TrainableModel) async throws -> [Double] {
    let encoder = try encoder(model)
    let documents = try ["It is one.", "It is two."].map { try encoder.document(dialogue($0)) }
    let data = try DocumentData(documents, perLeaf: 2, leaves: 2, seed: 1)
    let run = try TrainingRun(
      settings(1e-2, steps: 60), start(model), objective: NextToken(data), means())
    var losses: [Double] = []
    #expect(try await run.run(report: { losses.append($1.loss) }))
    return losses
  }

  @Test("are learned where the assistant speaks, up to the token that ends it")
  func masks() throws {
    let model = try Self.model()
    let messages = Self.dialogue("It is one.") + Self.dialogue("It is two.")
    let document = try Self.encoder(model).document(messages)
    let learned = zip(document.tokens, document.isLearned).filter(\.1).map(\.0)
    let end = try #require(model.tokenizer.endOfSequence)
    let expected = ["It is one.", "It is two."].flatMap { model.tokenizer.encode($0) + [end] }
    #expect(learned == expected)
    #expect(
      try Self.encoder(model).prompt([messages[0]]).elementsEqual(
        document.tokens.prefix { _ in true }.prefix(
          try Self.encoder(model).prompt([messages[0]]).count)))
  }

  @Test("are refused where a template changes what it wrote before")
  func unstable() throws {
    let model = try Self.model()
    let template = try ChatTemplate(
      source: "{{ messages|length }}{% for m in messages %}{{ m['content'] }}{% endfor %}")
    let encoder = DialogueEncoder(template: template, tokenizer: model.tokenizer, context: 96)
    let error = #expect(throws: TrainingError.self) {
      try encoder.document(Self.dialogue("It is one."))
    }
    #expect(error?.field == "chat template")
    #expect(error?.detail.contains("token 0") == true)
  }

  @Test("that are too long, or have nothing to learn, are refused")
  func length() throws {
    let encoder = try Self.encoder(Self.model())
    for messages in [
      Self.dialogue(String(repeating: "It is one. ", count: 40)), [Self.dialogue("")[0]],
    ] {
      let error = #expect(throws: TrainingError.self) { try encoder.document(messages) }
      #expect(error?.field == "dialogue")
    }
  }

  @Test("teach a model to answer, by the engine's judgement")
  func tunes() async throws {
    let model = try Self.model()
    let losses = try await Self.tune(model)
    #expect(losses[0] > 4 && losses[59] < 0.5, "\(losses[0]) \(losses[59])")
    let tasks = [RolloutWriter.Task(prompt: try Self.encoder(model).prompt([Self.dialogue("")[0]]))]
    let answers = try await RolloutWriter().answers(tasks, by: model.served(threads: 1))
    #expect(["It is one.", "It is two."].contains(answers[0].text), "\(answers[0].text)")
    #expect(answers[0].isEnded)
  }

  @Test("in pairs teach a model which answer is preferred")
  func prefers() async throws {
    let model = try Self.model()
    _ = try await Self.tune(model)
    let encoder = try Self.encoder(model)
    let prompt = [Self.dialogue("")[0]]
    let pairs = [
      PreferencePair(prompt: prompt, chosen: "It is two.", rejected: "It is one.")
    ]
    var settings = PreferenceObjective.Settings()
    settings.pairs = 2
    let objective = try PreferenceObjective(pairs, encoder: encoder, settings: settings)
    let run = try TrainingRun(
      Self.settings(3e-3, steps: 12), Self.start(model), objective: objective, Self.means())
    var reports: [StepReport] = []
    #expect(try await run.run(report: { reports.append($1) }))
    #expect((reports[0].loss - 0.6931).magnitude < 1e-3, "no margin at first")
    #expect(reports[11].loss < 0.5 && reports[11].figures["accuracy"] == 1)
    #expect((reports[11].figures["chosen_gain"] ?? -1) > 0, "the chosen answer became likelier")
    let answers = try await RolloutWriter().answers(
      [.init(prompt: try encoder.prompt(prompt))], by: model.served(threads: 1))
    #expect(answers[0].text == "It is two.")
  }

  /// Rewards one of two answers.
  private static func reward(_ model: TrainableModel) async throws -> [StepReport] {
    let question = Question(
      Dialogue([Self.dialogue("")[0]]), check: .sentence, answer: "It is one.")
    var settings = GroupObjective.Settings()
    (settings.questions, settings.answers, settings.longest) = (2, 8, 12)
    let objective = try GroupObjective(
      [question], model: model, encoder: encoder(model), settings: settings)
    let run = try TrainingRun(
      Self.settings(3e-3, steps: 10), start(model), objective: objective, means())
    var reports: [StepReport] = []
    #expect(try await run.run(report: { reports.append($1) }))
    return reports
  }

  @Test("are rewarded until the model answers rightly, and each time with the same bits")
  func rewards() async throws {
    let (model, other) = (try Self.model(), try Self.model())
    _ = try await Self.tune(model)
    other.weights.copy(model.weights)
    let reports = try await Self.reward(model)
    #expect((0.1...0.9).contains(reports[0].figures["reward"] ?? 0), "\(reports[0].figures)")
    #expect((reports[9].figures["reward"] ?? 0) > 0.9, "\(reports[9].figures)")
    #expect((reports[0].figures["mismatch"] ?? 1) < 1e-4, "\(reports[0].figures)")
    #expect(try await Self.reward(other).map(\.figures) == reports.map(\.figures))
    let all = 0..<model.weights.count
    #expect(model.weights[all].elementsEqual(other.weights[all]))
  }
}
