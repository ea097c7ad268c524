import Evaluation
import GPTModel
import Testing

@Suite("Benchmark")
struct BenchmarkTests {
  @Test("Names say what is measured")
  func names() {
    var rules = SamplingParameters()
    (rules.topK, rules.topP, rules.minP) = (40, 0.95, 0.05)
    let tests = [
      BenchmarkTest(.reading, tokens: 512), BenchmarkTest(.writing, tokens: 64),
      BenchmarkTest(.reading, tokens: 512, depth: 1536),
      BenchmarkTest(.writing, tokens: 32, sequences: 8),
      BenchmarkTest(.writing, tokens: 32, depth: 512, sequences: 8),
      BenchmarkTest(.answering(prompt: 512), tokens: 640),
      BenchmarkTest(.sampling(rules), tokens: 1000),
    ]
    #expect(
      tests.map(\.name) == [
        "pp512", "tg64", "pp512@d1536", "tg32 x8", "tg32 x8@d512", "pp512+tg128",
        "sample k40 p0.95 m0.05",
      ])
  }

  @Test("Every test has a sample for each repetition, in order")
  func samples() throws {
    let tests = [
      BenchmarkTest(.reading, tokens: 8),
      BenchmarkTest(.writing, tokens: 3, depth: 5, sequences: 4),
      BenchmarkTest(.writing, tokens: 2, sequences: 2),
      BenchmarkTest(.answering(prompt: 4), tokens: 7, depth: 2, sequences: 2),
      BenchmarkTest(.sampling(SamplingParameters()), tokens: 2),
    ]
    let report = try Benchmark(tests: tests, repetitions: 3).run(Models.tiny())
    #expect(report.results.map(\.test) == tests)
    for result in report.results {
      #expect(result.samples.count == 3)
      #expect(result.lowest > 0 && result.lowest <= result.tokensPerSecond)
      #expect(result.tokensPerSecond <= result.highest)
    }
  }

  @Test("The spread of samples: the middle, the ends, and how far they stray")
  func spread() {
    func result(_ samples: [Double]) -> Benchmark.Result {
      Benchmark.Result(test: BenchmarkTest(.reading, tokens: 1), samples: samples)
    }
    let spread = result([2, 4, 4, 4, 5, 5, 7, 9])
    #expect(spread.tokensPerSecond == 4.5 && spread.lowest == 2 && spread.highest == 9)
    #expect((spread.deviation - (32.0 / 7).squareRoot()).magnitude < 1e-12)
    #expect(result([3]).deviation == 0 && result([]).deviation == 0)
  }

  @Test("A test beyond the model's context is refused, and so is one beyond all numbers")
  func tooLong() throws {
    let model = try Models.tiny()
    let longer = model.contextLength + 1
    let endless = BenchmarkTest(.writing, tokens: 1, depth: .max)
    #expect(throws: EngineError.promptTooLong(tokens: .max, context: model.contextLength)) {
      try Benchmark(tests: [endless], repetitions: 1).run(model)
    }
    #expect(throws: EngineError.promptTooLong(tokens: longer, context: model.contextLength)) {
      try Benchmark(tests: [BenchmarkTest(.reading, tokens: longer)], repetitions: 1).run(model)
    }
  }

  @Test(
    "What is timed is an engine's work: the tokens chosen are the engine's",
    arguments: [1, 4], [20, 70])
  func sameTokens(sequences: Int, prompt: Int) async throws {
    let model = try Models.tiny()
    var configuration = EngineConfiguration()
    configuration.threads = 1
    configuration.runningSequences = sequences
    configuration.rowsPerStep = 32
    var runner = try StepRunner(model: model, configuration: configuration)
    let tokens = runner.promptTokens(0..<prompt)
    runner.begin(sequences: sequences)
    try runner.read(prompt - 6)
    try runner.read(6)
    var found = [runner.chosenTokens]
    for _ in 0..<5 {
      try runner.write()
      found.append(runner.chosenTokens)
    }

    var stop = StopCondition()
    stop.atEndOfSequence = false
    stop.maximumTokens = 6
    let engine = try Engine(model: model, configuration: configuration)
    let answer = try await Answer(
      engine.generate(GenerationRequest(prompt: tokens, sampling: .greedy, stop: stop)))
    #expect(found == answer.tokens.map { Array(repeating: $0, count: sequences) })
  }
}
