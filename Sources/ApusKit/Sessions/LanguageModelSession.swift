public import Observation
import Synchronization

/// A conversation with a model, which remembers what was said.
///
/// ```swift
/// let session = LanguageModelSession(model: model, instructions: "You are brief.")
/// print(try await session.respond(to: "Why is the sky blue?").content)
/// ```
///
/// A session is one conversation, so it answers one prompt at a time; a second one meanwhile is refused with
/// `Error.concurrentRequests`. Where many talk with the model, each has a session, over the same model.
public final class LanguageModelSession: Sendable {
  /// What changes.
  struct State {
    var transcript: Transcript
    var usage = Usage()
    var maximumToolRounds = 8
    var errorHandling: TranscriptErrorHandlingPolicy?
    /// The number of the turn that is being answered; nil for none.
    var turn: Int?
    var turns = 0
    var wasMutated = false
    /// Carries requests out, once there was one.
    var executor: AnyExecutor?
  }

  let model: any LanguageModel
  let tools: [any Tool]
  let state: Mutex<State>
  let registrar = ObservationRegistrar()

  private init(_ model: any LanguageModel, _ tools: [any Tool], _ transcript: Transcript) {
    (self.model, self.tools) = (model, tools)
    state = Mutex(State(transcript: transcript))
  }

  /// Begins a conversation.
  public convenience init(
    model: some LanguageModel, tools: [any Tool] = [], instructions: Instructions? = nil
  ) {
    self.init(model, tools, Transcript(instructions?.text, tools: tools))
  }

  /// Begins a conversation.
  @_disfavoredOverload public convenience init(
    model: some LanguageModel, tools: [any Tool] = [], instructions: String? = nil
  ) {
    self.init(model, tools, Transcript(instructions, tools: tools))
  }

  /// Begins a conversation.
  public convenience init<Failure: Swift.Error>(
    model: some LanguageModel, tools: [any Tool] = [],
    @InstructionsBuilder instructions: () throws(Failure) -> Instructions
  ) throws(Failure) {
    self.init(model, tools, Transcript(try instructions().text, tools: tools))
  }

  /// Takes a conversation up again.
  public convenience init(
    model: some LanguageModel, tools: [any Tool] = [], transcript: Transcript
  ) {
    self.init(model, tools, transcript)
  }

  /// What was said; a turn is added when it has been answered.
  ///
  /// Where it is set while the session is answering, what was set stays, and the answer fails with
  /// `Error.transcriptMutationWhileResponding`.
  public var transcript: Transcript {
    get {
      registrar.access(self, keyPath: \.transcript)
      return state.withLock { $0.transcript }
    }
    set {
      registrar.withMutation(of: self, keyPath: \.transcript) {
        state.withLock { state in
          state.transcript = newValue
          if state.turn != nil { state.wasMutated = true }
        }
      }
    }
  }

  /// Whether a prompt is being answered.
  public var isResponding: Bool {
    registrar.access(self, keyPath: \.isResponding)
    return state.withLock { $0.turn != nil }
  }

  /// What all turns took together.
  public var usage: Usage { state.withLock { $0.usage } }

  /// Rounds of tool calls in one response, after which `ApusError.tooManyToolRounds` is thrown; 8 at first.
  public var maximumToolRounds: Int {
    get { state.withLock { $0.maximumToolRounds } }
    set { state.withLock { $0.maximumToolRounds = newValue } }
  }

  /// What becomes of a turn that throws or is cancelled; nil for nothing of it is kept.
  public var transcriptErrorHandlingPolicy: TranscriptErrorHandlingPolicy? {
    get { state.withLock { $0.errorHandling } }
    set { state.withLock { $0.errorHandling = newValue } }
  }

  /// A session of its own that goes on from here; what both have in common is computed once.
  public func fork() -> LanguageModelSession {
    let now = state.withLock { ($0.transcript, $0.maximumToolRounds, $0.errorHandling) }
    let session = LanguageModelSession(model, tools, now.0)
    session.state.withLock { ($0.maximumToolRounds, $0.errorHandling) = (now.1, now.2) }
    return session
  }

  /// Reads ahead what is known of the next prompt, so that its answer begins sooner.
  public func prewarm(promptPrefix: Prompt? = nil) {
    var transcript = state.withLock { $0.transcript }
    if let promptPrefix {
      transcript.append(
        .prompt(.init(segments: [.text(.init(content: promptPrefix.text))])))
    }
    guard !transcript.isEmpty, let executor = try? executor() else { return }
    executor.prewarm(transcript)
  }
}

extension LanguageModelSession: Observable {}

extension Transcript {
  /// The beginning of a conversation.
  fileprivate init(_ instructions: String?, tools: [any Tool]) {
    self.init()
    guard instructions != nil || !tools.isEmpty else { return }
    let segments = instructions.map { [Segment.text(.init(content: $0))] } ?? []
    append(
      .instructions(
        .init(segments: segments, toolDefinitions: tools.map { ToolDefinition(tool: $0) })))
  }
}

// MARK: - Turns

extension LanguageModelSession {
  /// Takes the session for a turn.
  ///
  /// - Returns: The turn's number, and what was said before it.
  func begin() throws(Error) -> (turn: Int, transcript: Transcript) {
    let begun: (Int, Transcript)? = registrar.withMutation(of: self, keyPath: \.isResponding) {
      state.withLock { state in
        guard state.turn == nil else { return nil }
        state.turns += 1
        (state.turn, state.wasMutated) = (state.turns, false)
        return (state.turns, state.transcript)
      }
    }
    guard let begun else { throw .concurrentRequests }
    return begun
  }

  /// Gives the session back, whatever became of the turn; does nothing where that was done.
  func end(_ turn: Int) {
    registrar.withMutation(of: self, keyPath: \.isResponding) {
      state.withLock { if $0.turn == turn { $0.turn = nil } }
    }
  }

  /// Adds what a turn brought, and gives the session back.
  ///
  /// - Throws: `transcriptMutationWhileResponding` where the transcript is another, `CancellationError` where
  ///   nobody waits for the turn any more.
  func commit(_ turn: Int, _ result: TurnResult) throws {
    try registrar.withMutation(of: self, keyPath: \.transcript) {
      try state.withLock { state in
        guard state.turn == turn else { throw CancellationError() }
        guard !state.wasMutated else { throw Error.transcriptMutationWhileResponding }
        state.transcript.append(contentsOf: result.entries)
        state.usage.add(result.usage)
      }
    }
    end(turn)
  }

  /// Adds the prompt of a turn that failed, and the calls of tools that have ended, where that is wanted.
  func keep(_ entries: [Transcript.Entry], of turn: Int) {
    registrar.withMutation(of: self, keyPath: \.transcript) {
      state.withLock { state in
        guard state.turn == turn, !state.wasMutated, state.errorHandling == .preserveTranscript
        else { return }
        state.transcript.append(contentsOf: entries)
      }
    }
  }

  /// What carries requests out, made when it is asked for first.
  func executor() throws -> AnyExecutor {
    if let executor = state.withLock({ $0.executor }) { return executor }
    let made = try AnyExecutor(model)
    state.withLock { $0.executor = made }
    return made
  }
}

/// An executor and its model, whatever their types.
struct AnyExecutor: Sendable {
  /// Carries a request out.
  let respond:
    @Sendable (LanguageModelExecutorGenerationRequest, LanguageModelExecutorGenerationChannel)
      async throws -> Void
  /// Prepares for a request.
  let prewarm: @Sendable (Transcript) -> Void

  /// Makes the executor of a model.
  init<Model: LanguageModel>(_ model: Model) throws {
    let executor = try Model.Executor(configuration: model.executorConfiguration)
    respond = { request, channel in
      try await executor.respond(to: request, model: model, streamingInto: channel)
    }
    prewarm = { executor.prewarm(model: model, transcript: $0) }
  }
}
