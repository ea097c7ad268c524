extension Candidates {
  /// Keeps the fewest most likely tokens whose probabilities sum to at least the given mass.
  ///
  /// Nucleus sampling (Holtzman et al. 2020). At least one token is kept; 1 or more keeps all.
  /// Weights are first summed in buckets, so that only the tokens of the bucket in which the mass
  /// is reached need an order among themselves.
  ///
  /// - Parameters:
  ///   - share: The mass.
  ///   - total: The weight that is all of the mass, where the least likely tokens are not here.
  mutating func keepNucleus(ofMass share: Float, of total: Double? = nil) {
    guard share < 1, count > 1 else { return }
    fillBuckets()
    let target = Double(share) * (total ?? mass)
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
