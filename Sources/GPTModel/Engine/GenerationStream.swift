/// The events of one generation, as they happen.
///
/// Ending the iteration in any way, by leaving the loop, cancelling the task or dropping the stream,
/// cancels the generation and frees what it holds. The engine lives at least as long as its streams.
public struct GenerationStream: AsyncSequence, Sendable {
  public typealias Element = GenerationEvent
  public typealias Failure = any Error

  private let events: AsyncThrowingStream<GenerationEvent, any Error>
  private let engine: Engine

  init(_ events: AsyncThrowingStream<GenerationEvent, any Error>, engine: Engine) {
    self.events = events
    self.engine = engine
  }

  /// Steps through the events.
  public struct Iterator: AsyncIteratorProtocol {
    private var events: AsyncThrowingStream<GenerationEvent, any Error>.Iterator
    private let engine: Engine

    fileprivate init(_ stream: GenerationStream) {
      events = stream.events.makeAsyncIterator()
      engine = stream.engine
    }

    public mutating func next() async throws -> GenerationEvent? {
      try await events.next()
    }

    public mutating func next(isolation actor: isolated (any Actor)?) async throws
      -> GenerationEvent?
    {
      try await events.next(isolation: actor)
    }
  }

  public func makeAsyncIterator() -> Iterator { Iterator(self) }
}
