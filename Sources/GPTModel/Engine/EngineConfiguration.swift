public import Tensor

/// What an engine may use.
public struct EngineConfiguration: Sendable {
  /// Threads that compute; nil for as many as this process may use.
  public var threads: Int?
  /// The instruction set to use; nil for the best that this machine runs.
  public var instructionSet: InstructionSet?
  /// Positions a sequence may have, C; nil for the model's own limit. Lowered when the cache does not hold
  /// what they see: all of them, or in layers with a window as many as that.
  public var contextLength: Int?
  /// Bytes of key-value cache, allocated at start and used as sequences need them; nil for enough for
  /// every running sequence, at most a quarter of the memory that the process may use.
  public var cacheBytes: Int?
  /// Bytes of the states of models whose layers have some, allocated at start and used as sequences need them;
  /// nil for enough for every running sequence and as many snapshots, which prompts go on from, at most a quarter of the memory that the process may use.
  public var stateBytes: Int?
  /// Bytes that the model's weights and all that the engine allocates at start may take together: the cache is
  /// made as large as they allow, up to `cacheBytes`. Nil for no bound but that.
  public var memoryBytes: Int?
  /// How the key-value cache keeps its numbers; int8 holds nearly twice the positions, a little less
  /// exactly. Nil for float32 where all matrices of the model are float32, bfloat16 otherwise.
  public var cacheFormat: CacheFormat?
  /// Sequences computed side by side, S.
  public var runningSequences = 32
  /// Requests that may wait; `generate` refuses the next one, `submit` waits until there is room for it.
  public var waitingRequests = 256
  /// Requests that `submit` lets wait for that; the next one is refused.
  public var waitingForRoom = 4096
  /// Rows of one step, T: tokens being generated and tokens of prompts together.
  public var rowsPerStep = 512

  /// Tokens that waiting requests may have together; nil for four times what the cache holds.
  public var waitingTokens: Int?
  /// Requests that one client may have at a time; nil for as many as there is room for.
  public var requestsPerClient: Int?
  /// Whether each client has an account of its tokens and of the time that they take, not only all
  /// together; for clients whose names are few, as those of keys are.
  public var accountsByClient = false
  /// Seconds between two tokens of an answer that steps keep to while prompts are read beside it.
  public var interTokenTarget = 0.05

  /// How tokens are drafted, so that a step computes several of an answer; changes nothing but time.
  public var speculation = Speculation.off
  /// Whether tokens that a constraint leaves no choice about are taken without their logits; to compare.
  package var takesRuns = true

  /// Adapters of the model that requests may name.
  public var adapters: [LoadedAdapter] = []

  /// What encodes attachments, as wide as the model; nil to take prompts of tokens only.
  public var attachmentEncoder: (any AttachmentEncoder)?
  /// Bytes of encoded attachments, allocated at start where there is an encoder; the least recently used
  /// are encoded again when they are wanted again.
  public var attachmentBytes = 64 << 20
  /// Rows of attachments that one step encodes at most, unless a single one has more.
  public var attachmentRowsPerStep = 64

  /// Told once in a process of what makes this build slower than it need be; nil to be told nothing.
  public var onWarning: (@Sendable (EngineWarning) -> Void)?

  /// Creates the defaults.
  public init() {}
}

extension EngineConfiguration {
  /// Starts the kernels and threads that these settings name.
  package func makeCompute() throws(TensorError) -> Compute {
    Compute(
      processor: try Processor(limit: instructionSet),
      threads: threads ?? Processor.usableThreads().count)
  }
}
