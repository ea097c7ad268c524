import GPTModel
import ModelFiles
import Tensor
import Testing

@testable import Training

/// What the commands do, from a seed to a model that is examined.
@Suite("Commands of training")
struct WorkTests {
  private static func sizes() -> CorpusGenerator.Sizes {
    var sizes = CorpusGenerator.Sizes()
    (sizes.texts, sizes.dialogues, sizes.pairs) = (120, 60, 12)
    (sizes.rehearsals, sizes.questions) = (8, 1)
    return sizes
  }

  private static let shape = ModelShape(
    vocabulary: 1, width: 32, layers: 1,
    attention: .init(queryHeads: 2, keyValueHeads: 1, headLength: 16), feedForward: 64,
    context: 512)

  private static func work(
    _ folder: WorkFolder, steps: Int, run: String?
  ) -> TrainingWork {
    var work = TrainingWork(LearningRate(peak: 5e-3, warmUp: 1, total: steps), folder)
    work.runner.run = run
    work.runner.threads = 2
    work.stage.stepsPerCheckpoint = 3
    return work
  }

  private static func corpus() throws -> (CrashingFiles, WorkFolder) {
    let files = CrashingFiles()
    let folder = WorkFolder(files)
    let made = try CorpusWork(folder).generate(seed: 1, sizes: sizes(), into: "made")
    #expect(made.count == 5)
    let lines = try CorpusWork(folder).tokenize(
      ["made/texts.jsonl", "made/dialogues.jsonl"], vocabulary: 400, into: "tokens")
    #expect(try CorpusWork(folder).inspect("tokens").prefix(3) == lines.prefix(3))
    return (files, folder)
  }

  @Test("make a model from nothing but a seed, stage by stage, stopped and resumed")
  func stages() async throws {
    let (files, folder) = try Self.corpus()
    let cut = try TrainingData.Cut(rowLength: 64, rows: 2, leaves: 2)
    var work = Self.work(folder, steps: 8, run: "run")
    let whole = try await work.train("tokens", shape: Self.shape, cut: cut, name: "tiny")
    #expect(whole.0 == .complete && whole.1.shape.vocabulary == 416)
    work.runner.run = "other"
    var steps = 0
    work.runner.shouldStop = {
      steps += 1
      return steps > 4
    }
    let stopped = try await work.train("tokens", shape: Self.shape, cut: cut, name: "tiny")
    #expect(stopped.0 == .stopped)
    work.runner.shouldStop = { false }
    var said: [String] = []
    work.runner.say = { said.append($0) }
    let resumed = try await work.train("tokens", shape: Self.shape, cut: cut, name: "tiny")
    let all = 0..<whole.1.weights.count
    #expect(resumed.1.weights[all].elementsEqual(whole.1.weights[all]))
    #expect(said.first == "going on from step 4" && said.last?.hasPrefix("step 8/8 100 %") == true)
    let curves = try RunMetrics.curves(files.read("other/metrics.jsonl"), file: "metrics")
    #expect(curves.first { $0.name == "loss" }?.points.map(\.step) == (1...8).map(Double.init))
    try await Self.tuneAndAlign(resumed.1, folder)
  }

  private static func tuneAndAlign(
    _ model: TrainableModel, _ folder: WorkFolder
  ) async throws {
    let dialogues = try Dialogue.read(folder.files.read("made/dialogues.jsonl"), file: "dialogues")
    var data = TrainingWork.TuningData(dialogues)
    data.texts = ["Ann has a key."]
    let tuned = try await work(folder, steps: 4, run: "tune").tune(model, with: data)
    #expect(tuned.0 == .complete && tuned.1 == nil)
    let adapted = try await work(folder, steps: 2, run: "lora").tune(
      model, with: data, adapters: AdapterSettings(rank: 2))
    #expect(adapted.1?.pairs.count == 7)
    let pairs = try PreferencePair.read(folder.files.read("made/pairs.jsonl"), file: "pairs")
    var preference = PreferenceObjective.Settings()
    preference.pairs = 4
    #expect(
      try await work(folder, steps: 2, run: "dpo").align(model, by: pairs, settings: preference)
        == .complete)
    let questions = try Question.read(
      folder.files.read("made/rehearsals.jsonl"), file: "rehearsals")
    var groups = GroupObjective.Settings()
    (groups.questions, groups.answers, groups.longest) = (2, 2, 8)
    #expect(
      try await work(folder, steps: 1, run: "grpo").align(model, by: questions, settings: groups)
        == .complete)
    let held = try Question.read(folder.files.read("made/questions.jsonl"), file: "questions")
    var writer = RolloutWriter()
    writer.longest = 4
    let scores = try await SkillScores.measure(model.served(threads: 2), held, writer: writer)
    #expect(scores.families.count == SkillFamily.all.count)
    #expect(scores.families.allSatisfy { $0.questions == 1 })
    try folder.write(model, to: "model.gguf", format: WorkFolder.format(named: "q8_0"))
    try folder.write(model, to: "model")
    let file = try GGUFSource(MemorySource(folder.files.read("model.gguf")))
    #expect(try LoadedModel.read(from: file).name == "model")
  }

  @Test("say how sure a share is")
  func interval() {
    var family = SkillScores.Family(name: "sums")
    #expect(family.interval == 0...1)
    (family.questions, family.right) = (200, 150)
    #expect((family.interval.lowerBound - 0.6857).magnitude < 1e-3)
    #expect((family.interval.upperBound - 0.8050).magnitude < 1e-3)
  }

  @Test("refuse a vocabulary that the corpus was not made with, and damaged files")
  func damaged() throws {
    let (files, folder) = try Self.corpus()
    try files.damage("tokens/tokenizer.json") { $0.append(UInt8(ascii: " ")) }
    let error = #expect(throws: TrainingError.self) { try CorpusWork(folder).read("tokens") }
    #expect(error?.field == "tokenizer.json")
    try files.damage("tokens/corpus.tokens") { $0.removeLast() }
    #expect(throws: TrainingError.self) { try CorpusWork(folder).read("tokens") }
    #expect(throws: TrainingError.self) { try CorpusWork(folder).read("nowhere") }
    for text in ["", "{}", "{\"step\":\"one\"}", "7"] {
      #expect(throws: TrainingError.self) {
        try RunMetrics.curves(Array(text.utf8), file: "metrics")
      }
    }
    #expect(throws: TrainingError.self) { try WorkFolder.format(named: "Q9") }
  }

  @Test("refuse numbers that cannot be, and name them")
  func malformed() async throws {
    let model = try DialogueTests.model()
    let encoder = try DialogueTests.encoder(model)
    let document = try encoder.document(DialogueTests.dialogue("It is one."))
    for (perLeaf, leaves) in [(0, 1), (1, 0), (1 << 20, 1), (1, 1 << 20)] {
      #expect(throws: TrainingError.self) {
        try DocumentData([document], perLeaf: perLeaf, leaves: leaves, seed: 1)
      }
    }
    #expect(throws: TrainingError.self) { try DocumentData([], perLeaf: 1, leaves: 1, seed: 1) }
    let changes: [(inout GroupObjective.Settings) -> Void] = [
      { $0.questions = 0 }, { $0.answers = 1 }, { $0.answers = .max }, { $0.longest = 0 },
      { $0.longest = 96 }, { $0.leafTokens = -1 },
    ]
    let question = Question(
      Dialogue([DialogueTests.dialogue("")[0]]), check: .sentence, answer: "It is one.")
    for change in changes {
      var settings = GroupObjective.Settings()
      settings.longest = 8
      change(&settings)
      #expect(throws: TrainingError.self) {
        try GroupObjective([question], model: model, encoder: encoder, settings: settings)
      }
    }
    for pairs in [0, -1, 1 << 20] {
      var settings = PreferenceObjective.Settings()
      settings.pairs = pairs
      let pair = PreferencePair(
        prompt: [DialogueTests.dialogue("")[0]], chosen: "It is one.", rejected: "It is two.")
      #expect(throws: TrainingError.self) {
        try PreferenceObjective([pair], encoder: encoder, settings: settings)
      }
    }
    for count in [-1, .max] {
      var sizes = CorpusGenerator.Sizes()
      sizes.texts = count
      #expect(throws: TrainingError.self) { try CorpusGenerator(seed: 1, sizes: sizes) }
    }
  }
}
