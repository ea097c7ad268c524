import Synchronization

/// How far a turn has come, for who follows it; waits for nobody, so what nobody reads is not made.
final class TurnProgress: Sendable {
  private struct State {
    var collected = CollectedResponse()
    /// The JSON so far, where the answer must have a form.
    var json: PartialJSON?
    /// What tells the answer's parts from others, the same in all snapshots.
    let id = GenerationID()
    /// Pieces of text in all rounds.
    var pieces: [String] = []
    /// Counts what changed.
    var version = 0
    var outcome: Result<TurnResult, any Error>?
    var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    var nextWaiter = 0

    /// What there is of the answer; nil where there is nothing.
    var snapshot: Snapshot? {
      let result = try? outcome?.get()
      let text = GeneratedContent(.string(collected.text), open: 1)
      let partial = json.map { $0.content } ?? text
      guard var content = result?.content ?? partial else { return nil }
      content.id = id
      return Snapshot(
        content: content, usage: result?.usage ?? collected.usage, version: version,
        result: result)
    }
  }

  private let state: Mutex<State>

  /// Begins to follow a turn.
  ///
  /// - Parameter isFormed: Whether the answer is JSON.
  init(isFormed: Bool) {
    var state = State()
    if isFormed { state.json = PartialJSON() }
    self.state = Mutex(state)
  }

  /// What the model has said in this round.
  var collected: CollectedResponse { state.withLock { $0.collected } }

  /// Takes an event.
  func take(_ event: LanguageModelExecutorGenerationChannel.Event) {
    change { state in
      let piece = state.collected.take(event)
      guard !piece.isEmpty else { return }
      state.pieces.append(piece)
      // What is not JSON is an error when the answer is complete; until then there is no more to show.
      if var json = state.json {
        state.json = (try? json.append(piece)) == nil ? state.json : json
      }
    }
  }

  /// Forgets the text before calls of tools.
  func beginRound() {
    change { state in
      state.collected = CollectedResponse()
      if state.json != nil { state.json = PartialJSON() }
    }
  }

  /// Says how the turn ended.
  func finish(_ outcome: Result<TurnResult, any Error>) {
    change { $0.outcome = $0.outcome ?? outcome }
  }

  private func change(_ body: (inout State) -> Void) {
    let waiting = state.withLock { state in
      body(&state)
      state.version += 1
      defer { state.waiting = [:] }
      return state.waiting
    }
    for waiter in waiting.values { waiter.resume() }
  }
}

// MARK: - Following

extension TurnProgress {
  /// What there is of an answer.
  struct Snapshot: Sendable {
    /// The answer.
    var content: GeneratedContent
    /// What was processed.
    var usage: LanguageModelSession.Usage
    /// Counts what changed.
    var version: Int
    /// The end; nil while it goes on.
    var result: TurnResult?
  }

  /// Waits for something new, and takes what there is then.
  ///
  /// - Parameter version: What was taken last.
  /// - Returns: The newest state; nil after the end was taken.
  func snapshot(after version: Int) async throws -> Snapshot? {
    while true {
      let (found, isOver, current) = try state.withLock { state throws -> (Snapshot?, Bool, Int) in
        if case .failure(let error)? = state.outcome { throw error }
        let isOver = state.outcome != nil && state.version <= version
        return (state.version > version ? state.snapshot : nil, isOver, state.version)
      }
      if isOver { return nil }
      if let found { return found }
      try await change(since: current)
    }
  }

  /// Waits for text, and takes all that is new.
  ///
  /// - Parameter count: Pieces that were taken.
  /// - Returns: The text; nil after the end.
  func text(after count: inout Int) async throws -> String? {
    while true {
      let (pieces, isOver, version) = try state.withLock { state throws in
        if case .failure(let error)? = state.outcome { throw error }
        return (state.pieces[count...], state.outcome != nil, state.version)
      }
      if !pieces.isEmpty {
        count = pieces.endIndex
        return pieces.joined()
      }
      if isOver { return nil }
      try await change(since: version)
    }
  }

  /// Waits until there is another version.
  private func change(since version: Int) async throws {
    let waiter = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isNews = state.withLock { state in
          let isNews = state.version > version || state.outcome != nil || Task.isCancelled
          if !isNews { state.waiting[waiter] = continuation }
          return isNews
        }
        if isNews { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: waiter) }?.resume()
    }
    try Task.checkCancellation()
  }
}
