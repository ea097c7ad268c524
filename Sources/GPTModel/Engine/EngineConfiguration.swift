public import Tensor

/// What an engine may use.
public struct EngineConfiguration: Sendable {
  /// Threads that compute; nil for as many as this process may use.
  public var threads: Int?
  /// The instruction set to use; nil for the best that this machine runs.
  public var instructionSet: InstructionSet?
  /// Positions a sequence may have, C; nil for the model's own limit. Lowered when the cache is smaller.
  public var contextLength: Int?
  /// Bytes of key-value cache, allocated at start and used as sequences need them; nil for enough for
  /// every running sequence, at most a quarter of the machine's memory.
  public var cacheBytes: Int?
  /// Sequences computed side by side, S.
  public var runningSequences = 32
  /// Requests that may wait; the next one is refused.
  public var waitingRequests = 256
  /// Rows of one step, T: tokens being generated and tokens of prompts together.
  public var rowsPerStep = 256

  /// Creates the defaults.
  public init() {}
}

/// What an engine is doing, as of its last step.
public struct EngineStatus: Sendable, Hashable {
  /// Sequences that are being computed.
  public internal(set) var running = 0
  /// Requests that wait.
  public internal(set) var waiting = 0
  /// Cache pages that nobody holds.
  public internal(set) var freePages = 0
  /// Cache pages there are, P.
  public internal(set) var totalPages = 0
  /// Steps computed since the start.
  public internal(set) var steps = 0
}
