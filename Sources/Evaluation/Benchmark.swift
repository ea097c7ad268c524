public import GPTModel
public import Tensor

/// Measures how fast steps of a model are computed: scheduling, the decoder and the choice of a token,
/// as in an engine, but without its clients.
public struct Benchmark: Sendable {
  /// The speed of one kind of work.
  public struct Result: Sendable, Hashable {
    /// What was measured.
    public let test: BenchmarkTest
    /// Tokens per second of each repetition.
    public let samples: [Double]

    package init(test: BenchmarkTest, samples: [Double]) {
      self.test = test
      self.samples = samples
    }

    /// The median of the samples.
    public var tokensPerSecond: Double {
      let sorted = samples.sorted()
      guard !sorted.isEmpty else { return 0 }
      let middle = sorted.count / 2
      return sorted.count.isMultiple(of: 2)
        ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
    /// The slowest repetition.
    public var lowest: Double { samples.min() ?? 0 }
    /// The fastest repetition.
    public var highest: Double { samples.max() ?? 0 }
    /// The standard deviation of the samples; 0 for a single one.
    public var deviation: Double {
      guard samples.count > 1 else { return 0 }
      let mean = samples.reduce(0, +) / Double(samples.count)
      let squares = samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (squares / Double(samples.count - 1)).squareRoot()
    }
  }

  /// Results, and with what they were had.
  public struct Report: Sendable {
    /// The speed of each test, in their order.
    public let results: [Result]
    /// Threads that computed.
    public let threads: Int
    /// The instructions in use.
    public let instructionSet: InstructionSet
    /// How the key-value cache kept its numbers.
    public let cacheFormat: CacheFormat
  }

  /// What is measured, in this order.
  public var tests: [BenchmarkTest]
  /// How often each is measured, at least once.
  public var repetitions: Int

  /// Creates a measurement.
  public init(tests: [BenchmarkTest], repetitions: Int) {
    self.tests = tests
    self.repetitions = repetitions
  }

  /// Runs the measurement on the calling thread and the workers it starts.
  ///
  /// - Throws: `EngineError` when the model's context is too short, `TensorError` when memory cannot
  ///   be had.
  public func run(
    _ model: LoadedModel, configuration: EngineConfiguration = EngineConfiguration()
  ) throws -> Report {
    var runner = try StepRunner(model: model, configuration: fitting(configuration, model))
    try warmUp(&runner)
    var results: [Result] = []
    for test in tests {
      var samples: [Double] = []
      for _ in 0..<max(1, repetitions) { samples.append(try speed(test, &runner)) }
      results.append(Result(test: test, samples: samples))
    }
    return Report(
      results: results, threads: runner.compute.pool.threads,
      instructionSet: runner.compute.processor.instructionSet,
      cacheFormat: configuration.cacheFormat ?? model.cacheFormat)
  }

  /// Settings with room for the greatest test.
  private func fitting(_ configuration: EngineConfiguration, _ model: LoadedModel)
    throws(EngineError) -> EngineConfiguration
  {
    var configuration = configuration
    var length = 64
    for test in tests {
      let (sum, overflow) = test.depth.addingReportingOverflow(test.tokens)
      guard !overflow, sum <= model.contextLength else {
        throw .promptTooLong(tokens: overflow ? .max : sum, context: model.contextLength)
      }
      length = max(length, sum)
    }
    configuration.contextLength = length
    configuration.runningSequences = max(1, tests.map(\.sequences).max() ?? 1)
    return configuration
  }

  /// Makes the first test no slower than the others: touches the weights, wakes the threads.
  private func warmUp(_ runner: inout StepRunner) throws {
    runner.begin(sequences: 1)
    // Together one page of the cache, which the shortest context has.
    try runner.read(16)
    for _ in 0..<16 { try runner.write() }
    runner.end()
  }

  /// Tokens per second of one repetition.
  private func speed(_ test: BenchmarkTest, _ runner: inout StepRunner) throws -> Double {
    runner.begin(sequences: test.sequences)
    defer { runner.end() }
    if test.depth > 0 { try runner.read(test.depth) }
    let clock = ContinuousClock()
    let duration: Duration
    switch test.work {
    case .reading:
      duration = try clock.measure { try runner.read(test.tokens) }
    case .answering(let prompt):
      duration = try clock.measure {
        try runner.read(prompt)
        for _ in prompt..<test.tokens { try runner.write() }
      }
    case .writing:
      // The first token of an empty sequence has none before it to follow from.
      let given = test.depth == 0 ? 1 : 0
      duration = try clock.measure {
        if given > 0 { try runner.read(given) }
        for _ in given..<max(given, test.tokens) { try runner.write() }
      }
    case .sampling(let rules):
      if test.depth == 0 { try runner.read(1) }
      duration = try clock.measure {
        for position in 0..<test.tokens { try runner.draw(rules, position: position) }
      }
    }
    return Double(test.tokens * test.sequences) / max(duration / .seconds(1), 1e-9)
  }
}
