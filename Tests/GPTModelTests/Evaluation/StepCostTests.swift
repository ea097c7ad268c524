import Evaluation
import GPTModel
import Tensor
import TestSupport
import Testing

@Suite("What a step costs")
struct StepCostTests {
  @Test("Threads wait for each other at most five times a layer while tokens are written")
  func barriers() throws {
    // Wide enough that every product is worth sharing.
    let model = try Models.tiny { $0.width = 256 }
    var configuration = EngineConfiguration()
    configuration.threads = 2
    for sequences in 1...4 {
      configuration.runningSequences = sequences
      var runner = try StepRunner(model: model, configuration: configuration)
      runner.begin(sequences: sequences)
      try runner.read(3)
      let before = runner.compute.pool.sharedJobs
      try runner.write()
      let jobs = runner.compute.pool.sharedJobs - before
      // The head of the output is one more.
      #expect(jobs <= 5 * model.spec.layers.count + 1 && jobs > 2 * model.spec.layers.count)
    }
  }

  @Test(
    "A token reads the bytes of weights that the summary of the file states",
    arguments: GGUFWeightFormat.allCases)
  func weightBytes(format: GGUFWeightFormat) throws {
    var tiny = TinyModel()
    (tiny.layers, tiny.format) = (1, format)
    try checkWeightBytes(of: tiny)
  }

  @Test("An embedding that is not the head too is not read, but for single rows")
  func ownHead() throws {
    var tiny = TinyModel()
    tiny.isTied = false
    try checkWeightBytes(of: tiny)
  }

  @Test(
    "A token reads the weights of the experts that it takes, once for all that take the same",
    arguments: TinyArchitecture.mixtures.filter { !$0.isInFoldersOnly })
  func expertBytes(architecture: TinyArchitecture) throws {
    var tiny = TinyModel()
    tiny.architecture = architecture
    try checkWeightBytes(of: tiny)
    let memory = try ModelMemory(GGUFSource(MemorySource(tiny.bytes())))
    #expect(memory.bytesPerToken < memory.weightBytes * 9 / 10)
    #expect(memory.activeWeightCount < memory.weightCount)
  }

  @Test("Experts make threads wait six times a layer, once more than a feed-forward network")
  func expertBarriers() throws {
    let model = try Models.tiny {
      $0.architecture = TinyArchitecture.mixtures[1]
      $0.width = 256
    }
    var configuration = EngineConfiguration()
    configuration.threads = 2
    var runner = try StepRunner(model: model, configuration: configuration)
    runner.begin(sequences: 1)
    try runner.read(3)
    let before = runner.compute.pool.sharedJobs
    try runner.write()
    #expect(runner.compute.pool.sharedJobs - before <= 6 * model.spec.layers.count + 1)
  }

  private func checkWeightBytes(of tiny: TinyModel) throws {
    let source = MemorySource(tiny.bytes())
    let model = try LoadedModel.read(source: source)
    let memory = try ModelMemory(GGUFSource(source))
    #expect(memory.weightBytes == model.weightBytes)
    for sequences in [1, 4] {
      var configuration = EngineConfiguration()
      configuration.threads = 1
      configuration.runningSequences = sequences
      var runner = try StepRunner(model: model, configuration: configuration)
      runner.begin(sequences: sequences)
      try runner.read(3)
      let before = runner.compute.tally.bytes
      try runner.write()
      #expect(runner.compute.tally.bytes - before == memory.bytesPerToken)
    }
  }
}
