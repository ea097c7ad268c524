import GPTModel

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
  private let events: AsyncThrowingStream<ChoiceEvent, any Error>

  /// Begins to read the generations, one for each answer.
  init(_ generations: [GenerationEvents], client: ClientConnection? = .current) {
    self.init(client: client) { continuation in
      try await Self.read(generations, into: continuation)
    }
  }

  /// Runs generations one after the other, some at a time; a refusal is one of the events' errors.
  init(
    _ requests: [GenerationRequest], of service: any GenerationService,
    client: ClientConnection? = .current
  ) {
    self.init(client: client) { continuation in
      try await GenerationWindow(service: service).run(requests) { choice, event in
        continuation.yield(ChoiceEvent(choice: choice, event: event))
      }
    }
  }

  private init(
    client: ClientConnection?,
    _ read:
      @escaping @Sendable (AsyncThrowingStream<ChoiceEvent, any Error>.Continuation) async throws ->
      Void
  ) {
    let (events, continuation) = AsyncThrowingStream.makeStream(of: ChoiceEvent.self)
    self.events = events
    let reader = Task {
      do {
        try await read(continuation)
        continuation.finish()
      } catch {
        continuation.finish(throwing: error)
      }
    }
    let watch = client?.whenGone { continuation.finish(throwing: ClientConnection.Gone()) }
    continuation.onTermination = { _ in
      reader.cancel()
      watch?.end()
    }
  }

  /// Waits for the next event; nil when all answers have ended.
  func next() async throws -> ChoiceEvent? {
    var iterator = events.makeAsyncIterator()
    return try await iterator.next()
  }

  private static func read(
    _ generations: [GenerationEvents],
    into continuation: AsyncThrowingStream<ChoiceEvent, any Error>.Continuation
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (choice, generation) in generations.enumerated() {
        group.addTask {
          for try await event in generation {
            continuation.yield(ChoiceEvent(choice: choice, event: event))
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
