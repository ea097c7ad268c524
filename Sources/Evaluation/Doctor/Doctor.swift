package import GPTModel
import Platform
import Tensor

/// Measures what a machine gives and what a model makes of it, in a few seconds.
package struct Doctor: Sendable {
  /// What is being measured, in this order.
  package enum Stage: String, Sendable, CaseIterable {
    case memory = "Reading memory"
    case arithmetic = "Multiplying"
    case writing = "Writing tokens"
    case reading = "Reading a prompt"
  }

  /// Threads, kernels and cache, as a server would have them.
  package var configuration: EngineConfiguration
  /// Seconds for each of the limits, and about as many for each of the speeds.
  package var seconds: Double

  /// Creates a doctor who takes a second for each measurement.
  package init(configuration: EngineConfiguration = EngineConfiguration(), seconds: Double = 1) {
    self.configuration = configuration
    self.seconds = seconds
  }

  /// Examines the machine and, if there is one, the model.
  ///
  /// - Parameter progress: Called before each stage.
  package func examine(_ model: LoadedModel?, progress: (Stage) -> Void = { _ in }) throws
    -> Diagnosis
  {
    let machine = Machine.current()
    let start = ProcessorTime.now()
    let compute = try configuration.makeCompute()
    let weights = model?.weightGroups ?? []
    progress(.memory)
    let bandwidth = try MemoryBandwidth.measure(
      byteCount: Self.arrayBytes(for: model), pool: compute.pool, seconds: seconds)
    progress(.arithmetic)
    let format = Self.mainFormat(of: weights)
    let rate = try MultiplyRate.measure(format: format, compute: compute, seconds: seconds / 2)
    let limits = Limits(bandwidth: bandwidth, multiplications: rate)
    let facts = try model.map { try examine($0, limits: limits, progress: progress) }
    let usable = Processor.usableThreads()
    return Diagnosis(
      machine: machine, blas: .loaded(), instructionSets: Processor.available,
      instructionSet: compute.processor.instructionSet, kernels: compute.processor.kernelName,
      threads: ThreadBudget(
        count: compute.pool.threads,
        reason: configuration.threads == nil ? usable.reason : "as asked"),
      isOptimized: Self.isOptimized, bandwidth: bandwidth, multiplications: rate,
      multipliedFormat: format.name, model: facts,
      othersShare: start.flatMap { start in
        ProcessorTime.now().map { $0.share(ofOthersSince: start) }
      },
      throttledShare: Machine.current().group.throttledShare(since: machine.group))
  }

  /// Whether the compiler was told to optimize: only then conditions of assertions are left out.
  private static let isOptimized: Bool = {
    var isChecked = false
    assert(
      {
        isChecked = true
        return true
      }())
    return !isChecked
  }()

  /// As large as the weights, so that caches serve as much of it; within bounds that take little time.
  private static func arrayBytes(for model: LoadedModel?) -> Int {
    min(max(model?.weightBytes ?? 256 << 20, 64 << 20), 512 << 20)
  }

  /// The format of most of the weights.
  private static func mainFormat(of weights: [WeightGroup]) -> any WeightFormat.Type {
    var bytes: [String: Int] = [:]
    for group in weights { bytes[group.format, default: 0] += group.byteCount }
    let name = bytes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    return WeightFormats.all.first { $0.name == name } ?? Q8_0.self
  }
}

extension Doctor {
  /// What memory and arithmetic allow in a second.
  struct Limits {
    let bandwidth: Double
    let multiplications: Double

    /// Steps a second, where each reads so many bytes and multiplies so often.
    func stepsPerSecond(bytes: Int, multiplications count: Int) -> Double {
      1 / max(Double(bytes) / bandwidth, Double(count) / multiplications, 1e-12)
    }
  }

  /// Exact counts of what steps do.
  private struct Counts {
    let bytesPerStep: Int
    let reading: Int
    let writing: Int

    init(_ model: LoadedModel, configuration: EngineConfiguration) throws {
      var configuration = configuration
      configuration.contextLength = PageLayout.positions
      configuration.runningSequences = 1
      var runner = try StepRunner(model: model, configuration: configuration)
      runner.begin(sequences: 1)
      let tally = runner.compute.tally
      try runner.read(1)
      let first = (bytes: tally.bytes, multiplications: tally.multiplications)
      // One token more than before, so that the output's head, which is for the last, drops out.
      try runner.read(2)
      let two = tally.multiplications - first.multiplications
      bytesPerStep = first.bytes
      writing = first.multiplications
      reading = two - writing
    }
  }

  private func examine(
    _ model: LoadedModel, limits: Limits, progress: (Stage) -> Void
  ) throws -> ModelFacts {
    let counts = try Counts(model, configuration: configuration)
    var served = configuration
    served.contextLength = nil
    let capacity = try DecoderCapacity(model, configuration: served)
    progress(.writing)
    let writing = try speed(
      .writing, of: model,
      expected: limits.stepsPerSecond(
        bytes: counts.bytesPerStep, multiplications: counts.writing))
    // While the decoder's memory is still there.
    let hugePages = MemoryFacts.hugePageBytesOfThisProcess()
    progress(.reading)
    let reading = try speed(
      .reading, of: model,
      expected: limits.stepsPerSecond(bytes: 0, multiplications: counts.reading))
    return ModelFacts(
      name: model.name, weights: model.weightGroups, weightBytes: model.weightBytes,
      bytesPerToken: counts.bytesPerStep, multiplications: (counts.reading, counts.writing),
      cacheBytes: capacity.cacheBytes,
      cacheBytesPerPosition: try model.spec.bytesPerPage(capacity.cacheFormat)
        / PageLayout.positions,
      hugePageBytes: hugePages, loading: model.loadingTimes, writing: writing, reading: reading)
  }

  /// Measures the median of three runs, each of as many tokens as should fill a third of the time.
  private func speed(
    _ work: BenchmarkTest.Work, of model: LoadedModel, expected: Double
  ) throws -> Diagnosis.Speed {
    let tokens = Self.tokens(
      for: work, expected: expected, seconds: seconds / 3, context: model.contextLength)
    let report = try Benchmark(
      tests: [BenchmarkTest(work, tokens: tokens)], repetitions: 3
    ).run(model, configuration: configuration)
    return Diagnosis.Speed(
      expected: expected, measured: report.results.first?.tokensPerSecond ?? 0)
  }

  /// Tokens that a run measures: what should fill the time, within bounds that say something.
  static func tokens(
    for work: BenchmarkTest.Work, expected: Double, seconds: Double, context: Int
  ) -> Int {
    let least = work == .writing ? 4 : 16
    let most = min(work == .writing ? 64 : 512, max(1, context))
    let wanted = Int(exactly: min(1e6, max(0, expected * seconds)).rounded(.down)) ?? 0
    return min(most, max(least, wanted))
  }
}
