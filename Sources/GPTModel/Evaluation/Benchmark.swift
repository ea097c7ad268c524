/// Measures how fast an engine reads prompts and writes answers.
public struct Benchmark: Sendable {
  /// The speed of one kind of work.
  public struct Result: Sendable, Hashable {
    /// `pp` and tokens for reading a prompt, `tg` and tokens for generating; `x` and a number where
    /// so many conversations are written side by side.
    public let test: String
    /// Tokens per second of each repetition.
    public let samples: [Double]

    /// The median of the samples.
    public var tokensPerSecond: Double {
      let sorted = samples.sorted()
      guard !sorted.isEmpty else { return 0 }
      let middle = sorted.count / 2
      return sorted.count.isMultiple(of: 2)
        ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
  }

  /// Tokens of the prompt to read; zero to leave this out.
  public var prompt: Int
  /// Tokens to generate; zero to leave this out.
  public var generate: Int
  /// Conversations written side by side; their tokens are counted together.
  public var conversations: Int
  /// How often each is measured, after one run that is not counted.
  public var repetitions: Int

  /// Creates a measurement.
  public init(prompt: Int, generate: Int, conversations: Int = 1, repetitions: Int) {
    self.prompt = prompt
    self.generate = generate
    self.conversations = conversations
    self.repetitions = repetitions
  }

  /// Runs the measurement on an otherwise idle engine.
  public func run(on engine: Engine) async throws -> [Result] {
    var results: [Result] = []
    if prompt > 0 { results.append(try await measure("pp\(prompt)", engine, readSpeed)) }
    let suffix = conversations > 1 ? "x\(conversations)" : ""
    if generate > 0 {
      results.append(try await measure("tg\(generate)\(suffix)", engine, writeSpeed))
    }
    return results
  }

  private func measure(
    _ test: String, _ engine: Engine, _ speed: (Engine) async throws -> Double
  ) async throws -> Result {
    _ = try await speed(engine)
    var samples: [Double] = []
    for _ in 0..<max(1, repetitions) { samples.append(try await speed(engine)) }
    return Result(test: test, samples: samples)
  }

  /// Tokens per second from handing over the prompt to its first answer token.
  private func readSpeed(_ engine: Engine) async throws -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    for try await _ in try engine.generate(request(engine, prompt: prompt, generate: 1)) {}
    return Double(prompt) / seconds(clock.now - start)
  }

  /// Tokens per second from the first token to the last of all conversations, the first ones not counted.
  private func writeSpeed(_ engine: Engine) async throws -> Double {
    let streams = try (0..<max(1, conversations)).map { _ in
      try engine.generate(request(engine, prompt: 1, generate: generate + 1))
    }
    return try await withThrowingTaskGroup(of: (first: Instant, last: Instant).self) { group in
      for stream in streams { group.addTask { try await Self.span(of: stream) } }
      var spans: [(first: Instant, last: Instant)] = []
      for try await span in group { spans.append(span) }
      guard let first = spans.map(\.first).min(), let last = spans.map(\.last).max() else {
        return 0
      }
      return Double(generate * streams.count) / seconds(last - first)
    }
  }

  private typealias Instant = ContinuousClock.Instant

  /// When the first and the last token of a generation arrived.
  private static func span(of stream: GenerationStream) async throws -> (
    first: Instant, last: Instant
  ) {
    let clock = ContinuousClock()
    var first: Instant?
    var last = clock.now
    for try await event in stream {
      guard case .token = event else { continue }
      last = clock.now
      if first == nil { first = last }
    }
    return (first ?? last, last)
  }

  private func request(_ engine: Engine, prompt: Int, generate: Int) -> GenerationRequest {
    var stop = StopCondition()
    stop.atEndOfSequence = false
    stop.maximumTokens = generate
    let vocabulary = engine.model.tokenizer.count
    // Spread over the vocabulary so that no row of the embedding is read twice in a row.
    let tokens = (0..<prompt).map { Token(clamping: ($0 &* 7919 &+ 104_729) % vocabulary) }
    var request = GenerationRequest(prompt: tokens, sampling: .greedy, stop: stop)
    // A repetition must read its prompt again.
    request.terms.usesCache = false
    return request
  }

  private func seconds(_ duration: Duration) -> Double {
    max(duration / .seconds(1), 1e-9)
  }
}
