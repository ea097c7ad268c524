/// What an engine is doing, as of its last step.
public struct EngineStatus: Sendable, Hashable {
  /// Sequences that are being computed.
  public internal(set) var running = 0
  /// Requests that wait.
  public internal(set) var waiting = 0
  /// Tokens of the requests that wait.
  public package(set) var waitingTokens = 0
  /// Cache pages that nobody holds.
  public internal(set) var freePages = 0
  /// Cache pages there are, P.
  public internal(set) var totalPages = 0
  /// Steps computed since the start.
  public internal(set) var steps = 0
  /// What reading a token of a prompt takes; zero while none was read.
  public package(set) var secondsPerPromptToken = 0.0

  /// How long the step has been running that is being computed; zero between steps.
  public package(set) var secondsInStep = 0.0

  /// How long cancelled generations kept their memory.
  public internal(set) var cancelToFree = DurationTally()

  /// Creates the status of an engine without work.
  public init() {}

  /// How long a new request would wait for those before it to be read, in seconds.
  public var expectedWait: Double { Double(waitingTokens) * secondsPerPromptToken }
}

/// How often something happened, and how long it took.
public struct DurationTally: Sendable, Hashable {
  /// How often.
  public private(set) var count = 0
  /// Seconds in all.
  public private(set) var total = 0.0
  /// The longest time, in seconds.
  public private(set) var longest = 0.0

  /// Creates a tally of nothing.
  public init() {}

  mutating func add(_ seconds: Double) {
    count += 1
    total += seconds
    longest = max(longest, seconds)
  }
}
