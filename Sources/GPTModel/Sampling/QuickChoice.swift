import Tensor
import Tokenizers

/// Choosing where no rule changes a logit: kernels look at all tokens, the rules at the few that may
/// be chosen.
extension Candidates {
  /// Chooses a token from logits `[V]` by temperature, top-k, top-p and min-p.
  ///
  /// - Parameters:
  ///   - logits: The logits.
  ///   - parameters: The rules; none that changes logits is looked at.
  ///   - draw: Gives the fraction, at least 0 and below 1, that decides.
  ///   - processor: The kernels.
  /// - Returns: Nil when the logits hold NaN or plus infinity, or leave no token possible.
  mutating func choose(
    from logits: UnsafeBufferPointer<Float>, by parameters: SamplingParameters,
    draw: () -> Double, using processor: Processor
  ) -> Token? {
    guard let base = logits.baseAddress,
      let best = processor.survey(base, count: logits.count, maxima: maxima)
    else { return nil }
    guard parameters.temperature > 0 else { return Token(truncatingIfNeeded: best) }
    let sharpness = Self.sharpness(of: parameters.temperature)
    if parameters.topK > 0, parameters.topK < logits.count {
      fill(from: logits, atLeast: floor(ofMostLikely: parameters.topK, of: logits.count))
      keepMostLikely(parameters.topK)
      weigh(sharpness: sharpness, best: base[best], using: processor)
      keepNucleus(ofMass: parameters.topP)
    } else {
      processor.weigh(
        base, count: logits.count, best: base[best], sharpness: sharpness, weights: weights,
        sums: sums)
      let total = massOfBlocks(of: logits.count)
      let cut = Self.cut(parameters, total: total, count: logits.count)
      guard cut > 0 else { return drawFromAll(logits.count, at: draw() * total) }
      // What is below may not stay, so its exact place does not matter; one step down makes up for
      // the rounding of the sum.
      let floor = (base[best] + Float(logarithm(cut)) / sharpness).nextDown
      fill(from: logits, atLeast: floor)
      weigh(sharpness: sharpness, best: base[best], using: processor)
      keepNucleus(ofMass: parameters.topP, of: total)
    }
    keepNearBest(fraction: parameters.minP)
    return self.draw(at: draw())
  }

  private func weigh(sharpness: Float, best: Float, using processor: Processor) {
    processor.weigh(
      logits, count: count, best: best, sharpness: sharpness, weights: weights, sums: sums)
  }

  /// A logit that the most likely tokens all reach: as many blocks have a greatest of at least that.
  private func floor(ofMostLikely limit: Int, of count: Int) -> Float {
    let blocks = Processor.logitBlocks(count)
    guard limit <= blocks else { return -.infinity }
    var heap = RankHeap(in: ranks)
    heap.fill(upTo: limit, from: maxima, count: blocks)
    return Rank(bits: heap.first).logit
  }

  /// A weight below which tokens are not chosen; 0 where all may be.
  ///
  /// All tokens below 1 - top-p of the mass divided by their number make up less than that, so the
  /// nucleus is among the others. Half of the bound is a margin for rounding.
  private static func cut(_ parameters: SamplingParameters, total: Double, count: Int) -> Double {
    let nucleus = (1 - Double(max(parameters.topP, 0))) * total / Double(count) / 2
    if parameters.topP < 1 { return max(nucleus, Double(Float.leastNormalMagnitude)) }
    return parameters.minP > 0 ? Double(min(parameters.minP, 1)) / 2 : 0
  }

  private func massOfBlocks(of count: Int) -> Double {
    var total = 0.0
    for block in 0..<Processor.logitBlocks(count) { total += Double(sums[block]) }
    return total
  }

  /// Picks the token at which the weights of all, in order, exceed a target.
  private func drawFromAll(_ count: Int, at target: Double) -> Token? {
    var sum = 0.0
    var last: Int?
    for block in 0..<Processor.logitBlocks(count) {
      let start = block &* Processor.logitBlock
      if sum + Double(sums[block]) <= target {
        sum += Double(sums[block])
        continue
      }
      for index in start..<min(start &+ Processor.logitBlock, count) where weights[index] > 0 {
        sum += Double(weights[index])
        last = index
        if sum > target { return Token(truncatingIfNeeded: index) }
      }
    }
    // Rounding may put the target at the very end.
    guard let last = last ?? (0..<count).last(where: { weights[$0] > 0 }) else { return nil }
    return Token(truncatingIfNeeded: last)
  }
}
