import GPTModel
import TestSupport
import Testing

@Suite("Speculation")
struct SpeculationTests {
  private static let model = Result { try Models.tiny() }

  private func engine(
    _ speculation: Speculation, running: Int = 16, rows: Int = 64, cacheKiB: Int? = nil,
    takesRuns: Bool = true, of model: LoadedModel? = nil
  ) throws -> Engine {
    var configuration = EngineConfiguration()
    configuration.threads = 1
    (configuration.runningSequences, configuration.rowsPerStep) = (running, rows)
    configuration.cacheBytes = cacheKiB.map { $0 << 10 }
    configuration.speculation = speculation
    configuration.takesRuns = takesRuns
    configuration.waitingTokens = .max
    return try Engine(model: try model ?? Self.model.get(), configuration: configuration)
  }

  /// Requests that differ in their prompts, which repeat themselves, and in all that chooses tokens.
  private func requests(_ count: Int = 40, tokens: Int = 40) -> [GenerationRequest] {
    (0..<count).map { index in
      let pattern = [Token].random(3 + index % 9, seed: UInt64(index / 2))
      var request = GenerationRequest(prompt: Array(repeatElement(pattern, count: 4).joined()))
      request.sampling.temperature = index.isMultiple(of: 3) ? 0 : 0.8
      request.sampling.seed = UInt64(index)
      if index % 5 == 1 { (request.sampling.topP, request.sampling.topK) = (0.9, 20) }
      if index % 5 == 2 { request.sampling.frequencyPenalty = 0.6 }
      if index % 5 == 3 { request.sampling.repetitionPenalty = 1.2 }
      request.choice = index % 2
      request.stop.maximumTokens = tokens
      request.stop.atEndOfSequence = index.isMultiple(of: 4)
      request.alternatives = index.isMultiple(of: 2) ? 2 : nil
      if index % 7 == 3 { request.stop.strings = ["e", "q"] }
      if index % 6 == 5 {
        let sets = [Set((40..<60).map { Token($0) }), [71], [72], [73], [42, 43, 99]]
        request.constraint = RotatingConstraint(sets: sets)
      }
      return request
    }
  }

  /// The requests, which say what their answers are like: most of it, some of it, or nothing of it.
  private func predicting(
    _ answers: [Answer], in requests: [GenerationRequest]
  ) -> [GenerationRequest] {
    zip(requests, answers).enumerated().map { index, pair in
      var request = pair.0
      let wrong = [0, 7, 3, 1][index % 4]
      request.predicted = pair.1.tokens.enumerated().map { place, token in
        wrong > 0 && place % wrong == wrong - 1 ? (token + 1) % 320 : token
      }
      return request
    }
  }

  @Test("Answers are the same with drafts: alone, together, and where sequences lose their pages")
  func sameBits() async throws {
    let requests = requests()
    let expected = try await Answer.alone(requests, on: engine(.off, running: 1, rows: 256))
    let predicting = predicting(expected, in: requests)
    let bare = expected.map(\.regardlessOfUsage)
    let settings: [(Int, Int, Int?)] = [(1, 256, nil), (3, 64, nil), (16, 64, nil), (6, 32, 88)]
    for (running, rows, cacheKiB) in settings {
      let engine = try engine(.ngram, running: running, rows: rows, cacheKiB: cacheKiB)
      for requests in [requests, predicting] {
        let answers = try await Answer.together(requests, on: engine)
        #expect(answers.map(\.regardlessOfUsage) == bare, "\(running) side by side")
      }
      await engine.drain()
      let (drafted, accepted) = (
        engine.measures.draftedTokens, engine.measures.acceptedDraftTokens
      )
      #expect(running == 16 || (accepted > 0 && accepted < drafted))
      #expect(engine.status.freePages == engine.status.totalPages)
      #expect(cacheKiB == nil || engine.status.preemptions > 0)
    }
  }

  @Test("A prediction that is right takes a fraction of the steps, and is counted")
  func prediction() async throws {
    let engine = try engine(.ngram)
    var request = GenerationRequest.sampled(Prompt(.random(20, seed: 1)), tokens: 100)
    let plain = try await Answer(engine.generate(request))
    let before = engine.status.steps
    request.predicted = plain.tokens
    let predicted = try await Answer(engine.generate(request))
    #expect(predicted.regardlessOfUsage == plain.regardlessOfUsage)
    #expect(predicted.logprobs == plain.logprobs)
    #expect(engine.status.steps - before < 30)
    let usage = try #require(predicted.summary?.usage)
    #expect(usage.acceptedDraftTokens > 70)
    #expect(usage.acceptedDraftTokens + usage.rejectedDraftTokens <= 100)
    #expect(plain.summary?.usage.completionTokens == usage.completionTokens)
  }

  @Test("Nothing is drafted where layers have states, or unless it is asked for")
  func excluded() async throws {
    var request = GenerationRequest.sampled(Prompt(.random(20, seed: 1)), tokens: 30)
    request.predicted = try await Answer(engine(.off).generate(request)).tokens
    let plain = try engine(.off)
    _ = try await Answer(plain.generate(request))
    #expect(plain.measures.draftedTokens == 0)
    let architecture = try #require(TinyArchitecture.all.first { $0.name == "mamba" })
    let model = try Models.tiny { $0.architecture = architecture }
    let mamba = try engine(.ngram, of: model)
    _ = try await Answer(mamba.generate(request))
    #expect(mamba.measures.draftedTokens == 0)
  }

  @Test("A fork of a drafted answer goes the same way")
  func fork() async throws {
    let engine = try engine(.ngram)
    var request = GenerationRequest.sampled(Prompt(.random(20, seed: 1)), tokens: 60)
    let plain = try await Answer(engine.generate(request))
    request.predicted = plain.tokens
    let stream = try engine.generate(request)
    var (tokens, iterator) = ([Token](), stream.makeAsyncIterator())
    while tokens.count < 25, case .token(let token) = try await iterator.next() {
      tokens.append(token.token)
    }
    let fork = try await Answer(stream.fork(choice: 0))
    #expect(tokens + fork.tokens == plain.tokens)
  }

  @Test("Tokens without a choice are the same taken at once or one by one, in fewer steps")
  func runs() async throws {
    let sets = [[5], [6], [7], Set((40..<60).map { Token($0) }), [8], [9]] as [Set<Token>]
    let requests = requests(12).enumerated().map { index, request in
      var request = request
      request.constraint = RotatingConstraint(sets: sets)
      if index % 3 == 1 { request.constraint = RotatingConstraint(sets: sets, mayEndFrom: 20) }
      if index % 3 == 2 { request.constraint = RotatingConstraint(sets: sets, length: 30) }
      return request
    }
    let slow = try engine(.off, takesRuns: false)
    let expected = try await Answer.together(requests, on: slow)
    let settings: [(Speculation, Int?)] = [(.off, nil), (.ngram, nil), (.ngram, 192)]
    for (speculation, cacheKiB) in settings {
      let fast = try engine(speculation, rows: 32, cacheKiB: cacheKiB)
      let answers = try await Answer.together(requests, on: fast)
      #expect(answers.map(\.regardlessOfUsage) == expected.map(\.regardlessOfUsage))
      await fast.drain()
      #expect(fast.status.freePages == fast.status.totalPages)
    }
    // Without reports nothing keeps a run from being taken at once.
    var request = requests[0]
    request.alternatives = nil
    let steps = try await [true, false].mapAsync { takesRuns in
      let engine = try engine(.off, takesRuns: takesRuns)
      _ = try await Answer(engine.generate(request))
      await engine.drain()
      return engine.status.steps
    }
    #expect(steps[0] * 3 < steps[1])
  }
}

extension Array {
  /// What becomes of the elements, one after the other.
  fileprivate func mapAsync<Result>(
    _ transform: (Element) async throws -> Result
  ) async rethrows -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await transform(element)) }
    return results
  }
}
