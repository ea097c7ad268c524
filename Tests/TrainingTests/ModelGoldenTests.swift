import Tensor
import Testing

@testable import Training

/// The whole network and its optimizers against PyTorch in double precision.
@Suite("A network against PyTorch's")
struct ModelGoldenTests {
  /// A trainer of the golden model.
  static func trainer(
    _ settings: OptimizerSettings = OptimizerSettings(), backend: MatrixBackend = .own
  ) throws -> Trainer {
    let kernels = try TrainingKernels(backend: backend)
    let pool = WorkerPool(threads: 2)
    let decoder = try TrainableDecoder(Golden.shape)
    let weights = try FloatBuffer(count: decoder.parameters.count)
    let start = try Golden.parameters("weight.", in: GoldenFile("model.safetensors"))
    defer { withExtendedLifetime(weights) {} }
    for (index, value) in start.enumerated() { weights.base[index] = Float(value) }
    return Trainer(
      weights: weights,
      optimizer: try Optimizer(
        decoder.parameters, settings: settings, kernels: kernels, threads: pool.threads),
      gradients: try GradientSum(decoder, rows: 48, kernels: kernels, pool: pool))
  }

  @Test("Losses and all gradients", arguments: MatrixBackend.allCases)
  func gradients(backend: MatrixBackend) throws {
    let file = try GoldenFile("model.safetensors")
    let trainer = try Self.trainer(backend: backend)
    let result = try trainer.gradients.run(try Golden.leaves(file), weights: trainer.weights)
    let loss = try #require(try Golden.index("model", "loss").number)
    #expect(result.kept == 36)
    #expect((result.loss / 36 - loss).magnitude < 2e-6)
    let expected = try Golden.parameters("grad.", in: file)
    let gradient = try #require(result.gradient)
    for tensor in trainer.gradients.decoder.parameters.tensors {
      let found = gradient[tensor.range].map { $0 / 36 }
      let error = worst(found, expected[tensor.range])
      #expect(error < 2e-5, "\(tensor.name): \(error)")
    }
  }

  @Test("Each log-probability, and the same in one leaf as in two")
  func logProbabilities() throws {
    let file = try GoldenFile("model.safetensors")
    let trainer = try Self.trainer()
    let expected = try file.values("nll")
    let both = try trainer.gradients.logProbabilities(
      try Golden.leaves(file), weights: trainer.weights)
    let leaf = try Golden.leaf(
      tokens: file.integers("tokens")[...], targets: file.integers("targets")[...],
      positions: file.integers("positions")[...])
    let one = try trainer.gradients.logProbabilities([leaf], weights: trainer.weights)
    #expect(both.flatMap { $0 } == one.flatMap { $0 })
    #expect(worst(both.flatMap { $0 }.map { Float(-$0) }, expected) < 2e-6)
  }

  @Test("Ten steps of AdamW: losses, norms, and the weights after one and after ten")
  func adamW() throws {
    let file = try GoldenFile("adamw.safetensors")
    let trainer = try Self.trainer()
    let losses = try Golden.index("model", "adamw", "losses").numbers
    let norms = try Golden.index("model", "adamw", "norms").numbers
    let rate = LearningRate(peak: 3e-3, warmUp: 4, total: 40)
    for step in 1...10 {
      let leaves = try Golden.leaves(file, prefix: "batches.", batch: step - 1)
      let report = try trainer.step(leaves, rate: rate.rate(at: step))
      #expect((report.loss - losses[step - 1]).magnitude < 2e-5)
      #expect((report.norm / norms[step - 1] - 1).magnitude < 2e-5)
      if step == 1 || step == 10 {
        let expected = try Golden.parameters("after\(step).", in: file)
        for tensor in trainer.gradients.decoder.parameters.tensors {
          let error = worst(trainer.weights[tensor.range], expected[tensor.range])
          // Where a gradient is nearly 0, its sign is rounding's, and AdamW steps by the sign.
          #expect(error < 1e-4, "\(tensor.name) after \(step): \(error)")
        }
      }
    }
  }

  @Test("Fifty steps follow PyTorch's curve")
  func curve() throws {
    let file = try GoldenFile("adamw.safetensors")
    let trainer = try Self.trainer()
    let losses = try Golden.index("model", "curve50", "losses").numbers
    let rate = LearningRate(peak: 1e-2, warmUp: 4, total: 50)
    #expect(losses.count == 50)
    for (index, expected) in losses.enumerated() {
      let leaves = try Golden.leaves(file, prefix: "batches.", batch: index % 4)
      let report = try trainer.step(leaves, rate: rate.rate(at: index + 1))
      #expect((report.loss - expected).magnitude < 3e-4, "step \(index + 1)")
    }
  }

  @Test("Five steps of Muon")
  func muon() throws {
    let file = try GoldenFile("adamw.safetensors")
    let after = try GoldenFile("muon.safetensors")
    var settings = OptimizerSettings()
    settings.matrixRule = .muon
    settings.muonRate = 0.02 / 3e-3
    let trainer = try Self.trainer(settings)
    let losses = try Golden.index("model", "muon", "losses").numbers
    let rate = LearningRate(peak: 3e-3, warmUp: 4, total: 40)
    for step in 1...5 {
      let leaves = try Golden.leaves(file, prefix: "batches.", batch: step - 1)
      let report = try trainer.step(leaves, rate: rate.rate(at: step))
      #expect((report.loss - losses[step - 1]).magnitude < 2e-4)
    }
    let expected = try Golden.parameters("after5.", in: after)
    for tensor in trainer.gradients.decoder.parameters.tensors {
      let error = worst(trainer.weights[tensor.range], expected[tensor.range])
      #expect(error < 1e-3, "\(tensor.name): \(error)")
    }
  }

  @Test("The iteration that makes matrices orthogonal, wide, tall and square")
  func orthogonal() throws {
    let file = try GoldenFile("muon.safetensors")
    for number in 0..<3 {
      let name = "newton.in\(number)"
      let shape = try file.shape(name)
      let count = shape[0] * shape[1]
      let tensor = ParameterTensor(
        name: name, rows: shape[0], columns: shape[1], role: .matrix, offset: 0)
      let kernels = try TrainingKernels()
      let products = try MatrixProducts(
        kernels: kernels, largest: Muon.largestRight(tensor, panel: kernels.panel))
      let x = try FloatBuffer(count: count)
      let scratch = try FloatBuffer(count: Muon.scratch(tensor))
      defer { withExtendedLifetime((x, scratch)) {} }
      for (index, value) in try file.floats(name).enumerated() { x.base[index] = value }
      Muon(products: products, settings: OptimizerSettings())
        .orthogonalize(x.base, rows: shape[0], columns: shape[1], scratch: scratch.base)
      let error = worst(x[0..<count], try file.values("newton.out\(number)"))
      #expect(error < 2e-5, "\(shape): \(error)")
    }
  }

  @Test("One batch is learned by heart")
  func overfit() throws {
    let file = try GoldenFile("model.safetensors")
    let trainer = try Self.trainer()
    let leaves = try Golden.leaves(file)
    var loss = Double.infinity
    for _ in 0..<200 { loss = try trainer.step(leaves, rate: 1e-2).loss }
    #expect(loss < 0.02)
  }

  @Test("A step with no target that counts leaves the weights as they are")
  func nothingToLearn() throws {
    let trainer = try Self.trainer()
    let before = trainer.weights[0..<trainer.weights.count].map(\.bitPattern)
    let leaf = try Leaf(tokens: [1, 2, 3], targets: [-1, -1, -1], documentLengths: [3])
    let report = try trainer.step([leaf], rate: 1e-2)
    #expect(report.isSkipped && report.kept == 0)
    #expect(trainer.optimizer.steps == 0)
    #expect(trainer.weights[0..<trainer.weights.count].map(\.bitPattern) == before)
  }
}
