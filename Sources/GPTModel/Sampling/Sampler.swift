package import Tensor
import Tokenizers

/// Chooses tokens from logits; owns its scratch, so that a step allocates nothing after the first.
///
/// The rules are applied in the order of `SamplingRules`, each to what the one before it left. The draw
/// walks the tokens left in ascending order. Wherever logits are equal the lower token comes first.
package struct Sampler: Sendable {
  private var scratch: SamplerScratch
  private let processor: Processor?

  /// Creates a sampler for logits `[V]`.
  ///
  /// - Parameters:
  ///   - vocabularySize: V.
  ///   - processor: Kernels for what looks at every logit; nil does all in Swift, as plainly as it can be.
  package init(vocabularySize: Int, processor: Processor? = nil) {
    scratch = SamplerScratch(vocabularySize: vocabularySize)
    self.processor = processor
  }

  /// Chooses a token from logits `[V]`, which stay as they are.
  ///
  /// Where there is a mask, only the logits of the tokens that it allows count. It goes before biases
  /// and bans: where these leave none of its tokens, they are left out.
  ///
  /// - Returns: Nil when the logits hold NaN or plus infinity, or leave no token possible.
  package mutating func choose(
    from logits: UnsafeBufferPointer<Float>, parameters: SamplingParameters,
    context: SamplingContext
  ) -> Token? {
    if let token = pick(from: logits, parameters: parameters, context: context) { return token }
    guard context.mask != nil, !(parameters.logitBias.isEmpty && context.banned.isEmpty) else {
      return nil
    }
    var (parameters, context) = (parameters, context)
    context.processing?.rewind()
    parameters.logitBias = [:]
    context.banned = []
    return pick(from: logits, parameters: parameters, context: context)
  }

  private mutating func pick(
    from logits: UnsafeBufferPointer<Float>, parameters: SamplingParameters,
    context: SamplingContext
  ) -> Token? {
    if let processor {
      makeRoom(for: logits.count)
      return scratch.withCandidates {
        $0.choose(from: logits, by: parameters, in: context, using: processor)
      }
    }
    return withCandidates(from: logits) { candidates in
      guard let best = candidates.applyRules(of: parameters, in: context) else { return nil }
      if parameters.takesMostLikely { return Token(truncatingIfNeeded: best) }
      return candidates.draw(at: context.fraction(seed: parameters.seed))
    }
  }

  /// Lends the scratch, filled with all tokens and their logits `[V]`.
  mutating func withCandidates<Result>(
    from logits: UnsafeBufferPointer<Float>, _ body: (inout Candidates) -> Result?
  ) -> Result? {
    makeRoom(for: logits.count)
    return scratch.withCandidates { candidates in
      candidates.fill(from: logits)
      return body(&candidates)
    }
  }

  private mutating func makeRoom(for logits: Int) {
    if logits > scratch.vocabularySize { scratch = SamplerScratch(vocabularySize: logits) }
  }
}

extension Sampler {
  /// Reports a token's probability under the logits `[V]` as the model gave them.
  ///
  /// - Parameter alternatives: How many of the most likely tokens to report besides; impossible ones
  ///   are left out.
  package mutating func logprobs(
    of token: Token, in logits: UnsafeBufferPointer<Float>, alternatives: Int
  ) -> TokenLogprobs {
    let impossible = TokenLogprobs.Entry(token: token, logprob: -.infinity)
    let report = withCandidates(from: logits) { candidates -> TokenLogprobs? in
      guard let normalizer = candidates.logNormalizer() else { return nil }
      let possible = candidates.logits
      func entry(_ index: Int) -> TokenLogprobs.Entry {
        let logprob = Float(Double(possible[index]) - normalizer)
        return TokenLogprobs.Entry(token: Token(truncatingIfNeeded: index), logprob: logprob)
      }
      let isKnown = token >= 0 && Int(token) < logits.count
      return TokenLogprobs(
        chosen: isKnown ? entry(Int(token)) : impossible,
        alternatives: candidates.indicesOfMostLikely(alternatives).map(entry))
    }
    return report ?? TokenLogprobs(chosen: impossible, alternatives: [])
  }

  /// The number by which the logits `[V]` lie above their tokens' log-probabilities.
  ///
  /// - Returns: Nil when they hold NaN or plus infinity, or leave no token possible.
  package mutating func logNormalizer(of logits: UnsafeBufferPointer<Float>) -> Double? {
    withCandidates(from: logits) { $0.logNormalizer() }
  }

  /// Reports the same, and the token's place among all; the lower of equally likely ones goes first.
  mutating func rankedLogprobs(
    of token: Token, in logits: UnsafeBufferPointer<Float>, alternatives: Int
  ) -> TokenLogprobs {
    let report = logprobs(of: token, in: logits, alternatives: alternatives)
    return TokenLogprobs(
      chosen: report.chosen, alternatives: report.alternatives, rank: rank(of: token, in: logits))
  }
}

/// The place of a token by its logit of `[V]`, counted from 1; nil for one that is unknown.
private func rank(of token: Token, in logits: UnsafeBufferPointer<Float>) -> Int? {
  guard token >= 0, Int(token) < logits.count, let base = logits.baseAddress else { return nil }
  let (place, own) = (Int(token), base[Int(token)])
  var rank = 1
  var index = 0
  while index < logits.count {
    if base[index] > own || (base[index] == own && index < place) { rank &+= 1 }
    index &+= 1
  }
  return rank
}

extension Candidates {
  /// Applies the rules in their order, up to and without the draw.
  ///
  /// - Returns: The index of the most likely token before any was removed, or nil when none is.
  mutating func applyRules(of parameters: SamplingParameters, in context: SamplingContext) -> Int? {
    changeLogits(by: parameters, in: context)
    if let mask = context.mask { allowOnly(mask) }
    guard let most = greatest(of: UnsafeBufferPointer(start: logits, count: count)) else {
      return nil
    }
    best = most.logit
    if !parameters.takesMostLikely { truncate(by: parameters, in: context) }
    return most.index
  }

  /// The logarithm of the sum of e to the power of each logit; leaves the weights of that.
  fileprivate func logNormalizer() -> Double? {
    guard let most = greatest(of: UnsafeBufferPointer(start: logits, count: count)) else {
      return nil
    }
    weigh(temperature: 1, best: most.logit)
    return Double(most.logit) + logarithm(mass)
  }

  /// Returns the indices of the most likely tokens that are possible, the most likely first.
  fileprivate func indicesOfMostLikely(_ limit: Int) -> [Int] {
    var heap = RankHeap(in: ranks)
    heap.fill(upTo: max(limit, 0), from: logits, count: count)
    var ascending: [Int] = []
    ascending.reserveCapacity(heap.count)
    while let next = heap.popFirst() {
      let rank = Rank(bits: next)
      if rank.logit > -.infinity { ascending.append(rank.index) }
    }
    return ascending.reversed()
  }
}

/// Finds the greatest of logits `[V]`, the first of equal ones.
///
/// - Returns: Nil when one is NaN or plus infinity, or none is above minus infinity.
private func greatest(of logits: UnsafeBufferPointer<Float>) -> (index: Int, logit: Float)? {
  guard let base = logits.baseAddress else { return nil }
  let count = logits.count
  var best = -Float.infinity
  var place = 0
  var isFinite = true
  var index = 0
  while index < count {
    let logit = base[index]
    if !(logit < .infinity) { isFinite = false }
    if logit > best {
      best = logit
      place = index
    }
    index &+= 1
  }
  return isFinite && best > -.infinity ? (place, best) : nil
}
