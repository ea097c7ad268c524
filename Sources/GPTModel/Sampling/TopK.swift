import Tensor

/// Keeps the most likely tokens, so many.
struct TopK: Truncation {
  func removesTokens(_ parameters: SamplingParameters, of count: Int) -> Bool {
    parameters.topK > 0 && parameters.topK < count
  }

  func apply(
    to candidates: inout Candidates, _ parameters: SamplingParameters, _ context: SamplingContext
  ) {
    candidates.keepMostLikely(parameters.topK)
  }

  /// As many blocks have a greatest logit of at least that as tokens are kept.
  func floor(
    of logits: UnsafeBufferPointer<Float>, _ candidates: inout Candidates,
    _ parameters: SamplingParameters
  ) -> Float {
    let blocks = Processor.logitBlocks(logits.count)
    guard parameters.topK <= blocks else { return -.infinity }
    var heap = RankHeap(in: candidates.ranks)
    heap.fill(upTo: parameters.topK, from: candidates.maxima, count: blocks)
    return Rank(bits: heap.first).logit
  }
}

extension Candidates {
  /// Keeps the most likely tokens, exactly as many as asked for; 0 or less keeps all.
  mutating func keepMostLikely(_ limit: Int) {
    guard limit > 0, limit < count else { return }
    var best = RankHeap(in: ranks)
    best.fill(upTo: limit, from: logits, count: count)
    keep(downTo: Rank(bits: best.first))
  }
}
