import Tensor
import TestSupport
import Testing

@testable import Training

/// The contract: the same corpus, configuration and seed give the same weights, bit for bit.
@Suite("Weights after twenty steps")
struct DeterminismTests {
  /// Tiles of attention, chunks of the head and blocks of products have edges in this one.
  static let shape = ModelShape(
    vocabulary: 83, width: 48, layers: 2,
    attention: .init(queryHeads: 4, keyValueHeads: 2, headLength: 16), feedForward: 80,
    context: 96)

  /// Leaves of documents of many lengths, some without a target, the same for a step each time.
  static func leaves(step: Int) throws -> [Leaf] {
    var generator = SeededGenerator(seed: UInt64(step))
    return try (0..<4).map { _ in
      var lengths: [Int] = []
      while lengths.reduce(0, +) < 96 {
        lengths.append(min(1 + generator.below(90), 96 - lengths.reduce(0, +)))
      }
      let tokens = (0..<96).map { _ in UInt32(generator.below(83)) }
      let targets = (0..<96).map { _ in Int32(generator.below(100)) - 17 }
      return try Leaf(
        tokens: tokens, targets: targets.map { max($0, -1) }, documentLengths: lengths)
    }
  }

  private static func bits(
    _ rule: OptimizerSettings.MatrixRule, _ set: InstructionSet, threads: Int
  ) throws -> [UInt32] {
    let kernels = try TrainingKernels(limit: set)
    let decoder = try TrainableDecoder(shape)
    let pool = WorkerPool(threads: threads)
    let weights = try FloatBuffer(count: decoder.parameters.count)
    FirstWeights.fill(weights, decoder, seed: 7)
    var settings = OptimizerSettings()
    settings.matrixRule = rule
    let trainer = Trainer(
      weights: weights,
      optimizer: try Optimizer(
        decoder.parameters, settings: settings, kernels: kernels, threads: pool.threads),
      gradients: try GradientSum(decoder, rows: 96, kernels: kernels, pool: pool))
    for step in 0..<20 {
      let report = try trainer.step(try leaves(step: step), rate: 4e-3)
      #expect(!report.isSkipped)
    }
    return weights[0..<weights.count].map(\.bitPattern)
  }

  @Test(
    "are the same for 1, 2 and 3 threads and for every instruction set",
    arguments: OptimizerSettings.MatrixRule.allCases)
  func sameBits(rule: OptimizerSettings.MatrixRule) throws {
    let reference = try Self.bits(rule, Processor.available.last ?? .scalar, threads: 1)
    #expect(Set(reference).count > reference.count / 2)
    for threads in [2, 3] {
      let set = Processor.available.last ?? .scalar
      #expect(try Self.bits(rule, set, threads: threads) == reference, "\(threads) threads")
    }
    for set in Processor.available.dropLast() {
      #expect(try Self.bits(rule, set, threads: 2) == reference, "\(set)")
    }
  }
}
