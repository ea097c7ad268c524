import Foundation
import GPTModel
import TestSupport
import Testing

@Suite("Engine")
struct EngineTests {
  private func engine(_ change: (inout EngineConfiguration) -> Void = { _ in }) throws -> Engine {
    var configuration = EngineConfiguration()
    configuration.threads = 1
    change(&configuration)
    return try Engine(model: try Models.tiny(), configuration: configuration)
  }

  private func request(_ prompt: [Token], tokens: Int?) -> GenerationRequest {
    var stop = StopCondition()
    stop.maximumTokens = tokens
    stop.atEndOfSequence = false
    return GenerationRequest(prompt: prompt, sampling: .greedy, stop: stop)
  }

  @Test("A generation reports each token, then how it ended and what it used")
  func events() async throws {
    let answer = try await Answer(try engine().generate(request([1, 2, 3], tokens: 5)))
    #expect(answer.tokens.count == 5)
    #expect(answer.summary?.reason == .length)
    #expect(answer.summary?.usage == Usage(promptTokens: 3, completionTokens: 5))
  }

  @Test("More tokens than the context leaves are clamped, and the last position is used")
  func clamped() async throws {
    let engine = try engine { $0.contextLength = 32 }
    let answer = try await Answer(try engine.generate(request([1, 2, 3], tokens: 1000)))
    #expect(answer.tokens.count == 29)
    #expect(answer.summary?.reason == .length)
  }

  @Test("Empty, over-long and unknown prompts are refused with the figures")
  func refusals() throws {
    let engine = try engine { $0.contextLength = 32 }
    #expect(throws: EngineError.emptyPrompt) { try engine.generate(request([], tokens: 1)) }
    #expect(throws: EngineError.unknownToken(320)) {
      try engine.generate(request([320], tokens: 1))
    }
    #expect(throws: EngineError.promptTooLong(tokens: 32, context: 32)) {
      try engine.generate(request(Array(repeating: 1, count: 32), tokens: 1))
    }
  }

  @Test("A stop token ends the answer and is counted, but is no part of it")
  func stopToken() async throws {
    let engine = try engine()
    let free = try await Answer(try engine.generate(request([1, 2, 3], tokens: 8)))
    var bounded = request([1, 2, 3], tokens: 8)
    let end = try #require(free.tokens.dropFirst(3).first)
    let place = try #require(free.tokens.firstIndex(of: end))
    bounded.stop.tokens = [end]
    let answer = try await Answer(try engine.generate(bounded))
    #expect(answer.tokens == Array(free.tokens[..<place]))
    #expect(answer.summary?.reason == .stop)
    #expect(answer.summary?.usage.completionTokens == place + 1)
    #expect(answer.summary?.endToken == end)
    #expect(free.summary?.endToken == nil)
  }

  @Test("An end token may not be chosen before the least number of tokens")
  func minimumTokens() async throws {
    let engine = try engine()
    let free = try await Answer(try engine.generate(request([1, 2, 3], tokens: 8)))
    var bounded = request([1, 2, 3], tokens: 8)
    bounded.stop.tokens = [try #require(free.tokens.first)]
    bounded.stop.minimumTokens = 4
    let answer = try await Answer(try engine.generate(bounded))
    #expect(answer.tokens.count >= 4)
  }

  @Test("A stop string that spans tokens is cut off, and what it withheld is not lost otherwise")
  func stopString() async throws {
    let engine = try engine()
    let free = try await Answer(try engine.generate(request([5, 6, 7], tokens: 24)))
    let text = free.text
    let scalars = Array(text.unicodeScalars)
    let wanted = String(String.UnicodeScalarView(scalars[(scalars.count / 2)...].prefix(3)))
    let before = try #require(text.unicodeScalars.count > 6 ? text.range(of: wanted) : nil)
    var bounded = request([5, 6, 7], tokens: 24)
    bounded.stop.strings = [wanted]
    let answer = try await Answer(try engine.generate(bounded))
    #expect(answer.text == String(text[..<before.lowerBound]))
    #expect(answer.summary?.reason == .stopString(wanted))
    bounded.stop.showsString = true
    let whole = try await Answer(try engine.generate(bounded))
    #expect(whole.text == String(text[..<before.upperBound]))
    #expect(whole.summary?.reason == .stopString(wanted))
    bounded.stop.strings = [text + "never"]
    #expect(try await Answer(try engine.generate(bounded)).text == text)
  }

  @Test("A stop string ends nothing before the least number of tokens")
  func stopStringAfterMinimum() async throws {
    let engine = try engine()
    let free = try await Answer(try engine.generate(request([5, 6, 7], tokens: 12)))
    let first = try #require(free.text.unicodeScalars.first)
    var bounded = request([5, 6, 7], tokens: 12)
    bounded.stop.strings = [String(first)]
    let stopped = try await Answer(try engine.generate(bounded))
    #expect(stopped.summary?.reason == .stopString(String(first)))
    bounded.stop.minimumTokens = 12
    let held = try await Answer(try engine.generate(bounded))
    #expect(held.tokens.count >= 12)
    #expect(held.text.unicodeScalars.starts(with: free.text.unicodeScalars.dropLast()))
  }

  @Test("Leaving the loop frees the pages, and the engine goes on")
  func cancellation() async throws {
    let engine = try engine()
    let total = engine.status.totalPages
    for _ in 0..<5 {
      var seen = 0
      for try await _ in try engine.generate(request([1, 2, 3], tokens: nil)) {
        seen += 1
        if seen == 3 { break }
      }
    }
    await engine.drain()
    #expect(engine.status.freePages == total)
    #expect(engine.status.running == 0)
  }

  @Test("A stream that nobody reads is cancelled when it is dropped")
  func dropped() async throws {
    let engine = try engine()
    for _ in 0..<5 { _ = try engine.generate(request([1, 2, 3], tokens: nil)) }
    await engine.drain()
    #expect(engine.status.freePages == engine.status.totalPages)
  }

  @Test("Cancelling the task that reads ends the generation")
  func cancelledTask() async throws {
    let engine = try engine()
    let (started, signal) = AsyncStream.makeStream(of: Void.self)
    let request = request([1, 2, 3], tokens: nil)
    let task = Task {
      for try await _ in try engine.generate(request) { signal.yield() }
    }
    for await _ in started { break }
    task.cancel()
    _ = await task.result
    await engine.drain()
    #expect(engine.status.freePages == engine.status.totalPages)
  }

  @Test("A drained engine refuses requests")
  func draining() async throws {
    let engine = try engine()
    await engine.drain()
    #expect(throws: EngineError.shuttingDown) { try engine.generate(request([1], tokens: 1)) }
  }

  @Test("An engine lives as long as its streams, and no longer")
  func lifetime() async throws {
    var engine: Engine? = try engine()
    weak let watched = engine
    let events = try #require(try engine?.generate(request([1, 2, 3], tokens: 100)))
    engine = nil
    #expect(try await Answer(consume events).tokens.count == 100)
    #expect(watched == nil)
  }

  @Test("Beyond the queue's limit requests are refused at once")
  func queueLimit() throws {
    let engine = try engine {
      $0.runningSequences = 1
      $0.waitingRequests = 2
    }
    var streams: [GenerationStream] = []
    #expect(throws: EngineError.queueFull(limit: 2)) {
      for _ in 0..<64 { streams.append(try engine.generate(request([1, 2], tokens: nil))) }
    }
    #expect(streams.count >= 2)
  }

  @Test("A seed gives the same answer again; another choice of it gives another answer")
  func seeds() async throws {
    let engine = try engine()
    var sampled = request([1, 2, 3], tokens: 32)
    sampled.sampling.temperature = 1
    sampled.sampling.seed = 7
    let first = try await Answer(try engine.generate(sampled))
    let second = try await Answer(try engine.generate(sampled))
    sampled.choice = 1
    let other = try await Answer(try engine.generate(sampled))
    #expect(first == second)
    #expect(first.tokens != other.tokens)
  }
}
