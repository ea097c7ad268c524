import Evaluation
import GPTModel
import Tensor
import TestSupport
import Testing

/// A tiny model of which some layers have a window, or all.
struct WindowedModel {
  let tiny: TinyModel
  let model: LoadedModel

  /// Those of whose layers only some have a window.
  static let mixed = TinyArchitecture.all.filter {
    ["gemma2", "gemma3", "olmo3", "cohere2", "exaone4 with windows"].contains($0.label)
  }

  /// One whose layers see chunks of 32 positions, but each fourth, which sees all.
  static let chunked = TinyArchitecture.all.filter { $0.label == "llama4" }

  private static let key = "attention.sliding_window"

  /// Makes the model of an architecture with another window than its own.
  init(_ architecture: TinyArchitecture, window: Int) throws {
    var tiny = TinyModel()
    (tiny.format, tiny.architecture) = (.float32, architecture)
    tiny.architecture.entries = architecture.entries.map {
      $0.key == Self.key ? ($0.key, .uint32(UInt32(window))) : $0
    }
    self.tiny = tiny
    model = try LoadedModel.read(from: tiny.source())
  }

  /// An engine whose cache has so many pages; nil for enough.
  func engine(pages: Int?, rows: Int = 48) throws -> Engine {
    var configuration = EngineConfiguration()
    (configuration.threads, configuration.rowsPerStep) = (2, rows)
    configuration.cacheFormat = .bfloat16
    try limit(&configuration, pages: pages)
    return try Engine(model: model, configuration: configuration)
  }

  /// The capacity of an engine that runs one sequence.
  func capacity(
    rows: Int, pages: Int?, cache: CacheFormat = .bfloat16, givesBack: Bool = true
  ) throws -> DecoderCapacity {
    var configuration = EngineConfiguration()
    (configuration.runningSequences, configuration.rowsPerStep) = (1, rows)
    configuration.cacheFormat = cache
    try limit(&configuration, pages: pages)
    var spec = model.spec
    // Layers that nobody computes see all, so that there are pages for the whole text.
    if !givesBack {
      for layer in spec.layers.indices {
        spec.layers[layer].attention?.window = nil
        spec.layers[layer].attention?.chunk = nil
      }
    }
    return try DecoderCapacity(spec: spec, configuration: configuration)
  }

  private func limit(_ configuration: inout EngineConfiguration, pages: Int?) throws {
    guard let pages else { return }
    let groups = try DecoderCapacity(model, configuration: configuration).cacheGroups
    configuration.cacheBytes = pages * groups.bytesPerPage
  }

  /// The logits of each position of a text as the scheduler's steps give them, and the most pages that
  /// were in use.
  func scheduled(
    _ tokens: [Token], rows: Int, pages: Int? = nil, cache: CacheFormat = .bfloat16,
    givesBack: Bool = true
  ) throws -> (logits: [[Float]], pages: Int) {
    var configuration = EngineConfiguration()
    configuration.threads = 1
    let capacity = try capacity(rows: rows, pages: pages, cache: cache, givesBack: givesBack)
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

  /// The logits of each position of a text as a `Scorer` gives them.
  func scored(_ tokens: [Token]) throws -> [[Float]] {
    var configuration = EngineConfiguration()
    configuration.cacheFormat = .bfloat16
    var scored: [[Float]] = []
    try Scorer(model: model, configuration: configuration)
      .logits(of: tokens, at: 0..<tokens.count) { scored.append(Array($1)) }
    return scored
  }

  /// Checks that each logit of a text, in steps of nine rows and a cache of some pages, is that of a plain
  /// float64 forward but for noise.
  ///
  /// - Parameter rounds: Whether numbers are rounded to bfloat16, which a text must bear.
  func expectReference(pages: Int, rounds: Bool) throws {
    let noise = 0x1p-19
    var reference = try ReferenceDecoder(tiny)
    var tokens: [Token] = .random(100, seed: 4)
    if rounds {
      tokens = reference.tokensWithoutTies(100, noise: noise)
      try #require(tokens.count == 100, "each token of the vocabulary has a number near a tie")
    } else {
      reference.round = nil
    }
    let found = try scheduled(
      tokens, rows: 9, pages: pages, cache: rounds ? .bfloat16 : .float32)
    for (row, expected) in zip(found.logits, try reference.logits(of: tokens)) {
      let largest = expected.map(\.magnitude).max() ?? 1
      let worst = zip(row, expected).map { (Double($0) - $1).magnitude }.max() ?? .infinity
      #expect(worst <= noise * largest)
    }
  }

  /// Checks that what is found cached, forks and several choices have the bits of what is computed.
  func expectSharedBits() async throws {
    let engine = try engine(pages: nil)
    let prompt: [Token] = .random(130, seed: 3)
    for choice in 0..<3 {
      var request = GenerationRequest.sampled(Prompt(prompt), tokens: 40, seed: 0)
      request.choice = choice
      let stream = try engine.generate(request)
      let answer = try await Answer(stream)
      #expect(answer.summary?.usage.cachedTokens == (choice == 0 ? 0 : 128))
      let alone = try await Answer.alone([request], on: try self.engine(pages: nil))
      #expect(answer.tokens == alone.first?.tokens)
      #expect(answer.logprobs == alone.first?.logprobs)
      let fork = try await Answer(try stream.fork(choice: 0) { $0.stop.maximumTokens = 60 })
      var longer = request
      longer.prompt = Prompt(prompt + answer.tokens)
      (longer.choice, longer.stop.maximumTokens) = (0, 20)
      let same = try await Answer.alone([longer], on: try self.engine(pages: nil))
      #expect(fork.summary?.usage.cachedTokens == 160)
      #expect(fork.tokens == same.first?.tokens)
      #expect(fork.logprobs == same.first?.logprobs)
    }
  }

  /// Checks that eight sequences, which lose their pages to each other in a cache of some pages, have the
  /// bits of each alone.
  func expectPreemptedBits(pages: Int) async throws {
    let requests = (0..<8).map { index in
      var request = GenerationRequest.sampled(
        Prompt(.random(20 + index * 20, seed: UInt64(10 + index))), tokens: 60, seed: 0)
      request.terms.priority = index % 3
      request.choice = index
      return request
    }
    let small = try engine(pages: pages, rows: 33)
    let found = try await Answer.together(requests, on: small)
    let alone = try await Answer.alone(requests, on: try engine(pages: nil))
    #expect(found.map(\.tokens) == alone.map(\.tokens))
    #expect(found.map(\.logprobs) == alone.map(\.logprobs))
    await small.drain()
    #expect(small.status.freePages == small.status.totalPages)
  }
}
