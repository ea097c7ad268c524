public import GPTModel
import Tensor
public import Tokenizers

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Computes the logits of given texts, one sequence at a time, without an engine.
///
/// It runs the same decoder over the same kind of steps as an engine, so its figures are an engine's.
public final class Scorer {
  private let model: LanguageModel
  private let decoder: any Decoder
  private let capacity: DecoderCapacity
  private let pages: [Int32]
  private var batch = Batch()

  /// Prepares memory and threads for texts of up to `configuration.contextLength` tokens.
  public init(model: LanguageModel, configuration: EngineConfiguration = EngineConfiguration())
    throws
  {
    var configuration = configuration
    configuration.runningSequences = 1
    var capacity = try DecoderCapacity(spec: model.spec, configuration: configuration)
    capacity.logitRows = min(64, capacity.limits.rowsPerStep)
    self.model = model
    self.capacity = capacity
    decoder = try model.makeDecoder(capacity: capacity, compute: configuration.makeCompute())
    pages = (0..<Int32(clamping: capacity.limits.pages)).map { $0 }
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
    var first = 0
    while first < wanted.upperBound {
      let isScored = first >= wanted.lowerBound
      let limit = isScored ? capacity.logitRows : capacity.limits.rowsPerStep
      let end = min(first + limit, isScored ? wanted.upperBound : wanted.lowerBound)
      batch.removeAll()
      batch.add(tokens: tokens[first..<end], from: first, pages: pages, wantsLogits: isScored)
      let logits = decoder.run(batch)
      if isScored {
        for row in 0..<(end - first) {
          try body(
            first + row, UnsafeBufferPointer(start: logits.row(row), count: logits.columns))
        }
      }
      first = end
    }
  }

  /// The negative log-likelihood, in nats, of each token in a range given all before it.
  public func negativeLogLikelihoods(of tokens: [Token], at range: Range<Int>) throws -> [Double] {
    let range = range.clamped(to: 1..<max(1, tokens.count))
    var result: [Double] = []
    try logits(of: tokens, at: (range.lowerBound - 1)..<(range.upperBound - 1)) {
      position, logits in
      result.append(logSumExp(logits) - Double(logits[Int(tokens[position + 1])]))
    }
    return result
  }

  private func logSumExp(_ logits: UnsafeBufferPointer<Float>) -> Double {
    let highest = Double(logits.max() ?? 0)
    return highest + log(logits.reduce(0.0) { $0 + exp(Double($1) - highest) })
  }
}
