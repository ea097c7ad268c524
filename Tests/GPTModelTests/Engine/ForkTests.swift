import GPTModel
import TestSupport
import Testing

@Suite("Forks")
struct ForkTests {
  private func engine(pages: Int? = nil) throws -> Engine {
    var configuration = EngineConfiguration()
    configuration.threads = 1
    let model = try Models.tiny { $0.format = .fourBitWithMinimum }
    if let pages {
      // 2 layers of 32 positions, 2 heads of 16 numbers, keys and values of two bytes.
      configuration.cacheBytes = pages * 2 * 32 * 2 * 16 * 2 * 2
    }
    return try Engine(model: model, configuration: configuration)
  }

  private func request(_ promptLength: Int, tokens: Int) -> GenerationRequest {
    .sampled(Prompt(.random(promptLength, seed: 9)), tokens: tokens, temperature: 0.9, seed: 3)
  }

  /// Reads so many tokens of a stream, which stays where it is.
  private func read(_ count: Int, of stream: GenerationStream) async throws -> [Token] {
    var tokens: [Token] = []
    var iterator = stream.makeAsyncIterator()
    while tokens.count < count, case .token(let token) = try await iterator.next() {
      tokens.append(token.token)
    }
    return tokens
  }

  @Test(
    "A fork has the bits of a fresh request with the same tokens, and shares the full pages",
    arguments: [(0, 96), (5, 96), (29, 96), (30, 128), (40, 128)])
  func fresh(position: Int, cached: Int) async throws {
    let stream = try engine().generate(request(99, tokens: 60))
    let tokens = try await read(position, of: stream)
    #expect(tokens.count == position)
    for choice in [1, 2] {
      let fork = try await Answer(try stream.fork(choice: choice))
      #expect(fork.summary?.usage.cachedTokens == cached)
      #expect(fork.summary?.usage.promptTokens == 99 + position)
      #expect(fork.tokens.count == 60 - position)
      var same = request(99, tokens: 60 - position)
      same.prompt += tokens
      same.choice = choice
      let alone = try await Answer(try engine().generate(same))
      #expect(alone.summary?.usage.cachedTokens == 0)
      #expect(fork.tokens == alone.tokens)
      #expect(fork.logprobs == alone.logprobs)
    }
  }

  @Test("A fork with nothing changed goes the same way: penalties, stop strings and text included")
  func sameWay() async throws {
    var request = request(20, tokens: 50)
    request.sampling.frequencyPenalty = 0.5
    request.sampling.repetitionPenalty = 1.2
    let whole = try await Answer(try engine().generate(request))
    let scalars = Array(whole.text.unicodeScalars)
    let ending = String(String.UnicodeScalarView(scalars[(scalars.count * 4 / 5)...].prefix(3)))
    request.stop.strings = [ending]
    let expected = try await Answer(try engine().generate(request))
    #expect(expected.summary?.reason == .stopString(ending))
    #expect(expected.tokens.count > 25)
    for position in [1, 10, 25] {
      let stream = try engine().generate(request)
      var text = ""
      var iterator = stream.makeAsyncIterator()
      for _ in 0..<position {
        if case .token(let token) = try await iterator.next() { text += token.text }
      }
      let fork = try await Answer(try stream.fork(choice: 0))
      #expect(fork.tokens == Array(expected.tokens.dropFirst(position)))
      #expect(text + fork.text == expected.text)
      #expect(fork.summary?.reason == expected.summary?.reason)
      #expect(fork.logprobs == Array(expected.logprobs.dropFirst(3 * position)))
    }
  }

  @Test("Forks that run together need few more pages than one of them")
  func pages() async throws {
    // Four full pages are shared, and each has one of its own; one more is asked for to start.
    let engine = try engine(pages: 11)
    #expect(engine.status.totalPages == 11)
    let stream = try engine.generate(request(130, tokens: 20))
    _ = try await read(1, of: stream)
    let forks = try (1..<6).map { try stream.fork(choice: $0) }
    var answers: [Answer] = []
    for fork in forks { answers.append(try await Answer(fork)) }
    #expect(answers.allSatisfy { $0.summary?.usage.cachedTokens == 128 })
    #expect(Set(answers.map(\.tokens)).count == 5)
    #expect(engine.status.preemptions == 0)
    await engine.drain()
    #expect(engine.status.freePages == 11)
  }

  @Test("A generation that ended or was left can be forked; a full answer needs a higher limit")
  func afterTheEnd() async throws {
    let engine = try engine()
    let ended = try engine.generate(request(40, tokens: 8))
    let answer = try await Answer(ended)
    #expect(throws: EngineError.nothingToContinue(answered: 8)) { try ended.fork(choice: 1) }
    let longer = try await Answer(try ended.fork(choice: 0) { $0.stop.maximumTokens = 20 })
    let whole = try await Answer(try engine.generate(request(40, tokens: 20)))
    #expect(answer.tokens + longer.tokens == whole.tokens)

    let left = try engine.generate(request(40, tokens: 100))
    for try await event in left {
      if case .token = event { break }
    }
    let fork = try await Answer(try left.fork(choice: 0) { $0.stop.maximumTokens = 20 })
    #expect(fork.tokens == Array(whole.tokens.dropFirst(1)))
    await engine.drain()
    #expect(throws: EngineError.shuttingDown) { try left.fork(choice: 0) }
  }
}
