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

  private func checkWeightBytes(of tiny: TinyModel) throws {
    let source = MemorySource(tiny.bytes())
    let model = try LanguageModel.load(source: source)
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
