import Platform
public import Tensor

/// Runs a model for many requests at once.
///
/// The model is computed on threads of the engine's own; `generate` and `submit` may be called from
/// anywhere. The tokens of a request are the same bits whatever else runs beside it.
public final class Engine: Sendable {
  /// The model.
  public let model: LoadedModel
  /// Positions a sequence may have, C.
  public let contextLength: Int
  /// Bytes of the key-value cache, all of which sequences may come to use.
  public let cacheBytes: Int
  /// How the key-value cache keeps its numbers.
  public let cacheFormat: CacheFormat
  /// The kernels and threads in use, which other engines may use, too.
  public let compute: Compute
  /// The names of the adapters that requests may ask for.
  public let adapters: [String]
  private let encoder: (any AttachmentEncoder)?
  private let pooledHead: PooledHead
  private let mailbox: Mailbox
  private let limits: SchedulerLimits
  private let measureLog: MeasureLog

  /// Prepares memory and threads.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - configuration: What the engine may use.
  ///   - sharedCompute: Kernels and threads that another engine uses, too, a step of each in turn; nil for some
  ///     of its own.
  /// - Throws: `TensorError` when the instruction set is not available, memory cannot be had, or the
  ///   encoder is for models of another width; `InsufficientMemory` when the configuration allows too little.
  public init(
    model: LoadedModel, configuration: EngineConfiguration = EngineConfiguration(),
    compute sharedCompute: Compute? = nil
  ) throws {
    self.model = model
    EngineWarning.report(to: configuration.onWarning)
    let compute = try sharedCompute ?? configuration.makeCompute()
    self.compute = compute
    let capacity = try DecoderCapacity(
      model, configuration: configuration.bounded(for: model))
    contextLength = capacity.contextLength
    cacheBytes = capacity.cacheBytes
    cacheFormat = capacity.cacheFormat
    limits = capacity.limits
    encoder = configuration.attachmentEncoder
    adapters = configuration.adapters.map(\.name)
    pooledHead = try model.makePooledHead(compute: compute)
    measureLog = MeasureLog(contextLength: capacity.contextLength)
    mailbox = Mailbox(
      limits: capacity.limits, waitingForRoom: max(0, configuration.waitingForRoom))
    let encoding = try AttachmentEncoding(
      encoder, width: model.spec.embedding.width ?? model.spec.width,
      rows: capacity.limits.embeddingRows, compute: compute)
    let executor = try model.makeExecutor(
      capacity: capacity, compute: compute, store: encoding?.store,
      adapters: configuration.adapters)
    let loop = EngineLoop(
      driver: StepDriver(executor, capacity: capacity), encoding: encoding,
      scheduler: Scheduler(limits: capacity.limits),
      sampler: Sampler(
        vocabularySize: model.tokenizer.count, processor: compute.processor),
      outside: EngineLoop.Outside(
        mailbox: mailbox, measures: measureLog, turns: compute.turns,
        accountsByClient: configuration.accountsByClient, takesRuns: configuration.takesRuns))
    let started = DedicatedThread(
      name: "apus-engine", processor: compute.pool.callersProcessor, body: { loop.run() })
    guard let thread = started else {
      throw TensorError(
        .memory, "engine", expected: "a thread of its own", given: "none left on this system")
    }
    thread.detach()
  }

  deinit {
    mailbox.stop()
  }

  /// What the engine is doing; answers at once, whatever is being computed.
  public var status: EngineStatus { mailbox.status }

  /// What the engine has done since it began.
  public var measures: EngineMeasures {
    var measures = measureLog.snapshot
    var constraints = model.constraints.log.snapshot
    constraints.maskTime = measures.constraints.maskTime
    constraints.forcedTokens = measures.constraints.forcedTokens
    measures.constraints = constraints
    return measures
  }

  /// Refuses at once what `generate` would refuse now for want of room, however short the prompt; worth
  /// asking before a prompt is made at some cost.
  ///
  /// - Throws: `EngineError.queueFull`, `.tokensQueued`, `.tooManyForClient` or `.shuttingDown`.
  public func checkRoom(for client: String) throws(EngineError) {
    try mailbox.checkRoom(for: client)
  }

  /// Starts a generation, or refuses it at once where there is no room for it.
  ///
  /// - Throws: An `EngineError` when the request cannot be taken.
  public func generate(_ request: GenerationRequest) throws(EngineError) -> GenerationStream {
    let limit = try check(request)
    // What has no room is refused before anything is made for it.
    let id = try mailbox.reserve(request.terms, tokens: request.prompt.count)
    return start(request, as: id, limit: limit)
  }

  /// Starts a generation, and waits where there is no room for it yet.
  ///
  /// Whoever asks first goes first, but lower priorities before others, and clients take turns. At most
  /// `EngineConfiguration.waitingForRoom` requests wait; one whose task is cancelled leaves at once. The
  /// time that `RequestTerms.longestWait` allows counts from here.
  ///
  /// - Throws: An `EngineError` when the request cannot be taken, `CancellationError` when the task is
  ///   cancelled.
  public func submit(_ request: GenerationRequest) async throws -> GenerationStream {
    let limit = try check(request)
    let clock = ContinuousClock()
    let start = clock.now
    let id = try await mailbox.waitForPlace(request.terms, tokens: request.prompt.count)
    var request = request
    let waited = (clock.now - start) / .seconds(1)
    request.terms.longestWait = request.terms.longestWait.map { max(0, $0 - waited) }
    return self.start(request, as: id, limit: limit)
  }

  /// Tokens that the answer may have.
  ///
  /// - Throws: An `EngineError` when the request can never be taken.
  private func check(_ request: GenerationRequest) throws(EngineError) -> Int {
    let limit = try request.answerLimit(context: contextLength)
    try request.checkTask(of: model, answerLimit: limit)
    if let name = request.adapter, !adapters.contains(name) { throw .unknownAdapter(name) }
    try model.tokenizer.checkKnown(request.prompt.tokens)
    try request.prompt.checkAttachments(encoder, limit: limits.embeddingRows)
    return limit
  }

  /// Starts a generation that has a place.
  private func start(
    _ request: GenerationRequest, as id: SequenceID, limit: Int
  ) -> GenerationStream {
    var request = request
    request.sampling.drawSeed()
    request.terms.adapter = request.adapter ?? ""
    let (events, continuation) = AsyncThrowingStream.makeStream(
      of: GenerationEvent.self, throwing: (any Error).self)
    let generation = Generation(
      request: request, maximumTokens: limit, tokenizer: model.tokenizer, head: pooledHead,
      drafter: drafter(for: request, answerLimit: limit), continuation: continuation)
    generation.id = id
    generation.adapter = request.adapter.flatMap { adapters.firstIndex(of: $0) }
    mailbox.enqueue(generation)
    continuation.onTermination = { [mailbox] termination in
      if case .cancelled = termination { mailbox.cancel(id) }
    }
    return GenerationStream(events, of: request, engine: self)
  }

  /// What drafts the tokens of an answer; nil where nothing is drafted.
  private func drafter(for request: GenerationRequest, answerLimit: Int) -> PromptLookup? {
    guard limits.draftRowsPerStep > 0, answerLimit > 1 else { return nil }
    return PromptLookup(
      prompt: request.prompt.tokens, predicted: request.predicted, room: answerLimit)
  }

  /// Refuses new requests and returns when all that were taken have ended.
  public func drain() async {
    await mailbox.drain()
  }

  /// Refuses new requests, and returns when all that were taken have ended, at the latest after some time:
  /// those that have not ended then end with `EngineError.shuttingDown`, within a step.
  ///
  /// - Returns: How many were cut off so.
  @discardableResult
  public func drain(within limit: Duration) async -> Int {
    let timer = Task { [mailbox] in
      try await Task.sleep(for: limit)
      mailbox.cut()
    }
    await mailbox.drain()
    timer.cancel()
    return mailbox.cutGenerations
  }
}
