import GPTModel
import TestSupport
import Testing

@Suite("Values that are not finite")
struct NotFiniteTests {
  /// The token whose values overflow wherever it stands.
  private static let strange: Token = 300

  /// A model in which one token, alone in its use of the first column, meets weights near the greatest
  /// number there is.
  private func model() throws -> LoadedModel {
    var tiny = TinyModel()
    tiny.format = .float32
    var builder = tiny.builder()
    for index in builder.tensors.indices {
      let name = String(decoding: builder.tensors[index].name, as: UTF8.self)
      let rows = builder.tensors[index].data.count / (4 * tiny.width)
      for row in 0..<rows {
        let value: Float
        switch name {
        case "token_embd.weight": value = row == Int(Self.strange) ? 1 : 0
        case "blk.0.attn_v.weight": value = 3e38
        default: continue
        }
        let bytes = withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
        let start = row * 4 * tiny.width
        builder.tensors[index].data.replaceSubrange(start..<(start + 4), with: bytes)
      }
    }
    return try LoadedModel.read(source: MemorySource(builder.bytes()))
  }

  private func request(strangeAt place: Int?) -> GenerationRequest {
    var generator = SeededGenerator(seed: 1)
    var request = GenerationRequest(
      prompt: (0..<120).map { _ in Token.random(in: 0..<300, using: &generator) },
      sampling: .greedy, stop: StopCondition(maximumTokens: 6))
    request.stop.atEndOfSequence = false
    request.alternatives = 1
    if let place { request.prompt[place] = Self.strange }
    return request
  }

  @Test("A request fails whose prompt leads to them, and leaves none of their pages to others")
  func prompt() async throws {
    var configuration = EngineConfiguration()
    (configuration.threads, configuration.runningSequences, configuration.rowsPerStep) = (1, 4, 16)
    let model = try model()
    let engine = try Engine(model: model, configuration: configuration)
    for time in 0..<3 {
      let stream = try engine.generate(request(strangeAt: 40))
      await #expect(throws: EngineError.notFinite) { try await Answer(stream) }
      await idle(engine)
      // The page before the one with the strange token is sound, and found from the second time on.
      #expect(engine.status.cachedTokens == 32 * time)
      #expect(engine.status.freePages == engine.status.totalPages)
    }
    let found = try await Answer(try engine.generate(request(strangeAt: nil)))
    #expect(found.summary?.usage.cachedTokens == 32)
    let fresh = try Engine(model: model, configuration: configuration)
    let alone = try await Answer(try fresh.generate(request(strangeAt: nil)))
    #expect(found.tokens == alone.tokens)
    #expect(found.logprobs == alone.logprobs)
  }

  @Test("A prompt that leads to them has neither log-probabilities nor an embedding")
  func reports() async throws {
    var configuration = EngineConfiguration()
    (configuration.threads, configuration.runningSequences, configuration.rowsPerStep) = (1, 4, 16)
    let engine = try Engine(model: try model(), configuration: configuration)
    for pooling in Pooling.allCases {
      let embedding = GenerationRequest(
        embedding: request(strangeAt: 40).prompt, pooling: pooling)
      let stream = try engine.generate(embedding)
      await #expect(throws: EngineError.notFinite) { try await Answer(stream) }
    }
    for tokens in [0, 2] {
      var scored = request(strangeAt: 40)
      (scored.promptAlternatives, scored.stop.maximumTokens) = (1, tokens)
      let stream = try engine.generate(scored)
      await #expect(throws: EngineError.notFinite) { try await Answer(stream) }
    }
    let fresh = try Engine(model: try model(), configuration: configuration)
    let (one, other) = (
      try await engine.embed(request(strangeAt: nil).prompt.tokens),
      try await fresh.embed(request(strangeAt: nil).prompt.tokens)
    )
    #expect(one == other)
  }

  /// Waits until the engine has noted the end of what it ran.
  private func idle(_ engine: Engine) async {
    while engine.status.running > 0 { await Task.yield() }
  }
}
