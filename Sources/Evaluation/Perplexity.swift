public import GPTModel
public import Tokenizers

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How well a model predicts a text.
///
/// The text is cut into windows; in each, the second half is predicted given all of the window that
/// comes before. The protocol is the one of llama.cpp's tool of that name, so the figures compare.
public struct Perplexity: Sendable {
  /// Tokens predicted so far.
  public private(set) var tokens = 0
  private var sum = 0.0
  private var squares = 0.0

  /// The mean negative log-likelihood in nats.
  public var meanNegativeLogLikelihood: Double { sum / Double(max(1, tokens)) }
  /// The exponential of the mean negative log-likelihood.
  public var value: Double { exp(meanNegativeLogLikelihood) }
  /// The standard error of `value`, as if tokens were independent.
  public var standardError: Double {
    let count = Double(max(2, tokens))
    let mean = meanNegativeLogLikelihood
    return value * (max(0, squares / count - mean * mean) / (count - 1)).squareRoot()
  }

  /// Measures a text.
  ///
  /// - Parameters:
  ///   - text: The text's tokens.
  ///   - model: The model.
  ///   - window: Tokens of a window, at least 4.
  ///   - chunks: Windows to measure at most; nil for all that the text fills.
  ///   - configuration: Threads and instruction set.
  ///   - progress: Called after each window with the number done, the number to do, and the result so far.
  public static func measure(
    text: [Token], model: LoadedModel, window: Int, chunks: Int?,
    configuration: EngineConfiguration = EngineConfiguration(),
    progress: (Int, Int, Perplexity) throws -> Void = { _, _, _ in }
  ) throws -> Perplexity {
    let windows = min(chunks ?? .max, text.count / max(4, window))
    guard windows > 0 else {
      throw EngineError.textTooShort(tokens: text.count, needed: max(4, window))
    }
    var configuration = configuration
    configuration.contextLength = max(4, window)
    let scorer = try Scorer(model: model, configuration: configuration)
    let length = max(4, window)
    var result = Perplexity()
    for index in 0..<windows {
      var tokens = Array(text[(index * length)..<((index + 1) * length)])
      if model.tokenizer.addsBeginningOfSequence, let begin = model.tokenizer.beginningOfSequence {
        tokens[0] = begin
      }
      for loss in try scorer.negativeLogLikelihoods(of: tokens, at: (length / 2 + 1)..<length) {
        result.add(loss)
      }
      try progress(index + 1, windows, result)
    }
    return result
  }

  private mutating func add(_ loss: Double) {
    tokens += 1
    sum += loss
    squares += loss * loss
  }
}
