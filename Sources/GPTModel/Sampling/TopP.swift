import Tensor

/// Keeps the most likely tokens that together have so much of the mass: nucleus sampling.
struct TopP: Truncation {
  func removesTokens(_ parameters: SamplingParameters, of count: Int) -> Bool {
    parameters.topP < 1
  }

  func apply(
    to candidates: inout Candidates, _ parameters: SamplingParameters, _ context: SamplingContext
  ) {
    candidates.keepNucleus(ofMass: parameters.topP)
  }

  /// All tokens below 1 - top-p of the mass divided by their number make up less than that, so the
  /// nucleus is among the others. Half of the bound is a margin for rounding.
  func floor(
    of logits: UnsafeBufferPointer<Float>, _ candidates: inout Candidates,
    _ parameters: SamplingParameters
  ) -> Float {
    let mass = candidates.weighAll(logits, temperature: parameters.temperature)
    candidates.massOfAll = mass
    let tail = (1 - Double(max(parameters.topP, 0))) * mass / Double(logits.count) / 2
    return candidates.logit(
      weighing: max(tail, Double(Float.leastNormalMagnitude)), temperature: parameters.temperature)
  }
}

extension Candidates {
  /// Keeps the fewest most likely tokens whose probabilities sum to at least the given mass.
  ///
  /// Nucleus sampling (Holtzman et al. 2020). At least one token is kept; 1 or more keeps all.
  /// Weights are first summed in buckets, so that only the tokens of the bucket in which the mass
  /// is reached need an order among themselves.
  mutating func keepNucleus(ofMass share: Float) {
    guard share < 1, count > 1 else { return }
    fillBuckets()
    let target = Double(share) * (massOfAll ?? mass)
    var collected = 0.0
    var bucket = Self.bucketCount - 1
    while bucket > 0, collected + buckets[bucket] < target {
      collected += buckets[bucket]
      bucket &-= 1
    }
    var heap = bestFirst(inBucket: bucket)
    var lowest: Rank?
    while let next = heap.popFirst() {
      let rank = Rank(bits: ~next)
      collected += Double(weights[rank.index])
      lowest = rank
      if collected >= target { break }
    }
    if let lowest { keep(downTo: lowest) }
  }

  /// One more than the bucket of weight 1, the greatest.
  static var bucketCount: Int { 1017 }

  /// Returns the bucket of a weight between 0 and 1: its exponent and three bits more.
  ///
  /// A greater logit never has a lower bucket.
  static func bucket(of weight: Float) -> Int {
    min(Int(weight.bitPattern &>> 20), bucketCount - 1)
  }

  /// Sums the weights by bucket.
  private func fillBuckets() {
    buckets.update(repeating: 0, count: Self.bucketCount)
    var index = 0
    while index < count {
      buckets[Self.bucket(of: weights[index])] += Double(weights[index])
      index &+= 1
    }
  }

  /// Returns a heap of the complemented ranks of a bucket, so that the best comes first.
  private func bestFirst(inBucket bucket: Int) -> RankHeap {
    var heap = RankHeap(in: ranks)
    var index = 0
    while index < count {
      if Self.bucket(of: weights[index]) == bucket {
        heap.appendUnordered(~Rank(logit: logits[index], index: index).bits)
      }
      index &+= 1
    }
    heap.restoreOrder()
    return heap
  }
}
