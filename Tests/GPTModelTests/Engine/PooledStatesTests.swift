import Foundation
import GPTModel
import TestSupport
import Testing

@Suite("Embeddings of texts")
struct PooledStatesTests {
  private func prompt(_ count: Int, seed: UInt64) -> [Token] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Token.random(in: 0..<320, using: &generator) }
  }

  private func engine(
    _ model: LoadedModel, rows: Int = 256, running: Int = 8, cacheKiB: Int? = nil
  ) throws -> Engine {
    var configuration = EngineConfiguration()
    configuration.threads = 2
    configuration.rowsPerStep = rows
    configuration.runningSequences = running
    configuration.cacheBytes = cacheKiB.map { $0 << 10 }
    return try Engine(model: model, configuration: configuration)
  }

  @Test(
    "They are the pooled states of a plain float64 forward, of length one",
    arguments: Pooling.allCases)
  func reference(pooling: Pooling) async throws {
    let tiny = TinyModel()
    let model = try LoadedModel.read(source: MemorySource(tiny.bytes()))
    let prompt = prompt(45, seed: 1)
    let states = try ReferenceDecoder(tiny).states(of: prompt)
    var pooled = try #require(pooling == .cls ? states.first : states.last)
    if pooling == .mean {
      pooled = pooled.indices.map { column in states.reduce(0) { $0 + $1[column] } / 45 }
    }
    let norm = pooled.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let found = try await engine(model, rows: 16).embed(prompt, pooling: pooling)
    #expect(found.count == 64)
    for (value, expected) in zip(found, pooled) {
      #expect((Double(value) - expected / norm).magnitude < 1e-3)
    }
    #expect((found.reduce(0) { $0 + Double($1) * Double($1) } - 1).magnitude < 1e-6)
  }

  @Test(
    "They are the same bits beside answers, in chunks, and beside what is cached",
    arguments: [(rows: 64, running: 6), (7, 3), (5, 1)])
  func invariance(setting: (rows: Int, running: Int)) async throws {
    let model = try Models.tiny { $0.format = .fourBitWithMinimum }
    let requests = (0..<6).map { index in
      let shared = prompt(index.isMultiple(of: 2) ? 33 : 0, seed: 9)
      let own = shared + prompt(3 + 4 * index, seed: UInt64(20 + index))
      if index % 3 == 2 {
        return GenerationRequest(
          prompt: own, sampling: .greedy, stop: StopCondition(maximumTokens: 4))
      }
      return GenerationRequest(embedding: own, pooling: index % 4 < 2 ? .mean : .last)
    }
    let expected = try await Answer.alone(requests, on: self.engine(model, running: 1))
    let engine = try engine(model, rows: setting.rows, running: setting.running)
    for time in 0..<2 {
      let streams = try requests.map { try engine.generate($0) }
      for (index, stream) in streams.enumerated() {
        let found = try await Answer(stream)
        #expect(found.prompt == expected[index].prompt, "request \(index)")
        #expect(found.tokens == expected[index].tokens)
        guard let pooling = requests[index].pooling else { continue }
        #expect(found.prompt?.embedding.count == model.spec.width)
        #expect(found.tokens.isEmpty)
        let cached = found.summary?.usage.cachedTokens
        if pooling == .mean { #expect(cached == 0) }
        // The state of the last position needs no other to be computed again.
        let full = (requests[index].prompt.count - 1) / 32 * 32
        if time == 1, pooling == .last { #expect(cached == full) }
      }
    }
  }

  @Test(
    "They are the same bits where a sequence loses its pages on the way",
    arguments: Pooling.allCases)
  func preempted(pooling: Pooling) async throws {
    let model = try Models.tiny { $0.format = .fourBitWithMinimum }
    // Five pages: the writer comes to need four of them while the other prompt, which needs three, is
    // read beside it, a row in each step.
    let engine = try engine(model, rows: 2, running: 2, cacheKiB: 40)
    var writer = GenerationRequest(
      prompt: prompt(20, seed: 31), sampling: .greedy, stop: StopCondition(maximumTokens: 100))
    writer.stop.atEndOfSequence = false
    var slow = GenerationRequest(embedding: prompt(90, seed: 30), pooling: pooling)
    slow.terms.priority = 1
    let expected = try await Answer.alone([slow, writer], on: self.engine(model, running: 1))
    let streams = [try engine.generate(writer), try engine.generate(slow)]
    #expect(try await Answer(streams[0]).tokens == expected[1].tokens)
    #expect(try await Answer(streams[1]).prompt == expected[0].prompt)
  }

  @Test("A text may fill the context, and one that cannot be is refused")
  func limits() async throws {
    let engine = try engine(try Models.tiny())
    #expect(try await engine.embed(prompt(256, seed: 2)).count == 64)
    await #expect(throws: EngineError.promptTooLong(tokens: 257, context: 256)) {
      try await engine.embed(prompt(257, seed: 2))
    }
    await #expect(throws: EngineError.emptyPrompt) { try await engine.embed([]) }
    await #expect(throws: EngineError.unknownToken(320)) { try await engine.embed([320]) }
  }

  @Test("Cancelling the task ends the computation and frees its pages")
  func cancellation() async throws {
    let engine = try engine(try Models.tiny(), rows: 1, running: 1)
    let task = Task { try await engine.embed(prompt(200, seed: 3)) }
    while engine.status.steps == 0 { await Task.yield() }
    task.cancel()
    _ = try? await task.value
    await engine.drain()
    #expect(engine.status.freePages == engine.status.totalPages)
  }
}
