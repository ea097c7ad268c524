public import GPTModel
import Tensor
public import Tokenizers

/// Computes the logits of given texts, one sequence at a time, without an engine.
///
/// It runs the same decoder over the same kind of steps as an engine, so its figures are an engine's.
public final class Scorer {
  private let model: LoadedModel
  private let driver: StepDriver
  private let capacity: DecoderCapacity
  private var pool: PagePool
  private var sampler: Sampler
  /// Whether texts are computed with an adapter.
  private let isAdapted: Bool

  /// Prepares memory and threads for texts of up to `configuration.contextLength` tokens, which are computed with
  /// the first of the configuration's adapters where it has one.
  public init(model: LoadedModel, configuration: EngineConfiguration = EngineConfiguration())
    throws
  {
    try model.check(.generate)
    var configuration = configuration
    configuration.runningSequences = 1
    var capacity = try DecoderCapacity(model, configuration: configuration)
    capacity.logitRows = min(64, capacity.limits.rowsPerStep)
    self.model = model
    self.capacity = capacity
    driver = StepDriver(
      try model.makeExecutor(
        capacity: capacity, compute: configuration.makeCompute(), adapters: configuration.adapters),
      capacity: capacity)
    isAdapted = !configuration.adapters.isEmpty
    sampler = Sampler(vocabularySize: model.tokenizer.count)
    pool = PagePool(capacity.limits)
  }

  /// Computes a text and hands over the logits of some positions, in order.
  ///
  /// - Parameters:
  ///   - tokens: The text, at most the context's length.
  ///   - positions: The positions whose logits [V] are wanted.
  ///   - body: Called with a position and its logits, which are valid during the call.
  /// - Throws: `EngineError` when the text is empty, too long, or has tokens that do not exist.
  public func logits(
    of tokens: [Token], at positions: Range<Int>,
    _ body: (Int, UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    guard !tokens.isEmpty else { throw EngineError.emptyPrompt }
    guard tokens.count <= capacity.contextLength else {
      throw EngineError.promptTooLong(tokens: tokens.count, context: capacity.contextLength)
    }
    try model.tokenizer.checkKnown(tokens)
    let wanted = positions.clamped(to: 0..<tokens.count)
    // What an error leaves behind is not taken back: the next text begins with all pages.
    var lease = PageLease(groups: capacity.limits.windows.count)
    pool = PagePool(capacity.limits)
    var first = 0
    while first < wanted.upperBound {
      let end = min(first + capacity.limits.longestChunk(from: first), wanted.upperBound)
      let outputs = min(max(first, wanted.lowerBound), end)..<end
      pool.takeBackHidden(from: first, of: &lease)
      let hasPages = pool.grow(&lease, to: PageLayout.pages(for: end))
      precondition(hasPages, "the pool holds what a step of the longest text sees")
      var entry = StepPlan.Entry(
        id: SequenceID(0), first: first, count: end - first, outputs: outputs,
        tables: lease.tables)
      if capacity.limits.stateSlots != nil { entry.slot = 0 }
      try driver.run(
        StepPlan([entry]), tokens: { _ in tokens[first..<end] },
        demand: { entry in
          var demand = RowDemand(logits: entry.outputs)
          demand.adapter = isAdapted ? 0 : nil
          return demand
        }, { try body($1.position, $1.values) })
      first = end
    }
  }

  /// The negative log-likelihood, in nats, of each token in a range given all before it.
  public func negativeLogLikelihoods(of tokens: [Token], at range: Range<Int>) throws -> [Double] {
    let range = range.clamped(to: 1..<max(1, tokens.count))
    var result: [Double] = []
    try logits(of: tokens, at: (range.lowerBound - 1)..<(range.upperBound - 1)) {
      position, logits in
      // One that is not a number is what logits that are none give.
      let normalizer = sampler.logNormalizer(of: logits) ?? .nan
      result.append(normalizer - Double(logits[Int(tokens[position + 1])]))
    }
    return result
  }
}
