import GPTModel
import TestSupport
import Testing

@Suite("Constraints")
struct ConstraintTests {
  private static let model = Result { try Models.tiny() }

  private static let sets: [Set<Token>] = [
    Set((10..<60).map { Token($0) }), Set(stride(from: Token(3), to: 300, by: 7)), [42, 43, 99],
  ]

  private func engine(
    running: Int = 16, rows: Int = 64, threads: Int = 1, cacheKiB: Int? = nil
  ) throws -> Engine {
    var configuration = EngineConfiguration()
    configuration.threads = threads
    (configuration.runningSequences, configuration.rowsPerStep) = (running, rows)
    configuration.cacheBytes = cacheKiB.map { $0 << 10 }
    return try Engine(model: try Self.model.get(), configuration: configuration)
  }

  /// Requests that differ in their prompts, their rules and their constraints.
  private func requests(_ count: Int = 16, tokens: Int = 24) -> [GenerationRequest] {
    (0..<count).map { index in
      var generator = SeededGenerator(seed: UInt64(index))
      var request = GenerationRequest(
        prompt: (0..<(3 + index * 5)).map { _ in Token.random(in: 0..<320, using: &generator) })
      request.sampling.temperature = index.isMultiple(of: 3) ? 0 : 0.9
      request.sampling.seed = UInt64(index)
      if index % 4 == 1 { (request.sampling.topP, request.sampling.topK) = (0.9, 20) }
      if index % 4 == 2 { request.sampling.frequencyPenalty = 0.6 }
      request.stop.maximumTokens = tokens
      request.stop.atEndOfSequence = false
      request.alternatives = 2
      // Some have none, beside which the others are to change nothing.
      let sets = Array(Self.sets.prefix(index % 4))
      request.constraint = sets.isEmpty ? nil : RotatingConstraint(sets: sets)
      return request
    }
  }

  @Test("Answers have the same bits alone, together, and where sequences lose their pages")
  func sameBits() async throws {
    let requests = requests()
    let expected = try await Answer.alone(requests, on: try engine(running: 1, rows: 256))
    for (request, answer) in zip(requests, expected) {
      guard let constraint = request.constraint as? RotatingConstraint else { continue }
      for (place, token) in answer.tokens.enumerated() {
        #expect(constraint.sets[place % constraint.sets.count].contains(token))
      }
    }
    #expect(expected.allSatisfy { $0.tokens.count == 24 && $0.summary?.reason == .length })
    for threads in [1, 2] {
      #expect(try await Answer.together(requests, on: engine(threads: threads)) == expected)
    }
    let small = try engine(rows: 32, cacheKiB: 192)
    #expect(try await Answer.together(requests, on: small) == expected)
    await small.drain()
    #expect(small.status.preemptions > 0)
    #expect(small.status.freePages == small.status.totalPages)
  }

  @Test("A set of tokens is as good as a bias of minus infinity for all others")
  func bias() async throws {
    let engine = try engine()
    for var request in requests(6) {
      request.constraint = RotatingConstraint(sets: [Self.sets[1]])
      let constrained = try await Answer(try engine.generate(request))
      request.constraint = nil
      for token: Token in 0..<320 where !Self.sets[1].contains(token) {
        request.sampling.logitBias[token] = -.infinity
      }
      let biased = try await Answer(try engine.generate(request))
      #expect(constrained.tokens == biased.tokens)
      #expect(constrained.text == biased.text)
      #expect(constrained.logprobs == biased.logprobs)
    }
  }

  @Test("An answer that is all prescribed is given, and ends where its constraint does")
  func fixed() async throws {
    let tokens: [Token] = [40, 50, 300, 7, 7, 41]
    for answered in [0, 1, 5, 6] {
      var request = requests(1)[0]
      let constraint = RotatingConstraint.fixed(tokens)
      request.constraint = constraint
      request.prompt += tokens.prefix(answered)
      request.answered = answered
      let answer = try await Answer(try engine().generate(request))
      #expect(answer.tokens == Array(tokens.dropFirst(answered)))
      #expect(answer.summary?.reason == .stop)
      #expect(answer.summary?.endToken == nil)
      #expect(answer.summary?.usage.completionTokens == tokens.count - answered)
      // They are what the model thought, and not what the constraint left.
      #expect(answer.logprobs.count == 3 * (tokens.count - answered))
      #expect(answer.logprobs.allSatisfy { Float(bitPattern: $0) < 0 })
      #expect(constraint.masks == tokens.count - answered)
    }
  }

  @Test("Forks follow the constraint from where they begin, with the bits of a fresh request")
  func forks() async throws {
    for request in requests(8).filter({ $0.constraint != nil && $0.sampling.temperature > 0 }) {
      let whole = try await Answer(try engine().generate(request))
      for position in [0, 1, 10] {
        let stream = try engine().generate(request)
        var iterator = stream.makeAsyncIterator()
        for _ in 0..<position { _ = try await iterator.next() }
        let same = try await Answer(try stream.fork(choice: 0))
        #expect(same.tokens == Array(whole.tokens.dropFirst(position)))
        #expect(same.logprobs == Array(whole.logprobs.dropFirst(3 * position)))
        var fresh = request
        fresh.prompt += whole.tokens.prefix(position)
        (fresh.answered, fresh.choice) = (position, 3)
        let other = try await Answer(try stream.fork(choice: 3))
        let alone = try await Answer.alone([fresh], on: engine())[0]
        #expect(other.tokens == alone.tokens)
        #expect(other.logprobs == alone.logprobs)
        #expect(other.tokens != same.tokens)
      }
    }
  }

  @Test("Each mask is worked out once, though sequences lose their pages")
  func masks() async throws {
    let constraint = RotatingConstraint(sets: Self.sets)
    let requests = requests().map {
      var request = $0
      request.constraint = constraint
      return request
    }
    let engine = try engine(rows: 32, cacheKiB: 192)
    let answers = try await Answer.together(requests, on: engine)
    #expect(engine.status.preemptions > 0)
    let chosen = answers.reduce(0) { $0 + $1.tokens.count }
    #expect(constraint.masks == chosen)
  }
}

extension ConstraintTests {
  @Test("A generation that may choose nothing fails, and leaves the others and what it computed")
  func nothing() async throws {
    let engine = try engine()
    var request = requests(16)[15]
    for sets: [Set<Token>] in [[[]], [Self.sets[0], []], [[400, -1]]] {
      request.constraint = RotatingConstraint(sets: sets)
      let stream = try engine.generate(request)
      await #expect(throws: EngineError.noTokenAllowed) { try await Answer(stream) }
    }
    // The answer that is continued is not one that the constraint allows.
    var continued = request
    continued.constraint = RotatingConstraint(sets: [Self.sets[0]])
    continued.prompt.append(0)
    continued.answered = 1
    let stream = try engine.generate(continued)
    await #expect(throws: EngineError.noTokenAllowed) { try await Answer(stream) }
    request.constraint = nil
    let after = try await Answer(try engine.generate(request))
    #expect(after.tokens.count == 24)
    // 78 tokens have two full pages, which are finite.
    #expect(after.summary?.usage.cachedTokens == 64)
    #expect(engine.measures.endings[.error] == 4)
  }

  @Test("An end of sequence ends an answer where the constraint allows it, and only there")
  func ending() async throws {
    let engine = try engine()
    let end = try #require(engine.model.tokenizer.endsOfSequence.first)
    var request = requests(1)[0]
    request.stop.atEndOfSequence = true
    request.constraint = RotatingConstraint(sets: [[40], [41], [end]])
    let answer = try await Answer(try engine.generate(request))
    #expect(answer.tokens == [40, 41])
    #expect(answer.summary?.reason == .stop)
    #expect(answer.summary?.endToken == end)
    // No least number of tokens, and no bias, keeps it from the only end that there is.
    request.stop.minimumTokens = 3
    request.sampling.logitBias = [end: -.infinity, 41: -.infinity]
    let longer = try await Answer(try engine.generate(request))
    #expect(longer.tokens == [40, 41])
    #expect(longer.summary?.endToken == end)
  }

  @Test(
    "Where an answer may end, the tokens that end it are allowed; where it must not go on, only they"
  )
  func ends() async throws {
    let engine = try engine()
    let ends = engine.model.tokenizer.endsOfSequence
    var request = requests(1)[0]
    request.stop.maximumTokens = 8
    request.sampling.logitBias = Dictionary(uniqueKeysWithValues: ends.map { ($0, 100) })
    request.constraint = RotatingConstraint(sets: [[40], [41, 50], []], mayEndFrom: 1)
    for (least, ignored, count) in [
      (0, false, 1), (2, false, 2), (0, true, 2), (2, true, 2), (5, true, 2), (5, false, 2),
    ] {
      request.stop.minimumTokens = least
      request.stop.atEndOfSequence = !ignored
      let answer = try await Answer(try engine.generate(request))
      #expect(answer.tokens.count == count)
      #expect(answer.summary?.reason == .stop)
      #expect(answer.summary?.endToken.map(ends.contains) == true)
      #expect(answer.summary?.usage.completionTokens == count + 1)
    }
    // A stop token is an end like the model's own; where the answer may not end, it is text or nothing.
    request.stop.tokens = [60]
    request.stop.minimumTokens = 0
    request.sampling.logitBias = [60: 100]
    let stopped = try await Answer(try engine.generate(request))
    #expect(stopped.tokens == [40])
    #expect(stopped.summary?.endToken == 60)
  }

  @Test("A mask of all tokens changes nothing, and neighbours with constraints change nothing")
  func neighbours() async throws {
    let all = Set((0..<320).map { Token($0) })
    var requests = requests()
    for index in requests.indices { requests[index].constraint = nil }
    let expected = try await Answer.alone(requests, on: try engine(running: 1, rows: 256))
    var masked = requests
    for index in masked.indices { masked[index].constraint = RotatingConstraint(sets: [all]) }
    #expect(try await Answer.together(masked, on: engine()) == expected)
    var mixed = requests
    for index in mixed.indices where index.isMultiple(of: 2) {
      mixed[index].constraint = RotatingConstraint(sets: Self.sets)
    }
    let answers = try await Answer.together(mixed, on: engine())
    for index in mixed.indices where !index.isMultiple(of: 2) {
      #expect(answers[index] == expected[index])
    }
  }
}
