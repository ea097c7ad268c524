import GPTModel
import TestSupport
import Testing

@Suite("Waiting for room")
struct SubmitTests {
  private static let count = 1000

  private let encoder = SeededEncoder(width: TinyModel().width)

  private func engine(_ change: (inout EngineConfiguration) -> Void = { _ in }) throws -> Engine {
    var configuration = EngineConfiguration()
    configuration.threads = 1
    change(&configuration)
    return try Engine(model: try Models.tiny(), configuration: configuration)
  }

  /// One of a few kinds of requests.
  private func request(_ kind: Int, tokens: Int? = 4, client: String = "") -> GenerationRequest {
    var request = GenerationRequest.sampled(
      Prompt(.random(3 + kind % 7, seed: UInt64(kind))), tokens: tokens ?? 1000,
      seed: UInt64(kind))
    request.stop.maximumTokens = tokens
    request.terms.client = client
    return request
  }

  /// An engine that computes one request until its encoder goes on, whose queue has one more, and for whose
  /// room so many may wait.
  private func fullEngine(waiting: Int = 8) async throws -> (Engine, [GenerationStream]) {
    let engine = try engine {
      ($0.runningSequences, $0.waitingRequests, $0.waitingForRoom) = (1, 1, waiting)
      $0.attachmentEncoder = encoder
    }
    let payload = SeededEncoder.Payload(seed: 3, rows: 8, fault: .waits)
    var slow = GenerationRequest(prompt: try Prompt(20, seed: 1, [(8, payload)]))
    slow.stop.maximumTokens = 1
    let first = try engine.generate(slow)
    await encoder.waitUntilStarted()
    return (engine, [first, try engine.generate(request(1))])
  }

  /// Returns once so many requests wait for room.
  private func untilWaiting(_ count: Int, on engine: Engine) async {
    while engine.status.waitingForRoom < count { await Task.yield() }
  }

  @Test("A thousand at once are all answered, with the bits of one after the other")
  func thousand() async throws {
    let kinds = 20
    let engine = try engine { ($0.runningSequences, $0.waitingRequests) = (8, 16) }
    let alone = try await Answer.alone((0..<kinds).map { request($0) }, on: engine)
    let answers = try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
      for index in 0..<Self.count {
        let request = request(index % kinds, client: "\(index % 3)")
        group.addTask { (index, try await Answer(try await engine.submit(request))) }
      }
      var answers: [Int: Answer] = [:]
      for try await (index, answer) in group { answers[index] = answer }
      return answers
    }
    #expect(answers.count == Self.count)
    for (index, answer) in answers {
      #expect(answer.tokens == alone[index % kinds].tokens)
      #expect(answer.logprobs == alone[index % kinds].logprobs)
    }
  }

  @Test("Of a thousand a third is cancelled; the others are answered, and nothing is lost")
  func cancelledThird() async throws {
    let kinds = 20
    let engine = try engine { ($0.runningSequences, $0.waitingRequests) = (8, 16) }
    let alone = try await Answer.alone((0..<kinds).map { request($0) }, on: engine)
    let tasks = (0..<Self.count).map { index in
      let request = request(index % kinds)
      return Task { try await Answer(try await engine.submit(request)) }
    }
    for index in stride(from: 0, to: Self.count, by: 3) { tasks[index].cancel() }
    var (answered, cancelled) = (0, 0)
    for (index, task) in tasks.enumerated() {
      switch await task.result {
      case .success(let answer):
        answered += 1
        #expect(answer.tokens == alone[index % kinds].tokens)
      case .failure(let error):
        cancelled += 1
        #expect(index.isMultiple(of: 3) && error is CancellationError)
      }
    }
    #expect(answered + cancelled == Self.count)
    #expect(answered >= Self.count - (Self.count + 2) / 3)
    await engine.drain()
    #expect(engine.status.freePages == engine.status.totalPages)
    #expect(engine.status.waitingForRoom == 0 && engine.status.waiting == 0)
  }

  @Test(
    "Where there is no room, one waits and the other is refused; room goes to the one that waits")
  func room() async throws {
    var (engine, streams) = try await fullEngine()
    let task = Task { [engine] in try await engine.submit(request(5)) }
    await untilWaiting(1, on: engine)
    #expect(throws: EngineError.queueFull(limit: 1)) { try engine.generate(request(6)) }
    // The place of the one in the queue is free at once, though the step goes on.
    streams.removeLast()
    let stream = try await task.value
    encoder.goOn()
    #expect(try await Answer(stream).tokens.count == 4)
  }

  @Test("A task that is cancelled while it waits for room leaves, and the engine goes on as before")
  func leaving() async throws {
    let (engine, streams) = try await fullEngine()
    let task = Task { try await engine.submit(request(5)) }
    await untilWaiting(1, on: engine)
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(engine.status.waitingForRoom == 0)
    let early = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await engine.submit(request(5))
    }
    early.cancel()
    await #expect(throws: CancellationError.self) { try await early.value }
    #expect(engine.status.waiting == 1)
    encoder.goOn()
    #expect(try await Answer(streams[1]).tokens.count == 4)
  }

  @Test("No more wait for room than may, and none when the engine ends")
  func bounded() async throws {
    let (engine, streams) = try await fullEngine(waiting: 2)
    let tasks = (0..<2).map { index in Task { try await engine.submit(request(index)) } }
    await untilWaiting(2, on: engine)
    await #expect(throws: EngineError.queueFull(limit: 3)) { try await engine.submit(request(9)) }
    let drained = Task { await engine.drain() }
    for task in tasks {
      await #expect(throws: EngineError.shuttingDown) { try await task.value }
    }
    await #expect(throws: EngineError.shuttingDown) { try await engine.submit(request(9)) }
    encoder.goOn()
    await drained.value
    #expect(try await Answer(streams[1]).tokens.count == 4)
  }

  @Test("A prompt that never has room in the queue is refused at once")
  func neverRoom() async throws {
    let engine = try engine { $0.waitingTokens = 2 }
    await #expect(throws: EngineError.tokensQueued(limit: 2)) {
      try await engine.submit(request(0))
    }
  }

  @Test("Who waits for room longer than it is ready to is refused")
  func waitedTooLong() async throws {
    let (engine, streams) = try await fullEngine()
    var request = request(5)
    request.terms.longestWait = 0
    await #expect(throws: EngineError.waitedTooLong) { try await engine.submit(request) }
    encoder.goOn()
    #expect(try await Answer(streams[1]).tokens.count == 4)
  }
}
