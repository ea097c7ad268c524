import GPTModel
import HTTPTransport
import NIOConcurrencyHelpers

/// An event of one of the answers to a request.
struct ChoiceEvent: Sendable {
  /// Which answer, counted from zero.
  let choice: Int
  let event: GenerationEvent
}

/// The events of all answers to a request in the order in which they happen.
///
/// The generations end when this is dropped, when the task that waits for an event is cancelled, and
/// when the client closes its connection, whichever is first.
struct ChoiceEvents: Sendable {
  /// An element of a stream.
  enum Moment: Sendable {
    /// Something happened.
    case event(ChoiceEvent)
    /// Nothing has happened for a while.
    case silence
  }

  private typealias Moments = AsyncThrowingStream<Moment, any Error>

  private let moments: Moments

  /// Begins to read the generations, one for each answer.
  ///
  /// - Parameter keepAlive: How long nothing may happen before that is told; nil for ever.
  init(
    _ generations: [GenerationEvents], keepAlive: Duration? = nil,
    client: ClientConnection? = .current
  ) {
    self.init(keepAlive: keepAlive, client: client) { report in
      try await Self.read(generations, report: report)
    }
  }

  /// Runs generations one after the other, some at a time; a refusal is one of the events' errors.
  init(
    _ requests: [GenerationRequest], of service: any GenerationService, keepAlive: Duration? = nil,
    client: ClientConnection? = .current
  ) {
    self.init(keepAlive: keepAlive, client: client) { report in
      try await GenerationWindow(service: service).run(requests, report: report)
    }
  }

  /// The action for each event.
  typealias Report = @Sendable (ChoiceEvent) -> Void

  private init(
    keepAlive: Duration?, client: ClientConnection?,
    read: @escaping @Sendable (@escaping Report) async throws -> Void
  ) {
    let (moments, continuation) = Moments.makeStream()
    self.moments = moments
    let lastEvent = NIOLockedValueBox(ContinuousClock.now)
    let reader = Task(executorPreference: client?.executor) {
      do {
        try await read { event in
          lastEvent.withLockedValue { $0 = .now }
          continuation.yield(.event(event))
        }
        continuation.finish()
      } catch {
        continuation.finish(throwing: error)
      }
    }
    let watchman = keepAlive.map { longest in
      Task { try await Self.report(silencesOf: longest, since: lastEvent, to: continuation) }
    }
    let watch = client?.whenGone { continuation.finish(throwing: ClientConnection.Gone()) }
    continuation.onTermination = { _ in
      reader.cancel()
      watchman?.cancel()
      watch?.end()
    }
  }

  /// Waits for the next event; nil when all answers have ended.
  func next() async throws -> ChoiceEvent? {
    while let moment = try await nextMoment() {
      if case .event(let event) = moment { return event }
    }
    return nil
  }

  /// Waits for the next event, or until nothing has happened for a while; nil when all answers have
  /// ended.
  func nextMoment() async throws -> Moment? {
    var iterator = moments.makeAsyncIterator()
    return try await iterator.next()
  }

  private static func read(_ generations: [GenerationEvents], report: @escaping Report) async throws
  {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (choice, generation) in generations.enumerated() {
        group.addTask { try await follow(generation, as: choice, report: report) }
      }
      try await group.waitForAll()
    }
  }

  /// Reports the events of one generation, and notes for the request's record what it came to.
  static func follow(
    _ generation: GenerationEvents, as choice: Int, report: Report
  ) async throws {
    var (tokens, summary) = (0, GenerationSummary?.none)
    defer { RequestRecord.current?.noteAnswer(summary, tokens: tokens) }
    for try await event in generation {
      switch event {
      case .progress, .prompt: break
      case .token: tokens += 1
      case .finished(let end): summary = end
      }
      report(ChoiceEvent(choice: choice, event: event))
    }
  }

  /// Tells of silences until cancelled; wakes only where one may have ended.
  private static func report(
    silencesOf longest: Duration, since lastEvent: NIOLockedValueBox<ContinuousClock.Instant>,
    to continuation: Moments.Continuation
  ) async throws {
    var end = lastEvent.withLockedValue { $0 } + longest
    while true {
      try await ContinuousClock().sleep(until: end)
      let due = lastEvent.withLockedValue { $0 } + longest
      if due <= end {
        continuation.yield(.silence)
        end += longest
      } else {
        end = due
      }
    }
  }
}
