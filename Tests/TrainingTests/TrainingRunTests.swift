import Tensor
import TestSupport
import Testing

@testable import Training

/// Runs from the first step to the last, interrupted or not.
@Suite("Runs of training")
struct TrainingRunTests {
  private static func settings() throws -> RunSettings {
    let shape = ModelShape(
      vocabulary: 40, width: 32, layers: 1,
      attention: .init(queryHeads: 2, keyValueHeads: 1, headLength: 16), feedForward: 48,
      context: 24)
    var settings = RunSettings(
      shape: shape, rate: LearningRate(peak: 2e-2, warmUp: 3, total: 30),
      cut: try TrainingData.Cut(rowLength: 24, rows: 1, leaves: 4))
    settings.optimizer.matrixRule = .muon
    settings.stepsPerCheckpoint = 4
    return settings
  }

  /// Documents that count upwards, which can be learned.
  private static func corpus() throws -> TokenCorpus {
    var corpus = try TokenCorpus(
      vocabulary: 40, vocabularyDigest: [UInt8](repeating: 1, count: 32))
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<60 {
      let start = generator.below(20)
      try corpus.append((0..<4 + generator.below(16)).map { UInt32(start + $0) })
    }
    return corpus
  }

  private static func run(
    _ store: CheckpointStore?, _ settings: RunSettings? = nil
  ) throws -> TrainingRun {
    try TrainingRun(
      try settings ?? Self.settings(), corpus: corpus(), kernels: TrainingKernels(), threads: 2,
      store: store)
  }

  private static func bits(_ run: TrainingRun) -> [UInt32] {
    run.trainer.weights[0..<run.trainer.weights.count].map(\.bitPattern)
  }

  @Test("learn")
  func learns() async throws {
    let run = try Self.run(nil)
    var losses: [Double] = []
    #expect(try await run.run(report: { losses.append($1.loss) }))
    #expect(losses.count == 30)
    #expect(losses[0] > 3.3 && losses[29] < 1.5, "\(losses[29])")
  }

  @Test("end with the same bits wherever they were killed", arguments: [false, true])
  func killed(losesUnsynced: Bool) async throws {
    let whole = try Self.run(nil)
    #expect(try await whole.run())
    var files = CrashingFiles()
    try files.makeFolder("run")
    try files.sync("")
    var processes = 0
    var isFinished = false
    while !isFinished, processes < 60 {
      processes += 1
      let run = try Self.run(CheckpointStore(folder: "run", files: files))
      _ = try run.resume()
      // Some processes end between checkpoints, others in the middle of one.
      files.limit = files.calls + 14 + 5 * (processes % 7)
      var steps = 0
      let limit = 5 + processes % 4
      isFinished = try await run.run(shouldStop: {
        steps += 1
        return steps > limit || run.saveFailure != nil
      })
      isFinished = isFinished && run.saveFailure == nil
      if isFinished { #expect(Self.bits(run) == Self.bits(whole)) }
      files = files.afterCrash(losesUnsynced: losesUnsynced)
    }
    #expect(isFinished && processes > 3, "\(processes)")
  }

  @Test("go on with a full disk, and say so")
  func fullDisk() async throws {
    let files = CrashingFiles()
    try files.makeFolder("run")
    files.limit = files.calls + 3
    let run = try Self.run(CheckpointStore(folder: "run", files: files))
    #expect(try await run.run())
    #expect(run.saveFailure != nil)
  }

  @Test("end where steps are not finite three times in a row")
  func notFinite() async throws {
    let run = try Self.run(nil)
    for index in 0..<40 * 32 { run.trainer.weights.base[index] = .nan }
    let error = await #expect(throws: TrainingError.self) { try await run.run() }
    #expect(error?.field == "step 3")
    #expect(run.trainer.optimizer.steps == 0)
  }

  @Test("refuse settings that cannot be, and name them")
  func malformed() throws {
    let changes: [(String, (inout RunSettings) -> Void)] = [
      ("headLength", { $0.shape.headLength = 20 }), ("width", { $0.shape.width = 0 }),
      ("layers", { $0.shape.layers = .max }), ("queryHeads", { $0.shape.keyValueHeads = 3 }),
      ("vocabulary", { $0.shape.vocabulary = 39 }), ("rowLength", { $0.shape.context = 23 }),
      ("ropeBase", { $0.shape.ropeBase = .nan }), ("ropeBase", { $0.shape.epsilon = 0 }),
      ("steps", { $0.rate.total = 0 }), ("steps", { $0.rate.warmUp = 31 }),
      ("rate", { $0.rate.peak = .infinity }), ("rate", { $0.rate.decayFraction = 2 }),
      ("checkpoints", { $0.stepsPerCheckpoint = 0 }),
      (
        "parameters",
        {
          $0.shape.vocabulary = 1 << 20
          $0.shape.width = 1 << 20
        }
      ),
    ]
    for (field, change) in changes {
      var settings = try Self.settings()
      change(&settings)
      let error = #expect(throws: TrainingError.self) { _ = try Self.run(nil, settings) }
      #expect(error?.field == field)
    }
    for sizes in [(0, 1, 1), (1, 1, 3), (1 << 21, 1, 1)] {
      #expect(throws: TrainingError.self) {
        try TrainingData.Cut(rowLength: sizes.0, rows: sizes.1, leaves: sizes.2)
      }
    }
  }
}
