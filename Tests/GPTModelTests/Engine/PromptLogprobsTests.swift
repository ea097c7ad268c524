import Foundation
import GPTModel
import TestSupport
import Testing

@Suite("Log-probabilities of prompts")
struct PromptLogprobsTests {
  private func prompt(_ count: Int, seed: UInt64 = 1) -> [Token] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Token.random(in: 0..<320, using: &generator) }
  }

  /// A request that scores its prompt and then writes so many tokens.
  private func request(_ prompt: [Token], tokens: Int = 0) -> GenerationRequest {
    var request = GenerationRequest(
      prompt: prompt, sampling: .greedy, stop: StopCondition(maximumTokens: tokens),
      alternatives: 2)
    request.stop.atEndOfSequence = false
    request.promptAlternatives = 3
    return request
  }

  private func engine(
    _ model: LoadedModel, rows: Int = 256, running: Int = 8, threads: Int = 1,
    cacheKiB: Int? = nil
  ) throws -> Engine {
    var configuration = EngineConfiguration()
    configuration.threads = threads
    configuration.rowsPerStep = rows
    configuration.runningSequences = running
    configuration.cacheBytes = cacheKiB.map { $0 << 10 }
    return try Engine(model: model, configuration: configuration)
  }

  @Test("They are the log-softmax of a plain float64 forward, with rank and best alternatives")
  func reference() async throws {
    var tiny = TinyModel()
    tiny.isTied = false
    let model = try LoadedModel.read(source: MemorySource(tiny.bytes()))
    let prompt = prompt(40)
    let answer = try await Answer(try engine(model).generate(request(prompt)))
    let report = try #require(answer.prompt)
    #expect(report.logprobs.count == 39)
    let logits = try ReferenceDecoder(tiny).logits(of: prompt)
    for (position, found) in report.logprobs.enumerated() {
      let row = logits[position]
      let best = row.max() ?? 0
      let total = best + log(row.reduce(0) { $0 + exp($1 - best) })
      #expect(found.chosen.token == prompt[position + 1])
      let entries = [found.chosen] + found.alternatives
      for entry in entries {
        let expected = row[Int(entry.token)] - total
        #expect((Double(entry.logprob) - expected).magnitude < 5e-3)
      }
      #expect(found.alternatives.map(\.logprob) == found.alternatives.map(\.logprob).sorted(by: >))
      #expect((found.alternatives[0].logprob - Float(best - total)).magnitude < 5e-3)
      if let place = found.alternatives.firstIndex(of: found.chosen) {
        #expect(found.rank == place + 1)
      } else {
        #expect(found.rank ?? 0 > 3)
      }
    }
  }

  @Test("They are the bits with which the same tokens are chosen one after the other")
  func stepwise() async throws {
    let engine = try engine(try Models.tiny { $0.format = .fourBitWithMinimum })
    let prompt = prompt(12, seed: 2)
    let report = try #require(try await Answer(try engine.generate(request(prompt))).prompt)
    for position in 1..<prompt.count {
      var one = request(Array(prompt[..<position]), tokens: 1)
      one.promptAlternatives = nil
      // Reports are of the logits as they are, whatever forces the choice.
      one.sampling.logitBias = [prompt[position]: 10_000]
      var found: TokenLogprobs?
      for try await event in try engine.generate(one) {
        if case .token(let token) = event { found = token.logprobs }
      }
      let expected = report.logprobs[position - 1]
      #expect(found?.chosen == expected.chosen)
      #expect(found?.alternatives == Array(expected.alternatives.prefix(2)))
    }
  }

  @Test(
    "They are the same bits in any batch, in chunks, on threads, and beside what is cached",
    arguments: [(rows: 64, running: 6, threads: 2), (7, 3, 2), (5, 1, 1)])
  func invariance(setting: (rows: Int, running: Int, threads: Int)) async throws {
    let model = try Models.tiny { $0.format = .fourBitWithMinimum }
    // Some share their beginning, some write, and every third asks for nothing about its prompt.
    let requests = (0..<6).map { index in
      let shared = prompt(index.isMultiple(of: 2) ? 33 : 0, seed: 9)
      var request = request(
        shared + prompt(3 + 4 * index, seed: UInt64(20 + index)), tokens: index % 4 * 2)
      if index % 3 == 2 { request.promptAlternatives = nil }
      return request
    }
    let expected = try await Answer.alone(requests, on: self.engine(model, running: 1))
    let engine = try engine(
      model, rows: setting.rows, running: setting.running, threads: setting.threads)
    // The second time much of it is cached.
    for _ in 0..<2 {
      let streams = try requests.map { try engine.generate($0) }
      for (index, stream) in streams.enumerated() {
        let found = try await Answer(stream)
        expect(found, expected[index], requests[index])
      }
    }
  }

  @Test("They are the same bits where a sequence loses its pages while its prompt is read")
  func preempted() async throws {
    let model = try Models.tiny { $0.format = .fourBitWithMinimum }
    // Five pages, of which the first request comes to need all.
    let engine = try engine(model, rows: 4, cacheKiB: 40)
    var slow = request(prompt(120, seed: 30), tokens: 30)
    slow.terms.priority = 1
    var urgent = request(prompt(70, seed: 31), tokens: 2)
    let expected = try await Answer.alone([slow, urgent], on: self.engine(model, running: 1))
    let first = try engine.generate(slow)
    while engine.status.steps == 0 { await Task.yield() }
    urgent.terms.usesCache = false
    expect(try await Answer(try engine.generate(urgent)), expected[1], urgent)
    expect(try await Answer(first), expected[0], slow)
  }

  private func expect(_ found: Answer, _ expected: Answer, _ request: GenerationRequest) {
    #expect(found.prompt == expected.prompt)
    #expect(found.tokens == expected.tokens)
    #expect(found.logprobs == expected.logprobs)
    guard request.promptAlternatives != nil else {
      #expect(found.prompt == nil)
      return
    }
    #expect(found.summary?.usage.cachedTokens == 0)
    #expect(found.prompt?.logprobs.count == request.prompt.count - 1)
  }

  @Test("A prompt that was scored is found by others, and one that is cached is scored whole")
  func sharing() async throws {
    let engine = try engine(try Models.tiny())
    let prompt = prompt(70, seed: 3)
    let scored = try await Answer(try engine.generate(request(prompt)))
    var plain = request(prompt, tokens: 2)
    plain.promptAlternatives = nil
    let found = try await Answer(try engine.generate(plain))
    #expect(found.summary?.usage.cachedTokens == 64)
    let again = try await Answer(try engine.generate(request(prompt)))
    #expect(again.summary?.usage.cachedTokens == 0)
    #expect(again.prompt == scored.prompt)
  }

  @Test("Without tokens to choose, only the prompt is computed, up to the whole context")
  func scoringOnly() async throws {
    let engine = try engine(try Models.tiny { $0.context = 128 })
    let answer = try await Answer(try engine.generate(request(prompt(128))))
    #expect(answer.prompt?.logprobs.count == 127)
    #expect(answer.tokens.isEmpty)
    #expect(answer.summary?.reason == .length)
    #expect(answer.summary?.usage == Usage(promptTokens: 128))
    #expect(throws: EngineError.promptTooLong(tokens: 129, context: 128)) {
      try engine.generate(request(prompt(129)))
    }
    #expect(throws: EngineError.promptTooLong(tokens: 128, context: 128)) {
      try engine.generate(request(prompt(128), tokens: 1))
    }
    let one = try await Answer(try engine.generate(request([5])))
    #expect(one.prompt?.logprobs.isEmpty == true)
    await engine.drain()
    #expect(engine.status.freePages == engine.status.totalPages)
  }

  @Test("The token that ends an answer is reported with the end")
  func endToken() async throws {
    let engine = try engine(try Models.tiny())
    var plain = request(prompt(20), tokens: 5)
    let tokens = try await Answer(try engine.generate(plain)).tokens
    let place = try #require(tokens.indices.last { tokens.firstIndex(of: tokens[$0]) == $0 })
    plain.stop.tokens = [tokens[place]]
    let cut = try await Answer(try engine.generate(plain))
    #expect(cut.tokens == Array(tokens.prefix(place)))
    #expect(cut.summary?.endLogprobs?.chosen.token == tokens[place])
    #expect(cut.summary?.endLogprobs?.alternatives.count == 2)
    plain.alternatives = nil
    #expect(try await Answer(try engine.generate(plain)).summary?.endLogprobs == nil)
  }

  @Test("A fork does not score its prompt again")
  func fork() async throws {
    let engine = try engine(try Models.tiny())
    let stream = try engine.generate(request(prompt(20), tokens: 6))
    _ = try await Answer(stream)
    let fork = try await Answer(
      try stream.fork(choice: 1) { $0.stop.maximumTokens = 9 })
    #expect(fork.prompt == nil)
    #expect(fork.tokens.count == 3)
  }
}
