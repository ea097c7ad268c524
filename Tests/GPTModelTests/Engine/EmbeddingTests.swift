import GPTModel
import TestSupport
import Testing

@Suite("Engines inside a program")
struct EmbeddingTests {
  private static let kinds = 24

  private func engine(_ model: LoadedModel) throws -> Engine {
    var configuration = EngineConfiguration()
    configuration.threads = 1
    configuration.runningSequences = 12
    configuration.waitingRequests = 1000
    configuration.rowsPerStep = 64
    return try Engine(model: model, configuration: configuration)
  }

  /// A request of one of several kinds, long and short, greedy and not, some sharing their start.
  private func request(_ kind: Int) -> GenerationRequest {
    var shared = SeededGenerator(seed: UInt64(kind / 4))
    var own = SeededGenerator(seed: UInt64(1000 + kind))
    var prompt = (0..<(kind % 3 * 35)).map { _ in Token.random(in: 0..<320, using: &shared) }
    prompt += (0..<(1 + kind)).map { _ in Token.random(in: 0..<320, using: &own) }
    var request = GenerationRequest(prompt: prompt)
    request.sampling.temperature = kind.isMultiple(of: 2) ? 0 : 1
    request.sampling.seed = UInt64(kind)
    request.stop = StopCondition(maximumTokens: 8 + kind % 5)
    request.stop.atEndOfSequence = false
    request.alternatives = 1
    request.terms.client = "\(kind % 3)"
    return request
  }

  /// What a task saw before it left or the generation ended.
  private func part(
    of stream: GenerationStream, leavingAfter limit: Int
  ) async throws -> [Token] {
    var tokens: [Token] = []
    guard limit > 0 else { return tokens }
    for try await event in stream {
      if case .token(let token) = event { tokens.append(token.token) }
      if tokens.count == limit { break }
    }
    return tokens
  }

  @Test(
    "Hundreds of tasks at once on two engines, a third of them cancelled, have the answers of each alone"
  )
  func many() async throws {
    let model = try Models.tiny()
    let alone = try engine(model)
    var expected: [Answer] = []
    for kind in 0..<Self.kinds {
      expected.append(try await Answer(try alone.generate(request(kind))))
    }
    let engines = [try engine(model), try engine(model)]
    let count = 400
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<count {
        let (engine, kind) = (engines[number % 2], number % Self.kinds)
        let expected = expected[kind]
        group.addTask {
          let stream = try engine.generate(request(kind))
          guard number % 3 == 0 else {
            let answer = try await Answer(stream)
            #expect(answer.tokens == expected.tokens)
            #expect(answer.text == expected.text)
            #expect(answer.logprobs == expected.logprobs)
            return
          }
          // Some leave before the first token, most amid the answer.
          let tokens = try await part(of: stream, leavingAfter: number / 3 % 6)
          #expect(tokens == Array(expected.tokens.prefix(number / 3 % 6)))
        }
      }
      try await group.waitForAll()
    }
    for engine in engines {
      await engine.drain()
      let status = engine.status
      #expect(status.freePages == status.totalPages)
      #expect([status.running, status.waiting, status.waitingTokens] == [0, 0, 0])
      #expect(status.prefixHits > 0)
    }
  }

  @Test("Cancelling a group ends all of its generations, and the engine goes on")
  func structured() async throws {
    let engine = try engine(try Models.tiny())
    let outcome = await Task {
      await withThrowingTaskGroup(of: Int.self) { group in
        for kind in 0..<100 {
          group.addTask {
            var request = request(kind % Self.kinds)
            request.stop.maximumTokens = 100
            return try await Answer(try engine.generate(request)).tokens.count
          }
        }
        let first = try? await group.next()
        group.cancelAll()
        return first
      }
    }.value
    #expect(outcome == 100)
    let next = try await Answer(try engine.generate(request(1)))
    #expect(next.tokens.count == 9)
    await engine.drain()
    #expect(engine.status.freePages == engine.status.totalPages)
  }
}
