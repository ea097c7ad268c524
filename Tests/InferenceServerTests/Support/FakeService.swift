import ChatTemplates
import GPTModel
import NIOConcurrencyHelpers
import Tokenizers

@testable import InferenceServer

/// A model whose tokens are bytes, and whose answers a test writes.
final class FakeService: GenerationService {
  typealias Answer = @Sendable (GenerationRequest) throws(EngineError) -> GenerationEvents

  let model: ServedModel
  /// How conversations are laid out.
  let source: String
  private let answer: Answer
  private let seen = NIOLockedValueBox<[GenerationRequest]>([])
  private let rendered = NIOLockedValueBox<JSONObject?>(nil)
  private let written = NIOLockedValueBox<[PromptSegment.Source]>([])

  /// Every message after its role, in angle brackets.
  static let plainTemplate = """
    {% for m in messages %}{{ '<' + m.role + '>' + m.content }}{% endfor %}\
    {% if add_generation_prompt %}<assistant>{% endif %}
    """

  init(
    contextLength: Int = 1000, template source: String = FakeService.plainTemplate,
    tasks: Set<ModelTask> = [.generate, .embed], fillInMarks: FillInMarks? = nil,
    _ answer: @escaping Answer
  ) {
    self.source = source
    var model = ServedModel(
      name: "org/tiny", fingerprint: "fp_0123456789", contextLength: contextLength,
      vocabularySize: 258, created: 1_700_000_000)
    model.aliases = ["tiny.gguf"]
    model.documentStart = 256
    model.tasks = tasks
    model.fillInMarks = fillInMarks
    model.prompts = ["query": "q:"]
    self.model = model
    measured = NIOLockedValueBox(EngineMeasures(contextLength: contextLength))
    self.answer = answer
  }

  /// Answers every request with the same events.
  convenience init(
    contextLength: Int = 1000, template source: String = FakeService.plainTemplate,
    events: [GenerationEvent]
  ) {
    self.init(contextLength: contextLength, template: source) { _ in
      GenerationSource.made(of: events)
    }
  }

  /// The requests so far, in order.
  var requests: [GenerationRequest] { seen.withLockedValue { $0 } }
  /// Their prompts as text.
  var prompts: [String] {
    requests.map { request in
      String(decoding: request.prompt.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
    }
  }
  /// Who wrote what was turned into tokens.
  var sources: [PromptSegment.Source] { written.withLockedValue { $0 } }
  /// The variables of the last rendering.
  var variables: JSONObject? { rendered.withLockedValue { $0 } }

  /// How the model writes thinking and calls.
  let writtenStyle = NIOLockedValueBox(AnswerStyle())
  var style: AnswerStyle { writtenStyle.withLockedValue { $0 } }
  /// The tools of the last rendering.
  var shownTools: [JSONValue] { shown.withLockedValue { $0 } }
  private let shown = NIOLockedValueBox<[JSONValue]>([])

  func render(
    _ messages: [ChatMessage], options: ChatTemplate.Options
  ) throws -> [PromptSegment] {
    rendered.withLockedValue { $0 = options.extra }
    shown.withLockedValue { $0 = options.tools }
    return try ChatTemplate(source: source).render(messages, options: options)
  }

  func constraint(
    _ source: ConstraintSource, options: ConstraintOptions, after text: String
  ) async throws(ConstraintError) -> (any TokenConstraint)? {
    if source == .regex("(?=a)") {
      throw ConstraintError(.unsupported, "the regular expression at byte 0 looks around")
    }
    if text.hasPrefix("?") { return nil }
    return FakeConstraint(source: source, options: options, text: text)
  }

  func encode(_ prompt: [PromptSegment]) -> [Token] {
    written.withLockedValue { $0 += prompt.map(\.source) }
    return prompt.flatMap { $0.text.utf8.map(Token.init) }
  }

  func encode(_ text: PlainText) -> [Token] {
    (text.addsBeginning ? [256] : []) + text.text.utf8.map(Token.init)
  }

  func bytes(of token: Token) -> [UInt8] {
    token < 256 ? [UInt8(truncatingIfNeeded: token)] : Array("<|end|>".utf8)
  }

  func textBytes(of token: Token) -> [UInt8] { token < 256 ? bytes(of: token) : [] }

  /// Why there is no room, where there is none.
  let refusal = NIOLockedValueBox<EngineError?>(nil)

  func checkRoom(for client: String) throws(EngineError) {
    if let refusal = refusal.withLockedValue({ $0 }) { throw refusal }
  }

  func generate(_ request: GenerationRequest) throws(EngineError) -> GenerationEvents {
    seen.withLockedValue { $0.append(request) }
    return try answer(request)
  }

  /// What the engine says it is doing.
  let reported = NIOLockedValueBox(EngineStatus())
  var status: EngineStatus { reported.withLockedValue { $0 } }

  /// What the engine says it has done.
  let measured: NIOLockedValueBox<EngineMeasures>
  var measures: EngineMeasures { measured.withLockedValue { $0 } }

  func drain() async {}
}

/// What a test writes an answer into.
typealias GenerationSource = AsyncThrowingStream<GenerationEvent, any Error>

extension GenerationSource {
  /// A generation that reports given events, and then ends or fails.
  static func made(of events: [GenerationEvent], failure: (any Error)? = nil) -> Self {
    let (stream, continuation) = AsyncThrowingStream.makeStream(of: GenerationEvent.self)
    for event in events { continuation.yield(event) }
    continuation.finish(throwing: failure)
    return stream
  }
}

extension GenerationEvent {
  /// One token for each byte of a text, each with its own text.
  static func tokens(_ text: String) -> [GenerationEvent] {
    text.utf8.map {
      .token(GeneratedToken(token: Token($0), text: String(decoding: [$0], as: UTF8.self)))
    }
  }

  /// The end of an answer.
  static func end(
    _ reason: GenerationSummary.Reason = .stop, text: String = "", prompt: Int = 10,
    cached: Int = 0, completion: Int
  ) -> GenerationEvent {
    .finished(
      GenerationSummary(
        reason: reason, text: text,
        usage: Usage(promptTokens: prompt, cachedTokens: cached, completionTokens: completion)))
  }
}

/// Generations that a test holds open, and hears of when they end.
final class HeldGenerations: Sendable {
  typealias Continuation = GenerationSource.Continuation

  /// The other end of each generation that begins.
  let started: AsyncStream<Continuation>
  /// One element for each generation that is cancelled.
  let cancelled: AsyncStream<Void>
  private let start: AsyncStream<Continuation>.Continuation
  private let cancel: AsyncStream<Void>.Continuation

  init() {
    (started, start) = AsyncStream.makeStream()
    (cancelled, cancel) = AsyncStream.makeStream()
  }

  /// A service whose generations are all held.
  var service: FakeService {
    FakeService { [start, cancel] _ in
      let (stream, continuation) = AsyncThrowingStream.makeStream(of: GenerationEvent.self)
      continuation.onTermination = { termination in
        if case .cancelled = termination { cancel.yield() }
      }
      start.yield(continuation)
      return stream
    }
  }

  /// Waits for the next generation to begin.
  func nextStarted() async -> Continuation? {
    await started.first { _ in true }
  }

  /// Waits for a generation to be cancelled.
  func nextCancelled() async {
    _ = await cancelled.first { _ in true }
  }
}

extension GenerationSource.Continuation {
  /// Reports events, one after the other.
  func yield(all events: [GenerationEvent]) {
    for event in events { yield(event) }
  }
}
