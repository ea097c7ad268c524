import CKernels

/// Short rows of logits as weights; what is not a number makes the whole row so.
extension Processor {
  /// Replaces each x by its share of the sum by the exponential.
  package func softmax(_ x: UnsafeMutablePointer<Float>, count: Int) {
    guard count > 0 else { return }
    var best = x[0]
    for index in 1..<max(1, count) where x[index] > best { best = x[index] }
    let blocks = Self.logitBlocks(count)
    let sum = withUnsafeTemporaryAllocation(of: Float.self, capacity: blocks) { sums in
      guard let base = sums.baseAddress else { return Float(1) }
      base.initialize(repeating: 0, count: blocks)
      kernels.pointee.weigh(
        x, count, nil, apus_weighing(best: best, sharpness: 1), x, base)
      return sums.reduce(0, +)
    }
    for index in 0..<count { x[index] /= sum }
  }

  /// Replaces each x by 1 / (1 + e^-x).
  package func sigmoid(_ x: UnsafeMutablePointer<Float>, count: Int) {
    let blocks = Self.logitBlocks(count)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, blocks)) { sums in
      guard let base = sums.baseAddress else { return }
      base.initialize(repeating: 0, count: max(1, blocks))
      kernels.pointee.weigh(
        x, count, nil, apus_weighing(best: 0, sharpness: -1), x, base)
    }
    for index in 0..<count { x[index] = 1 / (1 + x[index]) }
  }
}
