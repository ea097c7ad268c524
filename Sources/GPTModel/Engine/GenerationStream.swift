import Synchronization
import Tokenizers

/// The events of one generation, as they happen.
///
/// Ending the iteration in any way, by leaving the loop, cancelling the task or dropping the stream,
/// cancels the generation and frees what it holds. The engine lives at least as long as its streams.
///
/// Whoever reads to the end without an error has seen `.finished`: a cancelled task gets a
/// `CancellationError`, what the engine cannot go on with an `EngineError`. The events can be read once.
public struct GenerationStream: AsyncSequence, Sendable {
  public typealias Element = GenerationEvent
  public typealias Failure = any Error

  private let events: AsyncThrowingStream<GenerationEvent, any Error>
  private let request: GenerationRequest
  private let engine: Engine
  private let history = TokenHistory()

  init(
    _ events: AsyncThrowingStream<GenerationEvent, any Error>, of request: GenerationRequest,
    engine: Engine
  ) {
    self.events = events
    self.request = request
    self.engine = engine
  }

  /// What tokens are drawn with, drawn itself where the request named none; nil where no token is drawn.
  public var seed: UInt64? { request.sampling.seed }

  /// Continues in another way after the tokens that were read from this stream so far.
  ///
  /// The fork is a generation of its own, as if its request had come with these tokens; this one goes
  /// on. With the same choice and nothing changed it goes the same way, bit for bit. The full cache
  /// pages up to there are shared, not copied, where the request's terms allow it; the rest of the last
  /// page is computed again.
  ///
  /// A stream that has ended, was left, or failed can be forked as well. What a request in its place
  /// would be refused for, the fork is: an answer that is as long as it may be has to be given a higher
  /// limit.
  ///
  /// - Parameters:
  ///   - choice: Which of several answers this one becomes; part of the random sequence's name.
  ///   - change: Changes anything else: sampling, limits, or the prompt itself.
  public func fork(
    choice: Int, _ change: (inout GenerationRequest) -> Void = { _ in }
  ) throws(EngineError) -> GenerationStream {
    var next = request
    let tokens = history.tokens
    next.prompt += tokens
    next.answered += tokens.count
    next.choice = choice
    // They were the wish of the request that came with the prompt.
    (next.promptAlternatives, next.pooling) = (nil, nil)
    change(&next)
    return try engine.generate(next)
  }

  /// Steps through the events.
  public struct Iterator: AsyncIteratorProtocol {
    private var events: AsyncThrowingStream<GenerationEvent, any Error>.Iterator
    private let history: TokenHistory
    private let engine: Engine
    /// Whether it was told how the generation ended.
    private var isFinished = false

    fileprivate init(_ stream: GenerationStream) {
      events = stream.events.makeAsyncIterator()
      history = stream.history
      engine = stream.engine
    }

    public mutating func next() async throws -> GenerationEvent? {
      try await take(events.next())
    }

    public mutating func next(isolation actor: isolated (any Actor)?) async throws
      -> GenerationEvent?
    {
      try await take(events.next(isolation: actor))
    }

    /// Passes an event on; where there is none and should be one, throws the reason.
    private mutating func take(_ event: GenerationEvent?) throws -> GenerationEvent? {
      guard let event else {
        if isFinished { return nil }
        isFinished = true
        if Task.isCancelled { throw CancellationError() }
        throw EngineError.streamEnded
      }
      if case .finished = event { isFinished = true }
      history.note(event)
      return event
    }
  }

  public func makeAsyncIterator() -> Iterator { Iterator(self) }
}

/// The tokens that were read from a stream.
private final class TokenHistory: Sendable {
  private let state = Mutex<[Token]>([])

  var tokens: [Token] { state.withLock { $0 } }

  func note(_ event: GenerationEvent) {
    guard case .token(let token) = event else { return }
    state.withLock { $0.append(token.token) }
  }
}
