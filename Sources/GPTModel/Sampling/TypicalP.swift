/// Keeps the tokens that surprise about as much as a token does on average: locally typical sampling.
///
/// Meister et al. 2023, "Locally Typical Sampling".
struct TypicalP: Truncation {
  func removesTokens(_ parameters: SamplingParameters, of count: Int) -> Bool {
    parameters.typicalP < 1
  }

  func apply(
    to candidates: inout Candidates, _ parameters: SamplingParameters, _ context: SamplingContext
  ) {
    candidates.keepTypical(
      ofMass: parameters.typicalP, sharpness: Candidates.sharpness(of: parameters.temperature))
  }
}

extension Candidates {
  /// Keeps the fewest tokens that have a share of the mass, those first whose surprise is nearest to the
  /// entropy; at least one.
  ///
  /// - Parameters:
  ///   - share: The share; 1 or more keeps all.
  ///   - sharpness: The reciprocal of the temperature that the weights have.
  mutating func keepTypical(ofMass share: Float, sharpness: Float) {
    guard share < 1, count > 1 else { return }
    let total = mass
    let normalizer = logarithm(total)
    let (logits, best) = (logits, best)
    func surprise(_ index: Int) -> Double {
      normalizer - Double((logits[index] - best) * sharpness)
    }
    var entropy = 0.0
    for index in 0..<count where weights[index] > 0 {
      entropy += Double(weights[index]) / total * surprise(index)
    }
    func rank(_ index: Int) -> Rank {
      Rank(logit: -Float((surprise(index) - entropy).magnitude), index: index)
    }
    var heap = RankHeap(in: ranks)
    for index in 0..<count { heap.appendUnordered(~rank(index).bits) }
    heap.restoreOrder()
    let target = Double(share) * total
    var (collected, lowest) = (0.0, UInt64.max)
    while let next = heap.popFirst() {
      lowest = ~next
      collected += Double(weights[Rank(bits: lowest).index])
      if collected >= target && collected > 0 { break }
    }
    keep { rank($0).bits >= lowest }
  }
}
