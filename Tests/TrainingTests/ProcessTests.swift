import Collectives
import Tensor
import TestSupport
import Testing

@testable import Training

/// Several processes make the weights that one makes, bit for bit.
@Suite("Processes")
struct ProcessTests {
  /// What a run leaves: bits of weights and moments, the reports of steps, and bytes sent.
  private struct Outcome: Sendable, Hashable {
    var weights: [UInt32]
    var first: [UInt32]
    var second: [UInt32]
    var reports: [StepReport]
    var values: [[Double]]
    var sent = 0
  }

  private static func bits(_ buffer: FloatBuffer) -> [UInt32] {
    buffer[0..<buffer.count].map(\.bitPattern)
  }

  private static func trainer(
    _ rule: OptimizerSettings.MatrixRule, rank: Int?, _ group: any ProcessGroup
  ) throws -> Trainer {
    let kernels = try TrainingKernels()
    let decoder = try TrainableDecoder(DeterminismTests.shape)
    let pool = WorkerPool(threads: 1)
    let weights = try FloatBuffer(count: decoder.parameters.count)
    FirstWeights.fill(weights, decoder, seed: 7)
    var settings = OptimizerSettings()
    settings.matrixRule = rule
    let adapters = try rank.map {
      try Adapters(
        AdapterSettings(rank: $0), base: weights, decoder: decoder, kernels: kernels, pool: pool)
    }
    return Trainer(
      weights: weights,
      optimizer: try Optimizer(
        adapters?.list ?? decoder.parameters, settings: settings, kernels: kernels,
        threads: pool.threads),
      gradients: try GradientSum(
        decoder, rows: 96, kernels: kernels, pool: pool, group: group),
      adapters: adapters)
  }

  /// Makes six steps of five leaves, which are no power of two.
  private static func outcome(
    _ rule: OptimizerSettings.MatrixRule, rank: Int?, _ group: any ProcessGroup
  ) throws -> Outcome {
    let trainer = try trainer(rule, rank: rank, group)
    var reports: [StepReport] = []
    for step in 0..<6 {
      let leaves = try DeterminismTests.leaves(step: step)
      reports.append(try trainer.step(leaves + leaves.prefix(1), rate: 4e-3))
    }
    let sent = group.sentBytes
    let values = try trainer.gradients.logProbabilities(
      try DeterminismTests.leaves(step: 9), weights: trainer.weights)
    try trainer.gatherMoments()
    return Outcome(
      weights: bits(trainer.weights), first: bits(trainer.optimizer.first),
      second: bits(trainer.optimizer.second), reports: reports, values: values, sent: sent)
  }

  @Test(
    "make the same bits, and send what the formula says",
    arguments: [(OptimizerSettings.MatrixRule.muon, nil), (.adamW, nil), (.adamW, 3)])
  func sameBits(rule: OptimizerSettings.MatrixRule, rank: Int?) throws {
    let one = try Self.outcome(rule, rank: rank, SingleProcess())
    #expect(one.reports.allSatisfy { !$0.isSkipped })
    let list = ParameterList(DeterminismTests.shape)
    let stepped = one.first.count
    for processes in [1, 2, 4, 8] {
      let all = try ThreadGroup.run(processes) { try Self.outcome(rule, rank: rank, $0) }
      #expect(all.count == processes)
      for other in all {
        #expect(other.weights == one.weights, "\(processes) processes")
        #expect(other.reports == one.reports)
        #expect(other.values == one.values)
      }
      #expect(all[0].first == one.first && all[0].second == one.second)
      // Gradients to their owners, values to all, and the losses of leaves and squares of tensors.
      let tensors = rank == nil ? list.tensors.count : 14 * DeterminismTests.shape.layers
      let expected =
        6 * (processes - 1) * (4 * list.count + 4 * stepped + 8 * (5 + tensors))
      #expect(all.reduce(0) { $0 + $1.sent } == expected, "\(processes) processes")
    }
  }

  @Test("go on from what the first one has, also in another number")
  func resumes() throws {
    let steady = try Self.outcome(.muon, rank: nil, SingleProcess())
    var state: [[UInt32]] = []
    for (processes, steps) in [(4, 0..<2), (2, 2..<3), (1, 3..<4), (8, 4..<6)] {
      let before = state
      let all = try ThreadGroup.run(processes) { group in
        let trainer = try Self.trainer(.muon, rank: nil, group)
        let buffers = [trainer.weights, trainer.optimizer.first, trainer.optimizer.second]
        if group.isFirst {
          for (buffer, bits) in zip(buffers, before) {
            for (place, value) in bits.enumerated() {
              buffer.base[place] = Float(bitPattern: value)
            }
          }
        }
        try trainer.scatterState()
        trainer.optimizer.steps = steps.lowerBound
        for step in steps {
          let leaves = try DeterminismTests.leaves(step: step)
          _ = try trainer.step(leaves + leaves.prefix(1), rate: 4e-3)
        }
        try trainer.gatherMoments()
        return buffers.map(Self.bits)
      }
      state = all[0]
    }
    #expect(state == [steady.weights, steady.first, steady.second])
  }

  @Test("must be 1, 2, 4 or so on")
  func three() throws {
    let error = #expect(throws: TrainingError.self) {
      _ = try ThreadGroup.run(3) { try Self.trainer(.adamW, rank: nil, $0).optimizer.steps }
    }
    #expect(error?.field == "processes")
  }

  @Test(
    "of an mpirun are not taken for one without MPI", .enabled(if: !MPIGroup.isBuilt),
    arguments: ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"])
  func launched(name: String) throws {
    #expect(try MPIGroup.world([:]).size == 1)
    #expect(try MPIGroup.world([name: "1"]).size == 1)
    #expect(throws: ProcessGroupError.self) { try MPIGroup.world([name: "2"]) }
  }
}
