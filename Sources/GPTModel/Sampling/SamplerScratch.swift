import Tensor
import Tokenizers

/// The memory in which a sampler works, kept from one token to the next.
struct SamplerScratch: Sendable {
  /// Tokens still possible, `[V]`.
  private var tokens: [Token]
  /// Logits after bias and penalties, `[V]`.
  private var logits: [Float]
  /// Probabilities relative to the most likely token, `[V]`.
  private var weights: [Float]
  /// Room for selecting the best, `[V]`.
  private var ranks: [UInt64]
  /// Sums of weights of about the same size, `[bucketCount]`.
  private var buckets: [Double]
  /// The greatest logits of blocks, then the sums of their weights, each `[blocks]`.
  private var blocks: [Float]

  /// Allocates memory for logits `[V]`.
  init(vocabularySize: Int) {
    let size = max(vocabularySize, 0)
    tokens = Array(repeating: 0, count: size)
    logits = Array(repeating: 0, count: size)
    weights = Array(repeating: 0, count: size)
    ranks = Array(repeating: 0, count: size)
    buckets = Array(repeating: 0, count: Candidates.bucketCount)
    blocks = Array(repeating: 0, count: 2 * Processor.logitBlocks(size))
  }

  /// How many logits fit.
  var vocabularySize: Int {
    tokens.count
  }

  /// Lends the memory to a list of candidates that is still empty.
  mutating func withCandidates<Result>(_ body: (inout Candidates) -> Result?) -> Result? {
    tokens.withUnsafeMutableBufferPointer { tokens in
      logits.withUnsafeMutableBufferPointer { logits in
        weights.withUnsafeMutableBufferPointer { weights in
          ranks.withUnsafeMutableBufferPointer { ranks in
            buckets.withUnsafeMutableBufferPointer { buckets in
              blocks.withUnsafeMutableBufferPointer { blocks in
                guard let tokens = tokens.baseAddress, let logits = logits.baseAddress,
                  let weights = weights.baseAddress, let ranks = ranks.baseAddress,
                  let buckets = buckets.baseAddress, let maxima = blocks.baseAddress
                else { return nil }
                var candidates = Candidates(
                  tokens: tokens, logits: logits, weights: weights, ranks: ranks,
                  buckets: buckets, maxima: maxima, sums: maxima + blocks.count / 2)
                return body(&candidates)
              }
            }
          }
        }
      }
    }
  }
}
