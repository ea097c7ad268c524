import GPTModel
import Tensor
import TestSupport
import Testing

@Suite("Attachments")
struct AttachmentTests {
  /// How an engine is set up.
  struct Setting: Sendable, CustomTestStringConvertible {
    var rows = 512
    var running = 8
    var threads = 2
    /// Cache in KiB; small ones force sequences to give their pages back and start over.
    var cacheKiB: Int?
    /// Rows of attachments that are kept at a time.
    var storeRows = 1000
    var encodedRows = 64

    var testDescription: String {
      "\(rows) rows, \(running) side by side, \(cacheKiB ?? 0) KiB, \(storeRows) rows of attachments"
    }

    func engine(
      _ encoder: SeededEncoder, architecture: TinyArchitecture = .llama
    ) throws -> Engine {
      var configuration = EngineConfiguration()
      configuration.threads = threads
      configuration.rowsPerStep = rows
      configuration.runningSequences = running
      configuration.cacheBytes = cacheKiB.map { $0 << 10 }
      configuration.attachmentEncoder = encoder
      configuration.attachmentBytes = storeRows * encoder.width * 4
      configuration.attachmentRowsPerStep = encodedRows
      return try Engine(
        model: AttachmentTests.model(architecture), configuration: configuration)
    }
  }

  private static func model(_ architecture: TinyArchitecture) throws -> LoadedModel {
    try Models.tiny {
      $0.format = .fourBitWithMinimum
      $0.architecture = architecture
    }
  }

  private static let width = TinyModel().width

  private func request(_ prompt: Prompt, tokens: Int = 12) -> GenerationRequest {
    .sampled(prompt, tokens: tokens)
  }

  private func payload(_ seed: UInt64, _ rows: Int) -> SeededEncoder.Payload {
    SeededEncoder.Payload(seed: seed, rows: rows)
  }

  @Test("Attachments of unequal digests share nothing from the first of their positions on")
  func unequal() async throws {
    let encoder = SeededEncoder(width: Self.width)
    let engine = try Setting().engine(encoder)
    let first = try Prompt(120, seed: 1, [(40, payload(1, 50))])
    let second = try Prompt(120, seed: 1, [(40, payload(2, 50))])
    #expect(first.tokens == second.tokens)
    let (one, other) = (
      try await Answer(engine.generate(request(first))),
      try await Answer(engine.generate(request(second)))
    )
    let words = try await Answer(engine.generate(request(Prompt(first.tokens))))
    // The page before the attachment is all that they have in common.
    let cached = [one, other, words].map { $0.summary?.usage.cachedTokens }
    #expect(cached == [0, 32, 32])
    #expect(Set([one.logprobs, other.logprobs, words.logprobs]).count == 3)
    #expect(encoder.count == 2)
    let begins = try Prompt(100, seed: 1, [(0, payload(1, 50))])
    let alike = try Prompt(100, seed: 1, [(0, payload(2, 50))])
    _ = try await Answer(engine.generate(request(begins)))
    let none = try await Answer(engine.generate(request(alike)))
    #expect(none.summary?.usage.cachedTokens == 0)
  }

  @Test(
    "Attachments of equal digests share pages, and are not encoded again",
    arguments: TinyArchitecture.all)
  func equal(architecture: TinyArchitecture) async throws {
    let spec = try Self.model(architecture).spec
    let encoder = SeededEncoder(width: spec.embedding.width ?? spec.width)
    let engine = try Setting().engine(encoder, architecture: architecture)
    let prompt = try Prompt(100, seed: 2, [(3, payload(1, 50)), (60, payload(2, 20))])
    let computed = try await Answer(engine.generate(request(prompt)))
    let cached = try await Answer(engine.generate(request(prompt)))
    #expect(computed.summary?.usage.cachedTokens == 0)
    #expect(cached.summary?.usage.cachedTokens == 96)
    #expect(encoder.count == 2)
    #expect(cached.tokens == computed.tokens)
    #expect(cached.logprobs == computed.logprobs)
    // Where the same stands elsewhere, its rows are found and its pages are not.
    let moved = try Prompt(100, seed: 2, [(4, payload(1, 50)), (60, payload(2, 20))])
    let other = try await Answer(engine.generate(request(moved)))
    #expect(other.summary?.usage.cachedTokens == 0)
    #expect(encoder.count == 2)
  }

  @Test("What clients and requests without a cache encode, nobody else is given")
  func isolation() async throws {
    let encoder = SeededEncoder(width: Self.width)
    let engine = try Setting().engine(encoder)
    let changes: [(inout RequestTerms) -> Void] = [
      { _ in }, { $0.client = "other" }, { $0.usesCache = false }, { $0.usesCache = false },
    ]
    var answers: [Answer] = []
    for change in changes {
      var request = request(try Prompt(90, seed: 3, [(10, payload(1, 40))]))
      change(&request.terms)
      answers.append(try await Answer(engine.generate(request)))
    }
    #expect(encoder.count == 4)
    #expect(Set(answers.map(\.logprobs)).count == 1)
  }

  private func mixture() throws -> [GenerationRequest] {
    try (0..<10).map { index in
      let payloads: [(Int, SeededEncoder.Payload)] =
        switch index % 4 {
        case 0: [(0, payload(1, 33)), (33, payload(2, 7))]
        case 1: [(5, payload(UInt64(index), 40))]
        case 2: [(2, payload(3, 1)), (10, payload(3, 1)), (30, payload(UInt64(index), 30))]
        default: []
        }
      var request = request(
        try Prompt(70 + 3 * index, seed: UInt64(index), payloads), tokens: 40)
      request.choice = index
      return request
    }
  }

  @Test(
    "They give the bits of each request alone, however they are cut into steps, kept and preempted",
    arguments: [
      Setting(rows: 1, running: 1), Setting(rows: 7, running: 3), Setting(rows: 16),
      Setting(rows: 64), Setting(), Setting(rows: 512, running: 10, threads: 1),
      Setting(rows: 32, running: 10, cacheKiB: 88),
      Setting(rows: 32, running: 10, storeRows: 40, encodedRows: 8),
      Setting(rows: 16, running: 10, cacheKiB: 88, storeRows: 41),
    ])
  func invariance(setting: Setting) async throws {
    let requests = try mixture()
    let alone = try Setting(running: 1).engine(SeededEncoder(width: Self.width))
    let expected = try await Answer.alone(requests, on: alone)
    let encoder = SeededEncoder(width: Self.width)
    let engine = try setting.engine(encoder)
    let found = try await Answer.together(requests, on: engine)
    #expect(found.map(\.tokens) == expected.map(\.tokens))
    #expect(found.map(\.logprobs) == expected.map(\.logprobs))
    #expect(Set(expected.map(\.logprobs)).count == 10)
    await idle(engine)
    if setting.cacheKiB != nil { #expect(engine.status.preemptions > 0) }
    // 33, 7 and 1 rows that several have, and those of five requests alone.
    if setting.storeRows >= 1000 { #expect(encoder.count == 8) }
    #expect(engine.status.heldAttachmentRows == 0)
    #expect(engine.status.freePages == engine.status.totalPages)
  }

  @Test("What was evicted from the store is encoded again, to the same bits", arguments: [41, 100])
  func eviction(storeRows: Int) async throws {
    let encoder = SeededEncoder(width: Self.width)
    let engine = try Setting(storeRows: storeRows).engine(encoder)
    func answer(_ text: UInt64, _ seed: UInt64) async throws -> Answer {
      let prompt = try Prompt(60, seed: text, [(10, payload(seed, 40))])
      return try await Answer(engine.generate(request(prompt)))
    }
    _ = try await answer(1, 1)
    _ = try await answer(2, 2)
    let again = try await answer(3, 1)
    #expect(again.summary?.usage.cachedTokens == 0)
    #expect(encoder.count == (storeRows < 80 ? 3 : 2))
    let fresh = try Setting().engine(SeededEncoder(width: Self.width))
    let expected = try await Answer(
      fresh.generate(request(try Prompt(60, seed: 3, [(10, payload(1, 40))]))))
    #expect(again.logprobs == expected.logprobs)
  }

  @Test("A fork has the attachments of what it forks, and goes the same way")
  func fork() async throws {
    let engine = try Setting().engine(SeededEncoder(width: Self.width))
    let stream = try engine.generate(request(try Prompt(80, seed: 6, [(20, payload(1, 40))])))
    let whole = try await Answer(stream)
    // What was read of the stream counts as answered: nothing is left to choose.
    #expect(throws: EngineError.nothingToContinue(answered: 12)) { try stream.fork(choice: 0) }
    let longer = try await Answer(try stream.fork(choice: 0) { $0.stop.maximumTokens = 20 })
    let expected = try await Answer(
      engine.generate(request(try Prompt(80, seed: 6, [(20, payload(1, 40))]), tokens: 20)))
    #expect(whole.tokens + longer.tokens == expected.tokens)
  }

  /// Returns once everything that the engine has ended is freed.
  private func idle(_ engine: Engine) async {
    while engine.status.running > 0 || engine.status.waiting > 0 { await Task.yield() }
  }
}
