import JSON
import Platform
import Tensor

/// `apus train`, `tune` and `align`: the stages by which a model is made.
package struct TrainingWork {
  /// What runs the stage.
  package var runner: StageRunner
  /// The rate of learning, the optimizer and the seed.
  package var stage: StageSettings
  private let folder: WorkFolder

  /// Names the rate, and the file system.
  package init(_ rate: LearningRate, _ folder: WorkFolder = WorkFolder()) {
    stage = StageSettings(rate: rate)
    runner = StageRunner(folder)
    self.folder = folder
  }

  /// Trains a new model to predict a corpus.
  ///
  /// - Parameters:
  ///   - path: The folder of tokens and their tokenizer.
  ///   - shape: The sizes; the vocabulary is the corpus's, rounded up to whole blocks.
  ///   - cut: How steps are cut.
  ///   - name: What the model is called.
  package func train(
    _ path: String, shape: ModelShape, cut: TrainingData.Cut, name: String
  ) async throws -> (StageRunner.Ending, TrainableModel) {
    let (corpus, tokenizer) = try CorpusWork(folder).read(path)
    var settings = RunSettings(shape: shape, rate: stage.rate, cut: cut)
    settings.shape.vocabulary = corpus.vocabulary.roundedUp(to: 32)
    settings.optimizer = stage.optimizer
    settings.seed = stage.seed
    settings.stepsPerCheckpoint = stage.stepsPerCheckpoint
    try settings.check(corpus)
    let model = try NewModel(name: name, shape: settings.shape, tokenizer: tokenizer)
      .model(seed: stage.seed)
    let start = TrainingRun.Start(
      decoder: model.decoder, weights: model.weights, identity: settings.identity(corpus))
    let data = try TrainingData(corpus, cut: cut, seed: stage.seed)
    let (ending, _) = try await runner.run(stage, start, NextToken(data))
    return (ending, model)
  }

  /// What a model is tuned with.
  package struct TuningData: Sendable {
    /// Dialogues whose answers are learned.
    package var dialogues: [Dialogue]
    /// Texts that are learned whole, against forgetting.
    package var texts: [String] = []
    /// Documents of a leaf.
    package var perLeaf = 8
    /// Leaves of a step.
    package var leaves = 4

    /// Names the dialogues.
    package init(_ dialogues: [Dialogue]) {
      self.dialogues = dialogues
    }
  }

  /// Tunes a model with dialogues.
  ///
  /// - Parameter adapters: What learns in the place of all weights; nil for these.
  /// - Returns: How it ended, and the adapters.
  package func tune(
    _ model: TrainableModel, with data: TuningData, adapters: AdapterSettings? = nil
  ) async throws -> (StageRunner.Ending, Adapters?) {
    let encoder = try Self.encoder(model)
    var documents: [TrainedDocument] = []
    for (number, dialogue) in data.dialogues.enumerated() {
      do throws(TrainingError) {
        documents.append(try encoder.document(dialogue.messages))
      } catch {
        throw TrainingError(
          error.kind, field: error.field, "dialogue \(number + 1): \(error.detail)")
      }
    }
    for text in data.texts { documents.append(try encoder.document(text: text)) }
    let steps = try DocumentData(
      documents, perLeaf: data.perLeaf, leaves: data.leaves, seed: stage.seed)
    var start = Self.start(model, data: "\(Self.digest(documents)) \(data.perLeaf)x\(data.leaves)")
    start.adapters = adapters
    let (ending, trainer) = try await runner.run(stage, start, NextToken(steps))
    return (ending, trainer.adapters)
  }

  /// Aligns a model by pairs of answers.
  package func align(
    _ model: TrainableModel, by pairs: [PreferencePair], settings: PreferenceObjective.Settings
  ) async throws -> StageRunner.Ending {
    let lines = SHA256.hexadecimal(pairs.map(\.line).file)
    let objective = try PreferenceObjective(
      pairs, encoder: Self.encoder(model), settings: settings)
    return try await runner.run(
      stage, Self.start(model, data: "\(lines) \(settings)"), objective
    ).0
  }

  /// Aligns a model by rewards for right answers.
  package func align(
    _ model: TrainableModel, by questions: [Question], settings: GroupObjective.Settings
  ) async throws -> StageRunner.Ending {
    let lines = SHA256.hexadecimal(questions.map(\.line).file)
    let objective = try GroupObjective(
      questions, model: model, encoder: Self.encoder(model), settings: settings)
    return try await runner.run(
      stage, Self.start(model, data: "\(lines) \(settings)"), objective
    ).0
  }

  private static func encoder(_ model: TrainableModel) throws(TrainingError) -> DialogueEncoder {
    guard let template = model.template else {
      throw TrainingError(
        .configuration, field: "chat template", "the model has none, and cannot be tuned")
    }
    return DialogueEncoder(
      template: template, tokenizer: model.tokenizer, context: model.shape.context)
  }

  private static func start(_ model: TrainableModel, data: String) -> TrainingRun.Start {
    let all = UnsafeRawBufferPointer(model.weights[0..<model.weights.count])
    var hash = SHA256()
    hash.update(all)
    return TrainingRun.Start(
      decoder: model.decoder, weights: model.weights,
      identity: ["model": SHA256.digits(hash.finalize()), "data": data])
  }

  private static func digest(_ documents: [TrainedDocument]) -> String {
    var hash = SHA256()
    for document in documents {
      document.tokens.withUnsafeBytes { hash.update($0) }
      hash.update(document.isLearned.map { UInt8($0 ? 1 : 0) } + [2])
    }
    return SHA256.digits(hash.finalize())
  }
}
