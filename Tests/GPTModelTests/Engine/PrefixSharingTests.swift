import GPTModel
import TestSupport
import Testing

@Suite("Prefix sharing")
struct PrefixSharingTests {
  private func request(_ prompt: [Token], tokens: Int = 12) -> GenerationRequest {
    .sampled(Prompt(prompt), tokens: tokens)
  }

  private func prompt(_ count: Int, seed: UInt64) -> [Token] {
    .random(count, seed: seed)
  }

  private func engine(_ architecture: TinyArchitecture = .llama) throws -> Engine {
    var configuration = EngineConfiguration()
    configuration.threads = 2
    configuration.rowsPerStep = 48
    let model = try Models.tiny {
      $0.format = .fourBitWithMinimum
      $0.architecture = architecture
    }
    return try Engine(model: model, configuration: configuration)
  }

  @Test(
    "What was cached gives the bits of what is computed, and is counted",
    arguments: TinyArchitecture.all)
  func sameBits(architecture: TinyArchitecture) async throws {
    let engine = try engine(architecture)
    let prompt = prompt(100, seed: 1)
    let computed = try await Answer(try engine.generate(request(prompt)))
    let cached = try await Answer(try engine.generate(request(prompt)))
    #expect(computed.summary?.usage.cachedTokens == 0)
    #expect(cached.summary?.usage.cachedTokens == 96)
    #expect(cached.tokens == computed.tokens)
    #expect(cached.logprobs == computed.logprobs)
  }

  @Test("A conversation continues from what was generated before")
  func continuation() async throws {
    let engine = try engine()
    let first = try await Answer(try engine.generate(request(prompt(60, seed: 2), tokens: 40)))
    let history = prompt(60, seed: 2) + first.tokens + prompt(5, seed: 3)
    let next = try await Answer(try engine.generate(request(history)))
    // Of 99 positions computed, three pages of 32 are full.
    #expect(next.summary?.usage.cachedTokens == 96)
    let alone = try await Answer(try self.engine().generate(request(history)))
    #expect(alone.summary?.usage.cachedTokens == 0)
    #expect(next.tokens == alone.tokens)
    #expect(next.logprobs == alone.logprobs)
  }

  @Test("Nothing is shared across clients and salts, or with those that do not want to")
  func isolation() async throws {
    let engine = try engine()
    let changes: [(inout RequestTerms) -> Void] = [
      { _ in }, { $0.client = "other" }, { $0.cacheSalt = "salt" }, { $0.usesCache = false },
    ]
    var answers: [Answer] = []
    for change in changes {
      var request = request(prompt(100, seed: 4))
      change(&request.terms)
      answers.append(try await Answer(try engine.generate(request)))
    }
    #expect(answers.map { $0.summary?.usage.cachedTokens } == [0, 0, 0, 0])
    #expect(Set(answers.map(\.tokens)).count == 1)
  }

  @Test("Several answers to one prompt that start together share its pages")
  func choices() async throws {
    let engine = try engine()
    let requests = (0..<4).map { choice in
      var request = request(prompt(130, seed: 6))
      request.choice = choice
      return request
    }
    let streams = try requests.map { try engine.generate($0) }
    var answers: [Answer] = []
    for stream in streams { answers.append(try await Answer(stream)) }
    #expect(answers.map { $0.summary?.usage.cachedTokens } == [0, 128, 128, 128])
    #expect(Set(answers.map(\.tokens)).count == 4)
    for (request, answer) in zip(requests, answers) {
      let alone = try await Answer(try self.engine().generate(request))
      #expect(answer.tokens == alone.tokens)
      #expect(answer.logprobs == alone.logprobs)
    }
  }

  @Test("A client beyond its share and a request beyond its wait are refused")
  func terms() async throws {
    var configuration = EngineConfiguration()
    configuration.threads = 1
    configuration.runningSequences = 1
    configuration.requestsPerClient = 2
    let engine = try Engine(model: try Models.tiny(), configuration: configuration)
    var request = request([1, 2, 3], tokens: 200)
    request.terms.client = "a"
    let first = try engine.generate(request)
    request.terms.longestWait = 0
    let second = try engine.generate(request)
    #expect(throws: EngineError.tooManyForClient(limit: 2)) { try engine.generate(request) }
    await #expect(throws: EngineError.waitedTooLong) { _ = try await Answer(second) }
    #expect(try await Answer(first).tokens.count == 200)
  }
}
