import GPTModel
import Testing

@Suite("How streams and engines end")
struct EndTests {
  private func engine(_ change: (inout EngineConfiguration) -> Void = { _ in }) throws -> Engine {
    var configuration = EngineConfiguration()
    configuration.threads = 1
    change(&configuration)
    return try Engine(model: try Models.tiny(), configuration: configuration)
  }

  private func request(tokens: Int?, seed: UInt64? = 3) -> GenerationRequest {
    var request = GenerationRequest(prompt: [1, 2, 3])
    request.stop.maximumTokens = tokens
    request.stop.atEndOfSequence = false
    request.sampling.seed = seed
    return request
  }

  @Test("A task that is cancelled while it reads gets a CancellationError")
  func cancelled() async throws {
    let engine = try engine()
    let (started, signal) = AsyncStream.makeStream(of: Void.self)
    let request = request(tokens: nil)
    let task = Task {
      for try await _ in try engine.generate(request) {
        signal.yield()
        while !Task.isCancelled { await Task.yield() }
      }
    }
    for await _ in started { break }
    task.cancel()
    // What was reported before may still be read; a generation that had come to its end is whole.
    switch await task.result {
    case .success: #expect(engine.status.running == 0)
    case .failure(let error): #expect(error is CancellationError)
    }
    let early = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await Answer(try engine.generate(request))
    }
    early.cancel()
    await #expect(throws: CancellationError.self) { try await early.value }
  }

  @Test("Events that were read before cannot be read again, and that is an error")
  func readTwice() async throws {
    let stream = try engine().generate(request(tokens: 2))
    #expect(try await Answer(stream).tokens.count == 2)
    await #expect(throws: EngineError.streamEnded) { try await Answer(stream) }
    var iterator = try engine().generate(request(tokens: 1)).makeAsyncIterator()
    while try await iterator.next() != nil {}
    #expect(
      try await iterator.next() == nil, "after the end there is nothing, as often as one asks")
  }

  @Test("A drain waits no longer than it is told, and counts what it cut")
  func drainWithin() async throws {
    let engine = try engine { $0.runningSequences = 1 }
    let streams = try (0..<8).map { _ in try engine.generate(request(tokens: nil)) }
    let cut = await engine.drain(within: .zero)
    var failed = 0
    for stream in streams {
      do {
        _ = try await Answer(stream)
      } catch {
        #expect(error as? EngineError == .shuttingDown)
        failed += 1
      }
    }
    #expect(cut == failed)
    #expect(engine.status.running == 0 && engine.status.waiting == 0)
    #expect(engine.status.freePages == engine.status.totalPages)
    #expect(throws: EngineError.shuttingDown) { try engine.generate(request(tokens: 1)) }
  }

  @Test("A drain that has time enough cuts nothing")
  func drainWithTime() async throws {
    let engine = try engine()
    let stream = try engine.generate(request(tokens: 3))
    #expect(await engine.drain(within: .seconds(3600)) == 0)
    #expect(try await Answer(stream).tokens.count == 3)
  }

  @Test("A seed that nobody names is drawn, and reported; with it the answer comes again")
  func seeds() async throws {
    let engine = try engine()
    let streams = try (0..<2).map { _ in try engine.generate(request(tokens: 16, seed: nil)) }
    let seeds = streams.map(\.seed)
    #expect(seeds[0] != nil && seeds[0] != seeds[1])
    let first = try await Answer(streams[0])
    #expect(first.summary?.seed == seeds[0])
    let again = try await Answer(try engine.generate(request(tokens: 16, seed: seeds[0])))
    #expect(again == first)
    var greedy = request(tokens: 2, seed: nil)
    greedy.sampling = .greedy
    #expect(try engine.generate(greedy).seed == nil)
  }

  @Test("Engines that share threads compute the same bits as with their own")
  func sharedThreads() async throws {
    let first = try engine { $0.threads = 2 }
    let second = try Engine(model: try Models.tiny(), compute: first.compute)
    #expect(second.compute === first.compute)
    let requests = (0..<6).map {
      GenerationRequest.sampled(Prompt(.random(20, seed: $0)), tokens: 12, seed: $0)
    }
    let alone = try await Answer.alone(requests, on: try engine())
    async let one = Answer.together(requests, on: first)
    async let other = Answer.together(requests, on: second)
    let answers = try await [one, other]
    for together in answers {
      #expect(together.map(\.tokens) == alone.map(\.tokens))
      #expect(together.map(\.logprobs) == alone.map(\.logprobs))
    }
  }
}
