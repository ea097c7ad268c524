import GPTModel
import Tensor
import TestSupport
import Testing

@Suite("Attachments that cannot be used")
struct AttachmentFaultTests {
  private static let width = TinyModel().width
  private let encoder: SeededEncoder

  init() {
    encoder = SeededEncoder(width: Self.width)
  }

  private func engine(_ change: (inout EngineConfiguration) -> Void = { _ in }) throws -> Engine {
    var configuration = EngineConfiguration()
    configuration.threads = 1
    configuration.rowsPerStep = 32
    configuration.attachmentEncoder = encoder
    configuration.attachmentBytes = 50 * Self.width * 4
    change(&configuration)
    return try Engine(model: try Models.tiny(), configuration: configuration)
  }

  private func request(
    _ payload: SeededEncoder.Payload, tokens: Int = 8
  ) throws -> GenerationRequest {
    var stop = StopCondition(maximumTokens: tokens)
    stop.atEndOfSequence = false
    return GenerationRequest(
      prompt: try Prompt(60, seed: 1, [(8, payload)]), sampling: .greedy, stop: stop)
  }

  /// Returns once everything is freed.
  private func expectNothingHeld(_ engine: Engine) async {
    while engine.status.running > 0 || engine.status.waiting > 0 { await Task.yield() }
    #expect(engine.status.heldAttachmentRows == 0)
    #expect(engine.status.freePages == engine.status.totalPages)
  }

  @Test("Without an encoder, of other rows, too large or unreadable, they are refused at once")
  func refused() throws {
    let request = try request(SeededEncoder.Payload(seed: 1, rows: 20))
    let textOnly = try engine { $0.attachmentEncoder = nil }
    #expect(throws: EngineError.attachmentsNotSupported) { try textOnly.generate(request) }
    let small = try engine { $0.attachmentBytes = 19 * Self.width * 4 }
    #expect(throws: EngineError.attachmentTooLarge(rows: 20, limit: 19)) {
      try small.generate(request)
    }
    let engine = try engine()
    func changed(_ payload: any Sendable) throws -> GenerationRequest {
      let attachment = try #require(request.prompt.attachments.first)
      let other = Prompt.Attachment(
        range: attachment.range, digest: attachment.digest, payload: payload)
      let prompt = try Prompt(tokens: request.prompt.tokens, attachments: [other])
      return GenerationRequest(prompt: prompt)
    }
    let longer = try changed(SeededEncoder.Payload(seed: 1, rows: 21))
    #expect(throws: EngineError.attachmentRows(rows: 21, placeholders: 20)) {
      try engine.generate(longer)
    }
    let text = try changed("text")
    #expect(throws: EngineError.invalidAttachment(AttachmentError("it is no seed"))) {
      try engine.generate(text)
    }
    #expect(encoder.count == 0)
  }

  @Test("An encoder for models of another width is refused")
  func width() throws {
    #expect(throws: TensorError.self) {
      try engine { $0.attachmentEncoder = SeededEncoder(width: Self.width + 1) }
    }
  }

  @Test(
    "What cannot be encoded ends its request and no other",
    arguments: [SeededEncoder.Fault.refused, .notFinite])
  func faults(fault: SeededEncoder.Fault) async throws {
    let engine = try engine()
    let good = try request(SeededEncoder.Payload(seed: 1, rows: 20), tokens: 40)
    let bad = try request(SeededEncoder.Payload(seed: 2, rows: 20, fault: fault))
    let alone = try await Answer(engine.generate(good))
    let beside = try engine.generate(good)
    let failing = [try engine.generate(bad), try engine.generate(bad)]
    let message =
      fault == .refused
      ? "seed 2 cannot be encoded" : "the encoder computed values that are not finite numbers"
    for stream in failing {
      await #expect(throws: EngineError.attachmentNotEncoded(AttachmentError(message))) {
        try await Answer(stream)
      }
    }
    #expect(try await Answer(beside).tokens == alone.tokens)
    await expectNothingHeld(engine)
    // Each of the two was told by an attempt of its own.
    #expect(encoder.count == 3)
  }

  @Test("A request that is cancelled while its attachment is encoded frees all that it holds")
  func cancelled() async throws {
    let engine = try engine()
    let stream = try engine.generate(
      request(SeededEncoder.Payload(seed: 3, rows: 50, fault: .waits)))
    let reader = Task { for try await _ in stream {} }
    await encoder.waitUntilStarted()
    reader.cancel()
    _ = await reader.result
    encoder.goOn()
    await expectNothingHeld(engine)
    // The whole store is there for another.
    let other = try await Answer(
      engine.generate(request(SeededEncoder.Payload(seed: 4, rows: 50))))
    #expect(other.tokens.count == 8)
  }
}
