extension LanguageModelSession {
  /// An answer to a prompt.
  public struct Response<Content: Generable> {
    /// The answer.
    public let content: Content
    /// The answer as the model wrote it.
    public let rawContent: GeneratedContent
    /// What the turn added to the transcript.
    public let transcriptEntries: ArraySlice<Transcript.Entry>
    /// What the turn took.
    public let usage: Usage

    /// Makes a value of a turn's answer.
    init(_ result: TurnResult) throws {
      content = try Content(result.content)
      (rawContent, usage) = (result.content, result.usage)
      transcriptEntries = result.entries[...]
    }
  }

  /// An answer while it is written: what there is of it, again and again.
  ///
  /// A snapshot is made when it is asked for, so who reads slowly gets fewer. Leaving the loop and letting go of
  /// the stream, or cancelling the task, ends the answer, and the transcript stays as it was.
  public struct ResponseStream<Content: Generable>: AsyncSequence {
    /// What there is of an answer.
    public struct Snapshot {
      /// The answer, of which parts may be missing.
      public var content: Content.PartiallyGenerated
      /// The answer as the model wrote it.
      public var rawContent: GeneratedContent
      /// What the turn adds to the transcript; empty until it has ended.
      public var transcriptEntries: ArraySlice<Transcript.Entry>
      /// What was processed so far.
      public var usage: Usage
    }

    public typealias Element = Snapshot

    let turn: RunningTurn

    /// Steps through the snapshots.
    public struct AsyncIterator: AsyncIteratorProtocol {
      private let turn: RunningTurn
      private var version = 0

      fileprivate init(_ turn: RunningTurn) { self.turn = turn }

      public mutating func next(
        isolation actor: isolated (any Actor)? = #isolation
      ) async throws -> Snapshot? {
        while let snapshot = try await turn.snapshot(after: version) {
          version = snapshot.version
          do {
            return Snapshot(
              content: try Content.PartiallyGenerated(snapshot.content),
              rawContent: snapshot.content,
              transcriptEntries: snapshot.result?.entries[...] ?? [], usage: snapshot.usage)
          } catch  where snapshot.result == nil {
            // Too little is there yet for a value of the type.
            continue
          }
        }
        return nil
      }

      public mutating func next() async throws -> Snapshot? {
        try await next(isolation: nil)
      }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(turn) }

    /// Waits for the whole answer.
    nonisolated(nonsending) public func collect() async throws -> sending Response<Content> {
      var version = 0
      while let snapshot = try await turn.snapshot(after: version) {
        if let result = snapshot.result { return try Response(result) }
        version = snapshot.version
      }
      throw CancellationError()
    }
  }
}

extension LanguageModelSession.Response: Sendable where Content: Sendable {}

extension LanguageModelSession.ResponseStream where Content == String {
  /// The text piece by piece, instead of all of it again and again.
  ///
  /// What the model says before it calls tools is among the pieces, and is no part of the response.
  public var deltas: AsyncThrowingStream<String, any Error> {
    let reader = DeltaReader(turn)
    return AsyncThrowingStream { try await reader.next() }
  }
}

/// Reads the pieces of a text, for one reader.
private actor DeltaReader {
  private let turn: RunningTurn
  private var count = 0

  init(_ turn: RunningTurn) { self.turn = turn }

  func next() async throws -> String? {
    var count = count
    let text = try await turn.text(after: &count)
    self.count = count
    return text
  }
}

/// A turn that goes on beside whoever reads it, until nobody does.
final class RunningTurn: Sendable {
  private let progress: TurnProgress
  private let task: Task<Void, Never>?
  private let session: LanguageModelSession
  private let turn: Int?

  /// Begins to answer a prompt; where the session refuses it, the readers are told.
  init(_ request: TurnRequest, in session: LanguageModelSession) {
    let progress = TurnProgress(isFormed: request.schema != nil)
    (self.progress, self.session) = (progress, session)
    do {
      let turn = try session.begin()
      self.turn = turn.turn
      task = Task {
        do {
          let result = try await session.answer(request, turn: turn, progress: progress)
          progress.finish(.success(result))
        } catch {
          progress.finish(.failure(error))
        }
      }
    } catch {
      (task, turn) = (nil, nil)
      progress.finish(.failure(error))
    }
  }

  deinit {
    task?.cancel()
    if let turn { session.end(turn) }
  }

  /// Waits for something new, and takes what there is then; nil after the end.
  func snapshot(after version: Int) async throws -> TurnProgress.Snapshot? {
    do {
      return try await progress.snapshot(after: version)
    } catch is CancellationError {
      task?.cancel()
      throw CancellationError()
    }
  }

  /// Waits for text, and takes all that is new; nil after the end.
  func text(after count: inout Int) async throws -> String? {
    do {
      return try await progress.text(after: &count)
    } catch is CancellationError {
      task?.cancel()
      throw CancellationError()
    }
  }
}
