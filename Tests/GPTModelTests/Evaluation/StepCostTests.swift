import CAllocationCounter
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
      #expect(jobs <= 5 * model.shape.layers + 1 && jobs > 2 * model.shape.layers)
    }
  }

  @Test(
    "A step that writes tokens takes nothing from the heap",
    .enabled(if: allocations_are_counted(), "what is taken is counted with glibc alone"),
    arguments: [1, 3], [1, 2])
  func allocations(sequences: Int, threads: Int) throws {
    var configuration = EngineConfiguration()
    configuration.threads = threads
    configuration.runningSequences = sequences
    var runner = try StepRunner(model: Models.tiny(), configuration: configuration)
    runner.begin(sequences: sequences)
    try runner.read(3)
    // Lists reach their size, and what the language builds when it is first needed is there.
    for _ in 0..<4 { try runner.write() }
    let before = allocations_of_this_thread()
    for _ in 0..<100 { try runner.write() }
    #expect(allocations_of_this_thread() - before == 0)
  }

  @Test("The counter counts", .enabled(if: allocations_are_counted()))
  func counter() {
    let before = allocations_of_this_thread()
    let list = (0..<100).map { _ in Int.random(in: 0..<9) }
    #expect(allocations_of_this_thread() > before && list.count == 100)
  }

  @Test(
    "A token reads the bytes of weights that the summary of the file states",
    arguments: GGUFWeightFormat.allCases, [true, false])
  func weightBytes(format: GGUFWeightFormat, isTied: Bool) throws {
    var tiny = TinyModel()
    tiny.format = format
    tiny.isTied = isTied
    let source = MemorySource(tiny.bytes())
    let model = try LanguageModel.load(source: source)
    let memory = try ModelMemory(ModelFile(source: source, types: .supported).header)
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
