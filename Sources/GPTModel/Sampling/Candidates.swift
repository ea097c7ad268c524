import Tensor
import Tokenizers

/// The tokens that may still be chosen, in ascending order, with their logits and weights.
///
/// Each sampling rule is an extension in a file of its own. A value borrows the sampler's scratch
/// and must not outlive the call that made it.
struct Candidates {
  /// How many tokens are left.
  private(set) var count = 0
  /// The tokens, ascending, `[count]`; until a rule removes some, a token is its own index.
  let tokens: UnsafeMutablePointer<Token>
  /// The logits, `[count]`.
  let logits: UnsafeMutablePointer<Float>
  /// Probabilities relative to the most likely token, `[count]`, once `weigh` has run.
  let weights: UnsafeMutablePointer<Float>
  /// Room for a heap, `[V]`.
  let ranks: UnsafeMutablePointer<UInt64>
  /// Room for sums of weights, `[bucketCount]`.
  let buckets: UnsafeMutablePointer<Double>
  /// Room for the greatest logit of each block of a survey, `[blocks]`.
  let maxima: UnsafeMutablePointer<Float>
  /// Room for the sums of weights of such blocks, `[blocks]`.
  let sums: UnsafeMutablePointer<Float>
  /// Kernels for what looks at many tokens; nil does all in Swift.
  var processor: Processor?
  /// The tokens that are allowed, a word for each block of 64; nil for all. Only kernels read it.
  var allowed: UnsafePointer<UInt64>?
  /// The greatest logit.
  var best = -Float.infinity
  /// The weight of all tokens, where the least likely ones were left out and nothing was removed since.
  var massOfAll: Double?

  /// Takes the logits of `[V]`, to be changed; the tokens are not numbered.
  ///
  /// Of blocks without an allowed token the logits have no meaning afterwards, unless the `whole` is taken.
  mutating func copy(_ source: UnsafeBufferPointer<Float>, whole: Bool = false) {
    count = source.count
    guard let base = source.baseAddress else { return }
    guard let allowed, !whole else { return logits.update(from: base, count: count) }
    for block in 0..<Processor.logitBlocks(count) where allowed[block] != 0 {
      let start = block &* Processor.logitBlock
      (logits + start).update(
        from: base + start, count: min(Processor.logitBlock, count &- start))
    }
  }

  /// Makes every token of the vocabulary a candidate, with its logit of `[V]`.
  mutating func fill(from source: UnsafeBufferPointer<Float>) {
    copy(source)
    var index = 0
    while index < count {
      tokens[index] = Token(truncatingIfNeeded: index)
      index &+= 1
    }
  }

  /// Makes the tokens candidates whose logit of `[V]` is at least a floor, by the greatest of each block.
  ///
  /// Tokens that are not allowed have minus infinity.
  ///
  /// - Parameter source: The logits, which may be those copied before: none is read after its place was
  ///   written.
  mutating func fill(from source: UnsafeBufferPointer<Float>, atLeast floor: Float) {
    count = 0
    guard let base = source.baseAddress else { return }
    for block in 0..<Processor.logitBlocks(source.count) where maxima[block] >= floor {
      var bits = allowed.map { $0[block] } ?? .max
      var index = block &* Processor.logitBlock
      let end = min(index &+ Processor.logitBlock, source.count)
      while index < end {
        let logit = bits & 1 == 1 ? base[index] : -.infinity
        if logit >= floor {
          tokens[count] = Token(truncatingIfNeeded: index)
          logits[count] = logit
          count &+= 1
        }
        bits &>>= 1
        index &+= 1
      }
    }
  }

  /// Replaces the logit of a token; only while every token is a candidate.
  ///
  /// A token outside the vocabulary changes nothing.
  func changeLogit(of token: Token, _ change: (Float) -> Float) {
    guard token >= 0, Int(token) < count else { return }
    logits[Int(token)] = change(logits[Int(token)])
  }

  /// Makes the token at an index impossible; NaN and infinity stay, because they say that the model
  /// failed.
  func makeImpossible(_ index: Int) {
    logits[index] = logits[index] < .infinity ? -.infinity : logits[index]
  }

  /// Removes the tokens that rank below the given place.
  mutating func keep(downTo lowest: Rank) {
    let threshold = lowest.logit
    let lastEqual = lowest.index
    keep { [logits] index in
      let logit = logits[index]
      return logit > threshold || (logit == threshold && index <= lastEqual)
    }
  }

  /// Removes the tokens whose weight is below a limit.
  mutating func keep(weighingAtLeast limit: Float) {
    keep { [weights] in weights[$0] >= limit }
  }

  /// Removes the tokens at whose indices a condition does not hold; it is asked in ascending order, before
  /// the token at an index is moved.
  mutating func keep(_ isKept: (Int) -> Bool) {
    var kept = 0
    var index = 0
    while index < count {
      if isKept(index) {
        move(from: index, to: kept)
        kept &+= 1
      }
      index &+= 1
    }
    (count, massOfAll) = (kept, nil)
  }

  private func move(from old: Int, to new: Int) {
    tokens[new] = tokens[old]
    logits[new] = logits[old]
    weights[new] = weights[old]
  }
}

extension Candidates {
  /// The sum of all weights, always added in the same order.
  var mass: Double {
    var sum = 0.0
    var start = 0
    while start < count {
      sum += mass(ofBlockAt: start)
      start &+= Self.blockLength
    }
    return sum
  }

  /// Picks the token at a fraction, at least 0 and below 1, of the way through the weights.
  func draw(at fraction: Double) -> Token? {
    let target = fraction * mass
    var before = 0.0
    var start = 0
    while start < count {
      let after = before + mass(ofBlockAt: start)
      if after > target { return draw(inBlockAt: start, missing: target - before) }
      before = after
      start &+= Self.blockLength
    }
    // Rounding may put the target at the very end.
    return lastPossible(before: count)
  }

  /// Weights that are summed apart from the others, so that a draw looks into one block only.
  private static var blockLength: Int { 64 }

  private func mass(ofBlockAt start: Int) -> Double {
    let end = min(start &+ Self.blockLength, count)
    // Four sums, because additions that wait for one another take most of the time.
    var (first, second, third, fourth) = (0.0, 0.0, 0.0, 0.0)
    var index = start
    while index &+ 3 < end {
      first += Double(weights[index])
      second += Double(weights[index &+ 1])
      third += Double(weights[index &+ 2])
      fourth += Double(weights[index &+ 3])
      index &+= 4
    }
    while index < end {
      first += Double(weights[index])
      index &+= 1
    }
    return (first + second) + (third + fourth)
  }

  private func draw(inBlockAt start: Int, missing: Double) -> Token? {
    let end = min(start &+ Self.blockLength, count)
    var sum = 0.0
    var index = start
    while index < end {
      sum += Double(weights[index])
      if sum > missing { return tokens[index] }
      index &+= 1
    }
    return lastPossible(before: end)
  }

  private func lastPossible(before end: Int) -> Token? {
    var index = end
    while index > 0 {
      index &-= 1
      if weights[index] > 0 { return tokens[index] }
    }
    return nil
  }
}
