package import GPTModel
package import Tensor
package import Tokenizers

/// Computes steps of sequences that advance together, with an engine's parts on the calling thread.
package struct StepRunner: ~Copyable {
  /// The kernels and threads in use.
  package let compute: Compute
  private let driver: StepDriver
  private let vocabularySize: Int
  private var scheduler: Scheduler
  private var sampler: Sampler
  private var plan = StepPlan()
  /// The sequences, in order.
  private var ids: [SequenceID] = []
  /// The token chosen last for each sequence.
  private var chosen: [SequenceID: Token] = [:]
  /// Tokens that each sequence has.
  private var known = 0
  private var nextID: UInt64 = 0
  /// The logits of the last row of the last step.
  private var logits = UnsafeBufferPointer<Float>(start: nil, count: 0)

  /// Prepares memory and threads.
  package init(model: LoadedModel, configuration: EngineConfiguration) throws {
    try model.check(.generate)
    var configuration = configuration
    configuration.waitingRequests = configuration.runningSequences
    // Names first: a value that cannot be copied must not be left half made by an error.
    let compute = try configuration.makeCompute()
    let capacity = try DecoderCapacity(model, configuration: configuration)
    let executor = try model.makeExecutor(capacity: capacity, compute: compute)
    self.compute = compute
    driver = StepDriver(executor, capacity: capacity)
    scheduler = Scheduler(limits: capacity.limits)
    vocabularySize = model.tokenizer.count
    sampler = Sampler(vocabularySize: vocabularySize, processor: compute.processor)
  }

  /// The tokens chosen by the last step, one for each sequence in order.
  package var chosenTokens: [Token] { ids.compactMap { chosen[$0] } }

  /// The tokens that `read` gives a sequence: spread over the vocabulary so that no row of the
  /// embedding is read twice in a row.
  package func promptTokens(_ positions: Range<Int>) -> [Token] {
    positions.map { Token(clamping: ($0 &* 7919 &+ 104_729) % max(1, vocabularySize)) }
  }

  /// Begins so many empty sequences.
  package mutating func begin(sequences: Int) {
    ids = (0..<sequences).map { SequenceID(nextID + UInt64($0)) }
    nextID += UInt64(sequences)
    known = 0
  }

  /// Gives each sequence tokens of a prompt and computes them.
  package mutating func read(_ count: Int) throws {
    let tokens = promptTokens(known..<(known + count))
    for id in ids {
      if known == 0 {
        // Prompts must be read in each repetition, and by each sequence.
        var terms = RequestTerms()
        terms.usesCache = false
        scheduler.submit(id, tokens: tokens, terms: terms)
      } else {
        for token in tokens { scheduler.append(token, to: id) }
      }
    }
    known += count
    try compute(rows: count * ids.count)
  }

  /// Gives each sequence the token chosen for it and computes the step.
  package mutating func write() throws {
    for id in ids { scheduler.append(chosen[id] ?? 0, to: id) }
    known += 1
    try compute(rows: ids.count)
  }

  /// Chooses a token once more from the logits of the last step.
  package mutating func draw(_ parameters: SamplingParameters, position: Int) throws(EngineError) {
    let context = SamplingContext(choice: 0, position: position)
    guard sampler.choose(from: logits, parameters: parameters, context: context) != nil else {
      throw .notFinite
    }
  }

  /// Forgets the sequences.
  package mutating func end() {
    for id in ids { scheduler.remove(id) }
    ids.removeAll(keepingCapacity: true)
    chosen.removeAll(keepingCapacity: true)
  }

  /// Computes steps until so many rows are done.
  private mutating func compute(rows: Int) throws(EngineError) {
    var missing = rows
    while missing > 0 {
      scheduler.plan(into: &plan)
      guard plan.rows > 0, scheduler.preemptions == 0 else {
        throw .promptTooLong(
          tokens: known * ids.count,
          context: scheduler.limits.pages * scheduler.limits.positionsPerPage)
      }
      // Without the cache, what is computed is wanted of complete sequences only.
      try driver.run(
        plan, tokens: { scheduler.tokens(of: $0) }, demand: { RowDemand(logits: $0.outputs) },
        { (entry, row) throws(EngineError) in try record(row.values, of: entry.id) })
      missing -= plan.rows
    }
  }

  /// Notes the next token of a sequence that is complete.
  private mutating func record(
    _ row: UnsafeBufferPointer<Float>, of id: SequenceID
  ) throws(EngineError) {
    logits = row
    let context = SamplingContext(choice: 0, position: known)
    guard let token = sampler.choose(from: row, parameters: .greedy, context: context) else {
      throw .notFinite
    }
    chosen[id] = token
  }
}
