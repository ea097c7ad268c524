/// What an engine is doing, as of its last step.
public struct EngineStatus: Sendable, Hashable {
  /// Sequences that are being computed.
  public package(set) var running = 0
  /// Requests that wait, those included that lost their pages to others.
  public package(set) var waiting = 0
  /// Requests that `Engine.submit` lets wait for room among those that wait.
  public package(set) var waitingForRoom = 0
  /// Tokens of the requests that wait.
  public package(set) var waitingTokens = 0
  /// Cache pages that nobody holds.
  public package(set) var freePages = 0
  /// Rows of encoded attachments that requests hold, or that are being encoded.
  public package(set) var heldAttachmentRows = 0
  /// Cache pages there are, P.
  public package(set) var totalPages = 0
  /// Positions that a cache page holds.
  public package(set) var positionsPerPage = 0
  /// Steps computed since the start.
  public package(set) var steps = 0
  /// Times that a sequence lost its pages to another.
  public package(set) var preemptions = 0
  /// Requests that found the beginning of their prompt computed.
  public package(set) var prefixHits = 0
  /// Tokens of prompts that were found in the prefix cache.
  public package(set) var cachedTokens = 0
  /// What reading a token of a prompt takes; zero while none was read.
  public package(set) var secondsPerPromptToken = 0.0

  /// How long the step has been running that is being computed; zero between steps.
  public package(set) var secondsInStep = 0.0

  /// How long cancelled generations kept what they held.
  public package(set) var cancelToFree = CancelToFree()

  /// Creates the status of an engine without work.
  public init() {}

  /// How long a new request would wait for those before it to be read, in seconds.
  public var expectedWait: Double { Double(waitingTokens) * secondsPerPromptToken }
}

/// How long cancelled generations kept what they held, by how far they had come.
public struct CancelToFree: Sendable, Hashable {
  private var tallies: [GenerationPhase: DurationTally] = [:]

  /// Creates tallies of nothing.
  public init() {}

  /// The tally of those that were cancelled in a phase.
  public package(set) subscript(phase: GenerationPhase) -> DurationTally {
    get { tallies[phase] ?? DurationTally() }
    set { tallies[phase] = newValue }
  }
}
