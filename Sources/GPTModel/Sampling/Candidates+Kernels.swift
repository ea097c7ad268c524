import Tensor

/// Choosing with kernels, which look at all tokens; the rules look at the few that may be chosen.
extension Candidates {
  /// Chooses a token from logits `[V]`, which stay as they are.
  ///
  /// Of a mask's blocks without an allowed token nothing is read, so that few tokens cost little.
  ///
  /// - Parameter processor: The kernels.
  /// - Returns: Nil when the logits hold NaN or plus infinity, or leave no token possible.
  mutating func choose(
    from source: UnsafeBufferPointer<Float>, by parameters: SamplingParameters,
    in context: SamplingContext, using processor: Processor
  ) -> Token? {
    guard let mask = context.mask else {
      return chooseAllowed(from: source, by: parameters, in: context, using: processor)
    }
    return mask.words.withUnsafeBufferPointer { words in
      allowed = words.baseAddress
      let known = UnsafeBufferPointer(rebasing: source.prefix(64 * words.count))
      return chooseAllowed(from: known, by: parameters, in: context, using: processor)
    }
  }

  private mutating func chooseAllowed(
    from source: UnsafeBufferPointer<Float>, by parameters: SamplingParameters,
    in context: SamplingContext, using processor: Processor
  ) -> Token? {
    self.processor = processor
    var all = source
    if Self.areChanged(by: parameters, in: context) {
      // Rules of a request's own may look at any logit.
      copy(source, whole: context.processing != nil)
      changeLogits(by: parameters, in: context)
      all = UnsafeBufferPointer(start: logits, count: source.count)
    }
    guard let base = all.baseAddress,
      let place = processor.survey(base, count: all.count, allowed: allowed, maxima: maxima)
    else { return nil }
    if parameters.takesMostLikely { return Token(truncatingIfNeeded: place) }
    best = base[place]
    let fraction = context.fraction(seed: parameters.seed)
    guard
      let first = SamplingRules.truncations.first(where: {
        $0.removesTokens(parameters, of: all.count)
      })
    else {
      let mass = weighAll(all, temperature: parameters.temperature)
      return drawFromAll(all.count, at: fraction * mass)
    }
    let floor = first.floor(of: all, &self, parameters)
    fill(from: all, atLeast: floor)
    truncate(by: parameters, in: context)
    return draw(at: fraction)
  }

  /// Computes the weight of each of all tokens that are allowed, and the sums of blocks.
  ///
  /// - Returns: The sum of all.
  func weighAll(_ all: UnsafeBufferPointer<Float>, temperature: Float) -> Double {
    guard let processor else { return 0 }
    processor.weigh(
      all, allowed: allowed,
      by: LogitWeighing(best: best, sharpness: Self.sharpness(of: temperature)),
      weights: weights, sums: sums)
    var total = 0.0
    for block in 0..<Processor.logitBlocks(all.count) { total += Double(sums[block]) }
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
    guard let last = last ?? lastWeighed(of: count) else { return nil }
    return Token(truncatingIfNeeded: last)
  }

  /// The last of all tokens that has a weight.
  private func lastWeighed(of count: Int) -> Int? {
    for block in (0..<Processor.logitBlocks(count)).reversed() where sums[block] > 0 {
      let start = block &* Processor.logitBlock
      let range = start..<min(start &+ Processor.logitBlock, count)
      if let last = range.last(where: { weights[$0] > 0 }) { return last }
    }
    return nil
  }
}

extension SamplingContext {
  /// The fraction, at least 0 and below 1, that decides; without a seed that of seed 0.
  func fraction(seed: UInt64?) -> Double {
    RandomSource(seed: seed ?? 0, choice: choice).uniform(at: position)
  }
}

extension SamplingParameters {
  /// Whether the most likely token is taken without a draw.
  var takesMostLikely: Bool { !(temperature > 0) }
}
