import Tensor
import TestSupport
import Testing

@testable import GPTModel

@Suite("Mailbox")
struct MailboxTests {
  private static let limits: SchedulerLimits = {
    var limits = SchedulerLimits(
      rowsPerStep: 8, runningSequences: 1, waitingSequences: 2, pages: 6, positionsPerPage: 4)
    limits.waitingTokens = 10
    limits.sequencesPerClient = 3
    return limits
  }()

  private let mailbox = Mailbox(limits: Self.limits, waitingForRoom: 2)
  private let tokenizer: Tokenizer
  private let head: PooledHead

  init() throws {
    let model = try Models.tiny()
    tokenizer = model.tokenizer
    head = try model.makePooledHead(
      compute: Compute(processor: try Processor(limit: .scalar), threads: 1))
  }

  /// Submits a request that nobody waits for.
  @discardableResult
  private func submit(tokens: Int = 4, client: String = "") throws -> SequenceID {
    var request = GenerationRequest(prompt: Array(repeating: 1, count: tokens))
    request.terms.client = client
    let (_, continuation) = AsyncThrowingStream.makeStream(
      of: GenerationEvent.self, throwing: (any Error).self)
    let id = try mailbox.reserve(request.terms, tokens: tokens)
    let generation = Generation(
      request: request, maximumTokens: 8, tokenizer: tokenizer, head: head,
      continuation: continuation)
    generation.id = id
    mailbox.enqueue(generation)
    return id
  }

  private func publish(_ changes: [PhaseChange] = [], ended: [SequenceID] = []) {
    mailbox.publish(EngineStatus(), changes: changes, ended: ended, isStepping: true)
  }

  private var waiting: [Int] { [mailbox.status.waiting, mailbox.status.waitingTokens] }

  @Test("One cancelled while it waits frees its place at once, though the engine never hears of it")
  func atOnce() throws {
    let first = try submit()
    try submit()
    #expect(throws: EngineError.queueFull(limit: 2)) { try submit() }
    mailbox.cancel(first)
    #expect(waiting == [1, 4])
    try submit(tokens: 6)
    #expect(waiting == [2, 10])
    #expect(mailbox.status.cancelToFree[.queued].count == 1)
  }

  @Test("Places, tokens and the share of a client count once, whatever comes twice or late")
  func once() throws {
    let ids = [try submit(client: "a"), try submit(client: "a")]
    // The step that is being planned starts the first, which is cancelled meanwhile.
    for _ in 0..<3 { mailbox.cancel(ids[0]) }
    #expect(waiting == [1, 4])
    publish([PhaseChange(id: ids[0], phase: .prefilling)])
    #expect(waiting == [1, 4])
    publish(ended: [ids[0]])
    publish(ended: [ids[0]])
    #expect(waiting == [1, 4])
    publish([PhaseChange(id: ids[1], phase: .prefilling)])
    #expect(waiting == [0, 0])
    try submit(client: "a")
    try submit(client: "a")
    #expect(throws: EngineError.queueFull(limit: 2)) { try submit(client: "a") }
    // It lost its pages with a token more, and waits again, beyond what is taken from outside.
    publish([PhaseChange(id: ids[1], phase: .queued, tokens: 5)])
    #expect(waiting == [3, 13])
    mailbox.cancel(ids[1])
    #expect(waiting == [2, 8])
    #expect(mailbox.status.cancelToFree[.queued].count == 2)
  }

  @Test("One cancelled while it runs keeps what it holds until the engine has ended it")
  func running() throws {
    let id = try submit(client: "a")
    publish([PhaseChange(id: id, phase: .prefilling), PhaseChange(id: id, phase: .decoding)])
    _ = mailbox.take(idle: false)
    mailbox.cancel(id)
    let commands = try #require(mailbox.take(idle: false))
    guard case .cancel(id, let cancellation)? = commands.first else {
      Issue.record("no cancellation")
      return
    }
    #expect(cancellation.phase == .decoding)
    let second = try submit(client: "a")
    publish([PhaseChange(id: second, phase: .prefilling)])
    try submit(client: "a")
    #expect(throws: EngineError.tooManyForClient(limit: 3)) { try submit(client: "a") }
    publish(ended: [id])
    try submit(client: "a")
    #expect(throws: EngineError.queueFull(limit: 2)) { try submit(client: "a") }
    _ = mailbox.take(idle: false)
    mailbox.cancel(id)
    #expect(mailbox.take(idle: false)?.isEmpty == true)
  }

  @Test("Room is refused for the reasons for which the shortest request would be")
  func room() async throws {
    func check(_ client: String) throws { try mailbox.checkRoom(for: client) }
    try check("a")
    let first = try submit(tokens: 10, client: "a")
    #expect(throws: EngineError.tokensQueued(limit: 10)) { try check("b") }
    publish([PhaseChange(id: first, phase: .prefilling)])
    try submit(client: "a")
    try check("a")
    publish([PhaseChange(id: try submit(client: "a"), phase: .prefilling)])
    #expect(throws: EngineError.tooManyForClient(limit: 3)) { try check("a") }
    try check("b")
    try submit(client: "b")
    #expect(throws: EngineError.queueFull(limit: 2)) { try check("b") }
    let drained = Task { [mailbox] in await mailbox.drain() }
    mailbox.stop()
    _ = mailbox.abandon()
    await drained.value
    #expect(throws: EngineError.shuttingDown) { try check("b") }
  }

  @Test("Once it drains, requests are refused, and draining ends with the last one")
  func draining() async throws {
    let id = try submit()
    let drained = Task { [mailbox] in await mailbox.drain() }
    publish(ended: [id])
    await drained.value
    #expect(throws: EngineError.shuttingDown) { try submit() }
  }

  @Test(
    "What a drain does not wait for is cut, those included that had a place and were not there yet")
  func cutting() async throws {
    let running = try submit()
    publish([PhaseChange(id: running, phase: .prefilling)])
    let reserved = try mailbox.reserve(RequestTerms(), tokens: 1)
    let drained = Task { [mailbox] in await mailbox.drain() }
    while (try? mailbox.checkRoom(for: "a")) != nil { await Task.yield() }
    mailbox.cut()
    mailbox.cut()
    let commands = try #require(mailbox.take(idle: false))
    let cuts = commands.count { if case .cut = $0 { true } else { false } }
    #expect(cuts == 1)
    mailbox.noteCut(1)
    publish(ended: [running])
    let (events, continuation) = AsyncThrowingStream.makeStream(
      of: GenerationEvent.self, throwing: (any Error).self)
    let generation = Generation(
      request: GenerationRequest(prompt: [1]), maximumTokens: 8, tokenizer: tokenizer, head: head,
      continuation: continuation)
    generation.id = reserved
    mailbox.enqueue(generation)
    await drained.value
    #expect(mailbox.cutGenerations == 2)
    #expect(mailbox.take(idle: false)?.isEmpty == true)
    await #expect(throws: EngineError.shuttingDown) { for try await _ in events {} }
  }
}
