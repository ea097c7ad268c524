/// The events of one generation, as they happen.
///
/// Ending the iteration in any way, by leaving the loop, cancelling the task or dropping the stream,
/// cancels the generation and frees what it holds.
public struct GenerationStream: AsyncSequence, Sendable {
  public typealias Element = GenerationEvent
  public typealias Failure = any Error

  private let events: AsyncThrowingStream<GenerationEvent, any Error>

  init(_ events: AsyncThrowingStream<GenerationEvent, any Error>) {
    self.events = events
  }

  public func makeAsyncIterator() -> AsyncThrowingStream<GenerationEvent, any Error>.Iterator {
    events.makeAsyncIterator()
  }
}
