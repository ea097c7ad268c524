import Evaluation
import GPTModel
import Tensor
import TestSupport
import Testing

@Suite("Models all of whose layers have a window")
struct WindowTests {
  /// Around a page's length of 32, and far below.
  private static let windows = [1, 16, 31, 32, 33, 64]

  private func tiny(_ window: Int) -> TinyModel {
    var tiny = TinyModel()
    tiny.format = .float32
    tiny.architecture = .windowed
    tiny.architecture.entries = [("attention.sliding_window", .uint32(UInt32(window)))]
    return tiny
  }

  private func model(_ window: Int) throws -> LanguageModel {
    try LanguageModel.load(source: MemorySource(tiny(window).bytes()))
  }

  private func engine(_ model: LanguageModel, pages: Int?, rows: Int = 48) throws -> Engine {
    var configuration = EngineConfiguration()
    (configuration.threads, configuration.rowsPerStep) = (2, rows)
    configuration.cacheFormat = .bfloat16
    configuration.cacheBytes = try pages.map { $0 * (try model.spec.bytesPerPage(.bfloat16)) }
    return try Engine(model: model, configuration: configuration)
  }

  private func tokens(_ count: Int, seed: UInt64) -> [Token] {
    .random(count, seed: seed)
  }

  private func request(_ prompt: [Token], tokens: Int) -> GenerationRequest {
    .sampled(Prompt(prompt), tokens: tokens, seed: 0)
  }

  /// The logits of each position of a text as the scheduler's steps give them, and the most pages that
  /// were in use.
  private func scheduled(
    _ tokens: [Token], _ model: LanguageModel, rows: Int, pages: Int? = nil,
    givesBack: Bool = true
  ) throws -> (logits: [[Float]], pages: Int) {
    var configuration = EngineConfiguration()
    (configuration.threads, configuration.runningSequences) = (1, 1)
    configuration.rowsPerStep = rows
    configuration.cacheBytes = try pages.map { $0 * (try model.spec.bytesPerPage(.bfloat16)) }
    var spec = model.spec
    // A layer that nobody computes sees all, so that there are pages for the whole text.
    if !givesBack {
      for layer in spec.layers.indices { spec.layers[layer].attention?.window = nil }
    }
    let capacity = try DecoderCapacity(spec: spec, configuration: configuration)
    let driver = StepDriver(
      try model.makeExecutor(capacity: capacity, compute: configuration.makeCompute()),
      capacity: capacity)
    var scheduler = Scheduler(limits: capacity.limits)
    scheduler.submit(SequenceID(0), tokens: tokens, outputs: 0..<tokens.count)
    var (plan, logits, most) = (StepPlan(), [[Float]](), 0)
    while logits.count < tokens.count {
      scheduler.plan(into: &plan)
      try #require(plan.rows > 0)
      most = max(most, capacity.limits.pages - scheduler.freePages)
      driver.run(
        plan, tokens: { scheduler.tokens(of: $0) }, demand: { RowDemand(logits: $0.outputs) },
        { logits.append(Array($1.values)) })
      scheduler.confirm(SequenceID(0))
    }
    return (logits, most)
  }

  @Test(
    "Giving pages back changes no bit, in steps of any size and caches of any", arguments: windows)
  func sameBits(window: Int) throws {
    let (model, tokens) = (try model(window), tokens(250, seed: 1))
    let whole = try scheduled(tokens, model, rows: 256, givesBack: false)
    #expect(whole.pages == 8)
    var scored: [[Float]] = []
    var configuration = EngineConfiguration()
    configuration.cacheFormat = .bfloat16
    try Scorer(model: model, configuration: configuration)
      .logits(of: tokens, at: 0..<250) { scored.append(Array($1)) }
    #expect(scored == whole.logits)
    let least = (window + 30) / 32 + 1
    for (rows, pages) in [(1, least), (7, least), (40, least), (40, nil), (256, nil)] {
      let found = try scheduled(tokens, model, rows: rows, pages: pages)
      #expect(found.logits == whole.logits, "\(rows) rows, \(pages ?? 0) pages")
      // A step has as many positions as the window at most.
      #expect(found.pages <= min(pages ?? 8, (window + min(rows, window) + 29) / 32 + 1))
    }
  }

  @Test("Every logit is that of a plain float64 forward but for noise", arguments: [16, 31, 33])
  func reference(window: Int) throws {
    let (noise, model) = (0x1p-19, try model(window))
    let reference = try ReferenceDecoder(tiny(window))
    let tokens = reference.tokensWithoutTies(100, noise: noise)
    try #require(tokens.count == 100, "each token of the vocabulary has a number near a tie")
    let found = try scheduled(tokens, model, rows: 9, pages: 3).logits
    for (row, expected) in zip(found, try reference.logits(of: tokens)) {
      let largest = expected.map(\.magnitude).max() ?? 1
      let worst = zip(row, expected).map { (Double($0) - $1).magnitude }.max() ?? .infinity
      #expect(worst <= noise * largest)
    }
  }

  @Test("A text longer than the cache is written in it, bit by bit as in a large one")
  func longerThanTheCache() async throws {
    let model = try model(16)
    let (small, large) = (try engine(model, pages: 2), try engine(model, pages: nil))
    #expect(small.contextLength == 256)
    #expect(small.cacheBytes * 4 == 8 * (try model.spec.bytesPerPage(.bfloat16)))
    let request = request(tokens(70, seed: 2), tokens: 160)
    let found = try await Answer(try small.generate(request))
    #expect(found.tokens.count == 160)
    #expect(found == (try await Answer(try large.generate(request))))
    #expect(small.status.preemptions == 0)
    await small.drain()
    #expect(small.status.freePages == 2)
  }

  @Test("A cache too small for the window bounds the context as it does without one")
  func tooSmall() throws {
    let model = try model(64)
    #expect(try engine(model, pages: 2).contextLength == 64)
    #expect(try engine(model, pages: 3).contextLength == 256)
  }

  @Test(
    "What was cached, forks and several choices have the bits of what is computed",
    arguments: [16, 31, 32, 33])
  func shared(window: Int) async throws {
    let model = try model(window)
    let engine = try engine(model, pages: nil)
    let prompt = tokens(130, seed: 3)
    for choice in 0..<3 {
      var request = request(prompt, tokens: 40)
      request.choice = choice
      let stream = try engine.generate(request)
      let answer = try await Answer(stream)
      #expect(answer.summary?.usage.cachedTokens == (choice == 0 ? 0 : 128))
      let alone = try await Answer.alone([request], on: try self.engine(model, pages: nil))
      #expect(answer.tokens == alone.first?.tokens)
      #expect(answer.logprobs == alone.first?.logprobs)
      let fork = try await Answer(try stream.fork(choice: 0) { $0.stop.maximumTokens = 60 })
      var longer = request
      longer.prompt = Prompt(prompt + answer.tokens)
      (longer.choice, longer.stop.maximumTokens) = (0, 20)
      let same = try await Answer.alone([longer], on: try self.engine(model, pages: nil))
      #expect(fork.summary?.usage.cachedTokens == 160)
      #expect(fork.tokens == same.first?.tokens)
      #expect(fork.logprobs == same.first?.logprobs)
    }
  }

  @Test("Sequences that lose their pages to others have the bits of each alone", arguments: windows)
  func preempted(window: Int) async throws {
    let model = try model(window)
    let requests = (0..<8).map { index in
      var request = request(tokens(20 + index * 20, seed: UInt64(10 + index)), tokens: 60)
      request.terms.priority = index % 3
      request.choice = index
      return request
    }
    // A page more than one of them needs at a time.
    let small = try engine(model, pages: (window + 30) / 32 + 2, rows: 33)
    let found = try await Answer.together(requests, on: small)
    let alone = try await Answer.alone(requests, on: try engine(model, pages: nil))
    #expect(found.map(\.tokens) == alone.map(\.tokens))
    #expect(found.map(\.logprobs) == alone.map(\.logprobs))
    await small.drain()
    #expect(small.status.freePages == small.status.totalPages)
  }
}
